-- What was noticed of stored accounts, so that each is told once: cases, and promises that were broken.
--
-- Whoever asks about an account writes here and holds its row of `due`, not that of `accounts`, which its writers hold
-- first: so nothing here refers to that, and a trigger forgets what goes with an account.
CREATE TABLE dunning.cases (
    account_id text NOT NULL,
    currency text NOT NULL,
    due_on date NOT NULL,
    opened_at timestamptz NOT NULL,     -- the first moment at which something of it was overdue and undisputed
    opened bigint NOT NULL,             -- what was open then, in minor units; it never changes
    invoices text NOT NULL,             -- JSON: what of it was open of each invoice
    noticed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_closed boolean NOT NULL,         -- as it was told last
    PRIMARY KEY (account_id, currency, due_on)
);
CREATE TABLE dunning.broken_promises (
    account_id text NOT NULL,
    promise text NOT NULL,
    PRIMARY KEY (account_id, promise)
);

-- What is noticed while its account is erased was written before: who asks holds the row of `due` that goes first.
CREATE FUNCTION dunning.forget_noticed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM dunning.cases c USING stored_before o WHERE c.account_id = o.id;
    DELETE FROM dunning.broken_promises b USING stored_before o WHERE b.account_id = o.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_noticed AFTER DELETE ON dunning.accounts REFERENCING OLD TABLE AS stored_before
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.forget_noticed();

-- What is stored already is looked through.
INSERT INTO dunning.due_marks (track) SELECT t.name FROM dunning.tracks t;
