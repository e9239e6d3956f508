-- What is known of accounts as columns, so that figures are added up instead of drawn from all that was ever written.
-- It holds nothing that the books, the history and the outcomes do not: it can be thrown away and made anew.

CREATE TABLE dunning.known_accounts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL UNIQUE,
    ruleset_id text,                    -- who answered about it last: by whose terms it was made, if it has any
    made_by text NOT NULL DEFAULT '',   -- which terms those were, and the form of the columns; anything else is out of date; or aside
    currencies text[] NOT NULL DEFAULT '{}',
    words text NOT NULL DEFAULT '{}',   -- JSON: what its cases are grouped by
    problem text                        -- why it cannot be read, and no figure counts it; aside, the fault
);
CREATE INDEX known_faults ON dunning.known_accounts (number) WHERE made_by = 'aside' AND problem IS NOT NULL;

-- What was known of a due date from the end of a local day on, and no more at that of another: a piece of a past day
-- stays as it is.
CREATE TABLE dunning.known_pieces (
    account bigint NOT NULL,
    currency text NOT NULL,
    due_on date NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL,
    cases bytea NOT NULL,               -- records of engine/recovery/columns.py
    moves bytea NOT NULL,
    case_labels bytea NOT NULL,
    move_labels bytea NOT NULL,
    invoices bytea NOT NULL,
    payments bytea NOT NULL,
    PRIMARY KEY (account, currency, due_on, from_on)
);

-- Accounts of which something was written since. Only ever added to by whoever writes, so that nobody waits here.
CREATE TABLE dunning.known_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL
);
CREATE INDEX known_marks_of_account ON dunning.known_marks (account_id);

CREATE FUNCTION dunning.mark_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dunning.known_marks (account_id) SELECT DISTINCT n.account_id FROM now_written n;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_known AFTER INSERT ON dunning.books REFERENCING NEW TABLE AS now_written
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.mark_known();
CREATE TRIGGER mark_known AFTER INSERT ON dunning.history REFERENCING NEW TABLE AS now_written
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.mark_known();
CREATE TRIGGER mark_known AFTER INSERT ON dunning.outcomes REFERENCING NEW TABLE AS now_written
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.mark_known();

-- Whoever answers about an account says in which zone it is and how long a promise can be kept.
CREATE FUNCTION dunning.mark_known_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dunning.known_marks (account_id) VALUES (NEW.account_id);
    RETURN NULL;
END $$;
CREATE TRIGGER mark_known_by_another AFTER UPDATE OF ruleset_id ON dunning.due
    FOR EACH ROW WHEN (NEW.ruleset_id IS DISTINCT FROM OLD.ruleset_id)
    EXECUTE FUNCTION dunning.mark_known_by_another();

-- Terms that may have changed are a mark of no account: what was made by those of before is looked for.
CREATE FUNCTION dunning.mark_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dunning.known_marks (account_id) VALUES ('');
    RETURN NULL;
END $$;
CREATE TRIGGER mark_terms AFTER INSERT ON dunning.ruleset_versions
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.mark_terms();
CREATE TRIGGER mark_terms AFTER INSERT ON dunning.ruleset_events
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.mark_terms();

-- Whoever makes columns holds the row of known_accounts first and drops marks last, and so does this: neither waits for
-- the other in turn, and none are written of an account that is gone.
CREATE FUNCTION dunning.forget_known() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[];
BEGIN
    WITH forgotten AS (
        DELETE FROM dunning.known_accounts k USING stored_before o WHERE k.account_id = o.id RETURNING k.number
    )
    SELECT array_agg(f.number) INTO gone FROM forgotten f;
    DELETE FROM dunning.known_pieces p WHERE p.account = ANY (gone);
    DELETE FROM dunning.known_marks m USING stored_before o WHERE m.account_id = o.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_known AFTER DELETE ON dunning.accounts REFERENCING OLD TABLE AS stored_before
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.forget_known();
