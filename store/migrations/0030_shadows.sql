-- Which version of a ruleset decides in the shadow of what is in use, for how many percent of accounts, until when.
CREATE TABLE dunning.shadows (
    ruleset_id text PRIMARY KEY,
    number integer NOT NULL,
    percent smallint NOT NULL CHECK (percent BETWEEN 1 AND 100),
    until timestamptz NOT NULL,
    begun_at timestamptz NOT NULL,
    begun_by text NOT NULL,
    FOREIGN KEY (ruleset_id, number) REFERENCES dunning.ruleset_versions
);

-- What it would have decided beside what was decided: no part of the log of decisions, and gone with the account.
CREATE TABLE dunning.shadow_decisions (
    ruleset_id text NOT NULL,
    decision_id uuid NOT NULL,        -- that of what was decided
    account_id text NOT NULL,
    at timestamptz NOT NULL,
    champion text NOT NULL,           -- outcome, rule, action and channel, as JSON
    challenger text NOT NULL,
    is_same boolean NOT NULL,         -- what is to be done is the same in every part
    currency text,
    amount numeric,                   -- what is claimed
    PRIMARY KEY (ruleset_id, decision_id)
);
CREATE INDEX shadow_decisions_of_account ON dunning.shadow_decisions (account_id);
CREATE INDEX shadow_decisions_by_age ON dunning.shadow_decisions (at);
-- The last of each account, as it is summarised.
CREATE INDEX shadow_decisions_last ON dunning.shadow_decisions (ruleset_id, account_id, at DESC, decision_id DESC);
