-- name: begin
-- Let a version of a ruleset decide in the shadow of what is in use, in the place of any other.
INSERT INTO dunning.shadows (ruleset_id, number, percent, until, begun_at, begun_by)
VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
ON CONFLICT (ruleset_id) DO UPDATE
SET number = excluded.number, percent = excluded.percent, until = excluded.until, begun_at = excluded.begun_at,
    begun_by = excluded.begun_by
RETURNING ruleset_id, number, percent, until, begun_at

-- name: end
-- End a ruleset's shadow, over or not.
DELETE FROM dunning.shadows WHERE ruleset_id = $1
RETURNING ruleset_id, number, percent, until, begun_at, clock_timestamp() AS ended_at

-- name: forget
-- Forget some of what a ruleset's shadows that are gone would have decided; answers how many there were. What somebody
-- erases just now is passed over: nobody is waited for who may wait for this.
WITH old AS (
    SELECT s.ruleset_id, s.decision_id
    FROM dunning.shadow_decisions s LEFT JOIN dunning.shadows w USING (ruleset_id)
    WHERE s.ruleset_id = $1 AND s.begun_at IS DISTINCT FROM w.begun_at
    LIMIT $2
    FOR UPDATE OF s SKIP LOCKED
), gone AS (
    DELETE FROM dunning.shadow_decisions s
    USING old
    WHERE s.ruleset_id = old.ruleset_id AND s.decision_id = old.decision_id
)
SELECT count(*) FROM old

-- name: read
-- The last shadow of a ruleset, over or not.
SELECT ruleset_id, number, percent, until, begun_at FROM dunning.shadows WHERE ruleset_id = $1

-- name: list
-- The shadows that are not over.
SELECT ruleset_id, number, percent, until, begun_at FROM dunning.shadows WHERE until > $1 ORDER BY ruleset_id

-- name: list_all
-- The last shadow of each ruleset, over or not.
SELECT ruleset_id, number, percent, until, begun_at FROM dunning.shadows ORDER BY ruleset_id

-- name: hold
-- Whether a shadow is still there, which it is until this transaction ends: who begins another waits for it.
SELECT true FROM dunning.shadows WHERE ruleset_id = $1 AND begun_at = $2 FOR SHARE

-- name: record
-- Keep what a shadow that is held would have decided, where what was decided still has its facts; who erases an account
-- waits for this, or this for them.
INSERT INTO dunning.shadow_decisions
    (ruleset_id, decision_id, account_id, at, champion, challenger, is_same, currency, amount, begun_at)
SELECT $1, d.id, d.account_id, d.at, $3, $4, $5, $6, $7, $8
FROM dunning.decisions d
WHERE d.id = $2::text::uuid AND d.answer IS NOT NULL
FOR SHARE OF d
ON CONFLICT DO NOTHING

-- name: summarise
-- How many accounts, each as last asked, went from which decision to which, and what is claimed of them.
SELECT l.champion, l.challenger, l.currency, count(*) AS accounts, count(*) FILTER (WHERE NOT l.is_same) AS different,
    sum(l.amount) AS amount
FROM (
    SELECT DISTINCT ON (account_id) account_id, champion, challenger, is_same, currency, amount
    FROM dunning.shadow_decisions
    WHERE ruleset_id = $1 AND begun_at = (SELECT w.begun_at FROM dunning.shadows w WHERE w.ruleset_id = $1)
    ORDER BY account_id, at DESC, decision_id DESC
) l
GROUP BY l.champion, l.challenger, l.currency
ORDER BY different DESC, accounts DESC, l.champion, l.challenger, l.currency

-- name: list_different
-- The first accounts of which something else would have been done, each as first asked.
SELECT f.account_id, f.decision_id::text AS decision_id, f.at, f.champion, f.challenger, f.currency, f.amount
FROM (
    SELECT DISTINCT ON (account_id) account_id, decision_id, at, champion, challenger, currency, amount
    FROM dunning.shadow_decisions
    WHERE ruleset_id = $1 AND NOT is_same
        AND begun_at = (SELECT w.begun_at FROM dunning.shadows w WHERE w.ruleset_id = $1)
    ORDER BY account_id, at, decision_id
) f
ORDER BY f.at, f.account_id
LIMIT $2
