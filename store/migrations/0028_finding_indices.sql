-- Concurrently: what decisions and stored accounts are found by.

-- By what won, what is done, by which channel, and by variant. Only decisions to act have the first three and only those
-- of an experiment the last, so that logging the others costs nothing more.
CREATE INDEX CONCURRENTLY IF NOT EXISTS decisions_of_rule ON dunning.decisions (rule, id) WHERE rule IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS decisions_of_action ON dunning.decisions (action, id) WHERE action IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS decisions_of_channel ON dunning.decisions (channel, id)
    WHERE channel IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS decisions_of_variant ON dunning.decisions
    USING gin (dunning.variants_of(answer))
    WHERE answer IS NOT NULL AND strpos(answer, '"variants":{},"warnings":') = 0;

-- By the beginning of their id, whose they are and where, and which ruleset answered last.
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_by_prefix ON dunning.accounts (id text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_of_country ON dunning.accounts (country, id)
    WHERE country IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_of_segment ON dunning.accounts (segment, id)
    WHERE segment IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_of_party_by_id ON dunning.accounts (party, id)
    WHERE party IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS dunning.accounts_of_party;
CREATE INDEX CONCURRENTLY IF NOT EXISTS due_of_ruleset ON dunning.due (ruleset_id, account_id)
    WHERE ruleset_id IS NOT NULL;
