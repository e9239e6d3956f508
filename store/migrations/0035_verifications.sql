-- What came of proving the log from the console: who began it, how far it is, and what it found.
CREATE TABLE dunning.verifications (
    id uuid PRIMARY KEY,
    actor text NOT NULL,
    name text NOT NULL,
    witness_size bigint,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    checked bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    result text,
    trouble text
);
