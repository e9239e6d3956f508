-- name: list
-- A page of what is to be done, from behind a place on: most money first, then what is owed longest.
SELECT d.*, dunning.state_of(d, $1) AS state, coalesce(d.refused_until > $1, false) AS is_refused
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
RETURNING d.*, 'taken' AS state, false AS is_refused

-- name: read
-- How it stands with an account in a track.
SELECT d.*, dunning.state_of(d, $3) AS state, coalesce(d.refused_until > $3, false) AS is_refused
FROM dunning.due d WHERE d.account_id = $1 AND d.track = $2

-- name: hold
-- What is to be done by a decision, held until this transaction ends.
SELECT d.*, dunning.state_of(d, $2) AS state, coalesce(d.refused_until > $2, false) AS is_refused FROM dunning.due d
WHERE d.decision_id = $1::text::uuid AND d.outcome = 'act' AND d.problem IS NULL
FOR UPDATE

-- name: snooze
-- Let it rest; who had taken it has it no more. A refusal holds all the same.
UPDATE dunning.due SET snoozed_until = $3, snooze_reason = $4, lease = NULL, taken_by = NULL, taken_until = NULL
WHERE account_id = $1 AND track = $2

-- name: refuse
-- Have it not done; who had taken it has it no more. An approval is taken back.
UPDATE dunning.due SET refused_until = $3, refusal_reason = $4, approved_by = NULL, approved_at = NULL,
    lease = NULL, taken_by = NULL, taken_until = NULL
WHERE account_id = $1 AND track = $2

-- name: assign
-- Say who is to do it; nobody when null.
UPDATE dunning.due SET assigned_to = $3 WHERE account_id = $1 AND track = $2

-- name: approve
-- Let it be done; a refusal holds no more, and what rests otherwise rests on.
UPDATE dunning.due SET approved_by = $3, approved_at = $4, refused_until = NULL, refusal_reason = NULL
WHERE account_id = $1 AND track = $2

-- name: remember
-- Keep what was said of a step for when its account comes back to it.
INSERT INTO dunning.said AS s (account_id, track, ruleset_id, rule, action, episode, snoozed_until, snooze_reason,
    refused_until, refusal_reason, assigned_to)
SELECT account_id, track, ruleset_id, coalesce(rule, ''), action, coalesce(episode, ''), snoozed_until, snooze_reason,
    refused_until, refusal_reason, assigned_to
FROM dunning.due WHERE account_id = $1 AND track = $2
ON CONFLICT (account_id, track, ruleset_id, rule, action, episode) DO UPDATE
SET snoozed_until = excluded.snoozed_until, snooze_reason = excluded.snooze_reason,
    refused_until = excluded.refused_until, refusal_reason = excluded.refusal_reason,
    assigned_to = excluded.assigned_to

-- name: read_publisher
-- Who published a version.
SELECT publisher FROM dunning.ruleset_versions WHERE ruleset_id = $1 AND number = $2
