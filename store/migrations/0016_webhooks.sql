-- Who is sent which events, and how each delivery went.
CREATE TABLE dunning.webhooks (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    types text[],                       -- null: all
    in_order boolean NOT NULL,          -- events of one account one after another
    allow_private boolean NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('v1a', 'v1')),
    secret bytea NOT NULL,              -- what is signed with: an Ed25519 seed, or a key of HMAC
    old_secret bytea,                   -- what was signed with before, and still is until then
    old_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failing_since timestamptz,          -- the first failure since the last success
    ended_at timestamptz,               -- nothing is sent any more
    ended_why text
);

CREATE TABLE dunning.deliveries (
    webhook_id uuid NOT NULL REFERENCES dunning.webhooks ON DELETE CASCADE,
    sequence bigint NOT NULL REFERENCES dunning.events (sequence) ON DELETE CASCADE,
    account_id text,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,       -- while it waits: when it is sent
    leased_until timestamptz,           -- whoever sends it has it until then
    last_at timestamptz,
    last_status integer,
    last_error text,
    PRIMARY KEY (webhook_id, sequence)
);
CREATE INDEX deliveries_waiting ON dunning.deliveries (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_in_order ON dunning.deliveries (webhook_id, account_id, sequence) WHERE state = 'waiting';
CREATE INDEX deliveries_of_event ON dunning.deliveries (sequence);
