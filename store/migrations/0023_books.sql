-- What the books said of an account over time: figures of a past day are drawn from what they said then. Written with
-- the document, by whoever writes it; append-only, and gone only with its account.
CREATE TABLE dunning.books (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- the order they were known in
    account_id text NOT NULL REFERENCES dunning.accounts,
    document text NOT NULL,             -- JSON: what figures read of the account document
    known_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX books_in_order ON dunning.books (account_id, row_id);

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON dunning.books
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_unless_erasing();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON dunning.books
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();

-- What figures read of a document, its digits as written; the whole of one that PostgreSQL cannot read (\u0000, half a
-- pair, too deep).
CREATE FUNCTION dunning.books_of(document text) RETURNS text STRICT IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    facts json := document;
BEGIN
    RETURN json_strip_nulls(json_build_object(
        'id', facts -> 'id', 'currency', facts -> 'currency', 'timezone', facts -> 'timezone',
        'segment', facts -> 'segment', 'country', facts -> 'country',
        'decline_category', facts -> 'decline_category', 'disputed', facts -> 'disputed',
        'invoices', facts -> 'invoices'
    ))::text;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
    RETURN document;
END $$;

CREATE FUNCTION dunning.keep_new_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dunning.books (account_id, document)
    SELECT n.id, dunning.books_of(n.document) FROM now_stored n ORDER BY n.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_new_books AFTER INSERT ON dunning.accounts REFERENCING NEW TABLE AS now_stored
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.keep_new_books();

-- Of an account that was stored before there was this table, what it was until now is kept too.
CREATE FUNCTION dunning.keep_changed_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dunning.books (account_id, document, known_at)
    SELECT o.id, dunning.books_of(o.document), o.updated_at
    FROM stored_before o JOIN now_stored n USING (id)
    WHERE n.document <> o.document AND NOT EXISTS (SELECT FROM dunning.books b WHERE b.account_id = o.id)
    ORDER BY o.id;
    INSERT INTO dunning.books (account_id, document)
    SELECT n.id, dunning.books_of(n.document)
    FROM now_stored n JOIN stored_before o USING (id)
    WHERE n.document <> o.document AND dunning.books_of(n.document) <> dunning.books_of(o.document)
    ORDER BY n.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_changed_books AFTER UPDATE ON dunning.accounts
    REFERENCING OLD TABLE AS stored_before NEW TABLE AS now_stored
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.keep_changed_books();
