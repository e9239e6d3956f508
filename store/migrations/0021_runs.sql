-- Dunning runs over the stored accounts: a proposal that changes nothing, what people said of it, and its release.

CREATE TABLE dunning.runs (
    id uuid PRIMARY KEY,
    state text NOT NULL,
    track text NOT NULL,
    as_of text NOT NULL,                -- a date, or an instant with its offset
    at_most text NOT NULL,              -- JSON: the most contacts of a channel on a day
    rulesets text,                      -- JSON: the versions that decide; null until the first account
    accounts_total bigint NOT NULL,     -- how many were stored when it was asked for
    accounts_count bigint NOT NULL DEFAULT 0,   -- how many are decided
    digest bytea,                       -- of what was asked and of every item so far
    after_id text NOT NULL DEFAULT '',  -- the last account that the work under way has done
    after_money numeric,                -- and its place in the order of money
    used text NOT NULL DEFAULT '[]',    -- JSON: the contacts that are counted so far, by day and channel
    problem text,
    proposed_by text NOT NULL,
    proposed_by_name text,
    proposed_at timestamptz NOT NULL,
    approved_by text,                   -- who approved all; items that somebody approved by name say so themselves
    approved_by_name text,
    approved_at timestamptz,
    is_all_approved boolean NOT NULL DEFAULT false,
    released_by text,
    released_by_name text,
    released_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX runs_at_work ON dunning.runs (id) WHERE state IN ('proposing', 'rationing', 'releasing');

CREATE TABLE dunning.run_items (
    run_id uuid NOT NULL REFERENCES dunning.runs ON DELETE CASCADE,
    account_id text NOT NULL REFERENCES dunning.accounts ON DELETE CASCADE,   -- an erasure takes its items along
    state text NOT NULL,
    outcome text NOT NULL,
    ruleset_id text,
    version integer,
    rule text,
    title text,
    level integer,
    action text,
    channel text,
    also text[] NOT NULL,               -- the channels of the actions along with it
    scheduled_for text,
    scheduled_on date,
    episode text,
    reason text,
    currency text,
    amount numeric,                     -- the claim without fee and interest
    fee numeric,
    claim numeric,                      -- the claim's total
    note text,                          -- why it was excluded or held, or what has changed
    noted_by text,
    decision_id uuid,                   -- what was released
    PRIMARY KEY (run_id, account_id)
);
CREATE INDEX run_items_by_money ON dunning.run_items (run_id, (-coalesce(claim, 0)), account_id);
CREATE INDEX run_items_of_account ON dunning.run_items (account_id);

-- How it stands with an item: who approves a run whole approves every item that is still only proposed.
CREATE FUNCTION dunning.state_of_item(i dunning.run_items, r dunning.runs) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN i.state = 'proposed' AND r.is_all_approved THEN 'approved' ELSE i.state END
$$;

-- The run by which an answer was released.
ALTER TABLE dunning.due ADD COLUMN run_id uuid;
CREATE INDEX due_run ON dunning.due (run_id) WHERE run_id IS NOT NULL;
