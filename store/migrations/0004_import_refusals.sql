-- An import keeps what it refused, and the digest of the lines that are done: another file under its id is noticed.
ALTER TABLE dunning.imports
    ADD COLUMN digest bytea,                            -- SHA-256 of the lines done; null: from before it was kept
    ADD COLUMN refused_count bigint NOT NULL DEFAULT 0;

CREATE TABLE dunning.import_refusals (
    import_id uuid NOT NULL REFERENCES dunning.imports,
    line bigint NOT NULL,
    pointer text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (import_id, line)
);
