-- Secret addresses of feeds of one's calls: who knows one reads the feed. One for each assignee; only its hash is kept.
CREATE TABLE dunning.calendars (
    assigned_to text PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
