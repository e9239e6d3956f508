-- name: list
-- A page of what is to be done, from behind a place on: most money first, then what is owed longest.
SELECT d.*, dunning.state_of(d, $1) AS state
FROM dunning.due d
WHERE dunning.is_work(d, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    AND ($11::text IS NULL OR d.run_id = $11::text::uuid)
    AND ($12::numeric IS NULL OR (-coalesce(d.collectable, 0), coalesce(d.episode, 'none'), d.account_id, d.track)
        > ($12::numeric, $13::text, $14::text, $15::text))
ORDER BY -coalesce(d.collectable, 0), coalesce(d.episode, 'none'), d.account_id, d.track
LIMIT $16

-- name: take
-- Take what is to be done, in the same order, for a while; what is assigned is taken only for its assignee.
WITH chosen AS MATERIALIZED (
    SELECT d.account_id, d.track
    FROM dunning.due d
    WHERE dunning.is_work(d, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        AND ($8::text IS NOT NULL OR d.assigned_to IS NULL)
        AND ($11::text IS NULL OR d.run_id = $11::text::uuid)
    ORDER BY -coalesce(d.collectable, 0), coalesce(d.episode, 'none'), d.account_id, d.track
    LIMIT $12
    FOR UPDATE SKIP LOCKED
)
UPDATE dunning.due d
SET lease = gen_random_uuid(), taken_by = $13, taken_until = $14
FROM chosen c
WHERE d.account_id = c.account_id AND d.track = c.track
RETURNING d.*, 'taken' AS state

-- name: read
-- How it stands with an account in a track.
SELECT d.*, dunning.state_of(d, $3) AS state FROM dunning.due d WHERE d.account_id = $1 AND d.track = $2

-- name: hold
-- What is to be done by a decision, held until this transaction ends.
SELECT d.*, dunning.state_of(d, $2) AS state FROM dunning.due d
WHERE d.decision_id = $1::text::uuid AND d.outcome = 'act' AND d.problem IS NULL
FOR UPDATE

-- name: snooze
-- Let it rest; who had taken it has it no more. A refusal takes back an approval.
UPDATE dunning.due SET snoozed_until = $3, snooze_reason = $4, is_refused = $5::boolean,
    approved_by = CASE WHEN NOT $5::boolean THEN approved_by END,
    approved_at = CASE WHEN NOT $5::boolean THEN approved_at END,
    lease = NULL, taken_by = NULL, taken_until = NULL
WHERE account_id = $1 AND track = $2

-- name: assign
-- Say who is to do it; nobody when null.
UPDATE dunning.due SET assigned_to = $3 WHERE account_id = $1 AND track = $2

-- name: approve
-- Let it be done; a refusal holds no more, and what rests otherwise rests on.
UPDATE dunning.due SET approved_by = $3, approved_at = $4, is_refused = false,
    snoozed_until = CASE WHEN NOT is_refused THEN snoozed_until END,
    snooze_reason = CASE WHEN NOT is_refused THEN snooze_reason END
WHERE account_id = $1 AND track = $2

-- name: read_publisher
-- Who published a version.
SELECT publisher FROM dunning.ruleset_versions WHERE ruleset_id = $1 AND number = $2
