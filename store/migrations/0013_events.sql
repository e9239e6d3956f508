-- What other systems are told, written in the transaction that causes it.
CREATE TABLE dunning.events (
    id uuid PRIMARY KEY,
    written bigint GENERATED ALWAYS AS IDENTITY,
    sequence bigint UNIQUE,             -- its place, given once it is committed: whoever sees one sees all before it
    type text NOT NULL,
    account_id text,                    -- whose events follow each other
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data text NOT NULL                  -- JSON: ids, types and versions, never facts
);
CREATE INDEX events_new ON dunning.events (written) WHERE sequence IS NULL;

-- The last place that was given, and the last whose event is forgotten. Whoever gives places holds it.
CREATE TABLE dunning.events_end (
    is_end boolean PRIMARY KEY DEFAULT true CHECK (is_end),
    last bigint NOT NULL DEFAULT 0,
    forgotten bigint NOT NULL DEFAULT 0
);
INSERT INTO dunning.events_end DEFAULT VALUES;
