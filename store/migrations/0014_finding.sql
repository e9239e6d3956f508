-- Decisions are found by what won, what is done, by which channel, and by variant. Only decisions to act have the first
-- three and only those of an experiment the last, so that logging the others costs nothing more.
CREATE INDEX decisions_of_rule ON dunning.decisions (rule, id) WHERE rule IS NOT NULL;
CREATE INDEX decisions_of_action ON dunning.decisions (action, id) WHERE action IS NOT NULL;
CREATE INDEX decisions_of_channel ON dunning.decisions (channel, id) WHERE channel IS NOT NULL;

-- The variants of an answer, each as `experiment:variant`. Read as text: what an answer quotes may be no jsonb (\u0000).
CREATE FUNCTION dunning.variants_of(answer text) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT string_to_array(replace(substring(answer FROM '"variants":\{([^}]*)\},"warnings":'), '"', ''), ',')
$$;
CREATE INDEX decisions_of_variant ON dunning.decisions USING gin (dunning.variants_of(answer))
    WHERE answer IS NOT NULL AND strpos(answer, '"variants":{},"warnings":') = 0;

-- Stored accounts are found by whose they are and where; the words are those of the document, written with it. What is
-- stored already is filled in by 0019, in batches.
ALTER TABLE dunning.accounts ADD COLUMN country text, ADD COLUMN segment text;

-- A JSON value that is a word; null for any other, and one that is too long.
CREATE FUNCTION dunning.word_of(value json) RETURNS text STRICT IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN json_typeof(value) = 'string' AND length(value #>> '{}') <= 64 THEN value #>> '{}' END
$$;

-- A server of the program before this one writes documents without these words. Where PostgreSQL cannot read a document
-- (\u0000, half a pair, too deep), they are what its writer says.
CREATE FUNCTION dunning.write_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    facts json;
BEGIN
    facts := NEW.document;
    NEW.country := dunning.word_of(facts -> 'country');
    NEW.segment := dunning.word_of(facts -> 'segment');
    RETURN NEW;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
    RETURN NEW;
END $$;
CREATE TRIGGER write_words BEFORE INSERT OR UPDATE OF document ON dunning.accounts
    FOR EACH ROW EXECUTE FUNCTION dunning.write_words();
CREATE INDEX accounts_by_prefix ON dunning.accounts (id text_pattern_ops);
CREATE INDEX accounts_of_country ON dunning.accounts (country, id) WHERE country IS NOT NULL;
CREATE INDEX accounts_of_segment ON dunning.accounts (segment, id) WHERE segment IS NOT NULL;
DROP INDEX dunning.accounts_of_party;
CREATE INDEX accounts_of_party ON dunning.accounts (party, id) WHERE party IS NOT NULL;
CREATE INDEX due_of_ruleset ON dunning.due (ruleset_id, account_id) WHERE ruleset_id IS NOT NULL;
