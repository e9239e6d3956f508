-- What came of a debt: payments, promises, disputes; append-only like the history, and gone only with the account.
CREATE TABLE dunning.outcomes (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- the order they were recorded in
    account_id text NOT NULL REFERENCES dunning.accounts,
    id text NOT NULL,                   -- the caller's, one of its own within the account
    type text NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL,              -- JSON as given, with the amount that was left out
    is_amount_drawn boolean NOT NULL,   -- whether the amount was left out, and is what the account owed
    salt bytea NOT NULL,                -- the line in the log commits to the outcome by it; it goes with it
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, id)
);
CREATE INDEX outcomes_in_order ON dunning.outcomes (account_id, row_id);

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON dunning.outcomes
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_unless_erasing();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON dunning.outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();
