-- Who is signed in to the console: a session stands for a token until it ends. Only its secret's hash is kept.
CREATE TABLE dunning.sessions (
    secret_hash bytea PRIMARY KEY,
    token_id uuid NOT NULL REFERENCES dunning.tokens (id),
    ends_at timestamptz NOT NULL
);
CREATE INDEX sessions_ends_at ON dunning.sessions (ends_at);
