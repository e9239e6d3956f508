-- The first tables: ruleset versions, accounts, history, decision log, tokens, idempotency keys.

-- What is written for good stays: no UPDATE, no DELETE, no TRUNCATE, for the tables' owner neither.
CREATE FUNCTION dunning.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of dunning.% is refused: it is written once and for good', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;


CREATE TABLE dunning.ruleset_versions (
    ruleset_id text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    digest text NOT NULL,
    text text NOT NULL,                 -- as written
    facts_text text,                    -- the folder's facts.yaml, as written
    suite_text text,                    -- the authors' suite, as written
    canonical text NOT NULL,            -- what the digest is of
    holidays text NOT NULL,             -- JSON: the dates this version may use, so that it decides the same for ever
    diagnostics text NOT NULL,          -- JSON: the warnings it was published with
    effective_from date,
    effective_until date,
    repository text,
    commit text,
    author text,
    committer text,
    committed_at timestamptz,
    publisher text NOT NULL,            -- the token's id, or who ran the command
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (ruleset_id, number),
    UNIQUE (ruleset_id, digest)
);

CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.ruleset_versions
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.ruleset_versions
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();

-- What happened to a version afterwards; the last retire or activate says whether it is in use.
CREATE TABLE dunning.ruleset_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ruleset_id text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('retire', 'activate', 'approve')),
    actor text NOT NULL,
    note text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (ruleset_id, number) REFERENCES dunning.ruleset_versions
);
CREATE INDEX ON dunning.ruleset_events (ruleset_id, number, id);

CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.ruleset_events
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.ruleset_events
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();


-- One sequence for all accounts: an account deleted and stored again never shows an old revision (ETag) again.
CREATE SEQUENCE dunning.account_revisions;

CREATE TABLE dunning.accounts (
    id text PRIMARY KEY,
    party text,
    document text NOT NULL,             -- JSON as given; text, not jsonb: its digits are kept, and it may hold \u0000
    revision bigint NOT NULL DEFAULT nextval('dunning.account_revisions'),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX accounts_of_party ON dunning.accounts (party) WHERE party IS NOT NULL;

-- How far an import came, written in the same transaction as its batch.
CREATE TABLE dunning.imports (
    id uuid PRIMARY KEY,
    lines_done bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);


CREATE TABLE dunning.history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- the order given, for entries at one instant
    account_id text NOT NULL REFERENCES dunning.accounts,
    decision_id uuid,
    at timestamptz NOT NULL,
    entry text NOT NULL,                -- JSON as given
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON dunning.history (account_id, at, id);
CREATE UNIQUE INDEX ON dunning.history (decision_id) WHERE decision_id IS NOT NULL;

-- History goes only with its account: the erasure says so to the trigger for the length of its transaction.
CREATE FUNCTION dunning.refuse_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('dunning.erasing', true) = OLD.account_id THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of dunning.% is refused: it goes only with its account', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON dunning.history
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_unless_erasing();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON dunning.history
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();


-- The log line is for good. The answer and the input name a person: they can be taken away, with the salt that ties
-- them to the line's commitment = sha256(salt, length of answer, answer, input).
CREATE TABLE dunning.decisions (
    id uuid PRIMARY KEY,                -- version 7: sorts by time
    at timestamptz NOT NULL,            -- the instant in the id
    account_id text NOT NULL,
    track text NOT NULL,
    ruleset_id text,                    -- null with version and digest: not covered
    version integer,
    digest text,
    rule text,
    outcome text NOT NULL,
    action text,
    channel text,
    as_of timestamptz NOT NULL,
    commitment bytea NOT NULL,
    answer text,                        -- the decision, JSON as answered
    input text,                         -- JSON: the account, history and options it was made from
    salt bytea,
    CHECK ((answer IS NULL) = (salt IS NULL) AND (input IS NULL) = (salt IS NULL))
) WITH (toast_tuple_target = 8160);     -- an answer and its input stay in the row: compressing them costs more
ALTER TABLE dunning.decisions ALTER COLUMN answer SET STORAGE EXTERNAL, ALTER COLUMN input SET STORAGE EXTERNAL;
CREATE INDEX decisions_of_account ON dunning.decisions (account_id, id);

CREATE FUNCTION dunning.refuse_unless_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased dunning.decisions := OLD;
BEGIN
    erased.answer := NULL;
    erased.input := NULL;
    erased.salt := NULL;
    IF NEW IS NOT DISTINCT FROM erased THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE of dunning.decisions is refused: only facts, answer and salt together may be erased'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER erasable_rows BEFORE UPDATE ON dunning.decisions
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_unless_erasure();
CREATE TRIGGER append_only_rows BEFORE DELETE ON dunning.decisions
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON dunning.decisions
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();

-- That an account was erased, when and by whom; never what was in it.
CREATE TABLE dunning.erasures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL,
    actor text NOT NULL,
    decisions_count bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.erasures
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.erasures
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();


CREATE TABLE dunning.tokens (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    secret_hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);


CREATE TABLE dunning.idempotency_keys (
    token_id text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,                     -- null while the first request is being answered
    body text,
    held_until timestamptz NOT NULL,    -- a request that died without an answer lets go of its key then
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX ON dunning.idempotency_keys (expires_at);
