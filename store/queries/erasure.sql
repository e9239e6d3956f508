-- name: announce
-- Tell the history's guard which account this transaction erases.
SELECT set_config('dunning.erasing', $1, true)

-- name: erase_history
-- Take away what was executed for an account.
DELETE FROM dunning.history WHERE account_id = $1

-- name: erase_outcomes
-- Take away what came of an account's debt.
DELETE FROM dunning.outcomes WHERE account_id = $1

-- name: erase_books
-- Take away what the books said of an account.
DELETE FROM dunning.books WHERE account_id = $1

-- name: erase_shadows
-- Take away what shadows would have decided of an account.
DELETE FROM dunning.shadow_decisions WHERE account_id = $1

-- name: erase_aged_shadows
-- Take away some of what shadows would have decided before an instant; answers how many there were.
WITH aged AS (
    SELECT ruleset_id, decision_id FROM dunning.shadow_decisions WHERE at < $1 ORDER BY at LIMIT $2
), erased AS (
    DELETE FROM dunning.shadow_decisions s USING aged
    WHERE s.ruleset_id = aged.ruleset_id AND s.decision_id = aged.decision_id
)
SELECT count(*) FROM aged

-- name: erase_account
-- Take away an account's document.
DELETE FROM dunning.accounts WHERE id = $1

-- name: erase_decisions
-- Take the personal facts out of an account's logged decisions; the log lines stay.
UPDATE dunning.decisions
SET answer = NULL, input = NULL, salt = NULL, related = NULL, related_salt = NULL
WHERE account_id = $1 AND salt IS NOT NULL

-- name: erase_related
-- Take an account's entries out of the logged decisions about other accounts of its party.
UPDATE dunning.decisions
SET related = NULL, related_salt = NULL
WHERE related_accounts @> ARRAY[$1::text] AND related_salt IS NOT NULL

-- name: hold_answers
-- Let no answer be kept until this transaction ends, so that none slips by.
SELECT pg_advisory_xact_lock(7310562, 3)

-- name: erase_answers
-- Take away kept answers that speak of an account.
DELETE FROM dunning.idempotency_keys WHERE account_ids @> ARRAY[$1::text]

-- name: find_latest
-- How long the log was after the last erasure.
SELECT coalesce(max(leaf_index) + 1, 0) FROM dunning.log_entries WHERE kind = 'erasure'

-- name: find_aged
-- Whether there are facts of decisions older than an id.
SELECT EXISTS (SELECT FROM dunning.decisions WHERE id < $1::text::uuid AND (salt IS NOT NULL OR related_salt IS NOT NULL))

-- name: erase_aged
-- Take the facts out of some decisions between two ids; answers the last id looked at and how many had facts.
WITH aged AS (
    SELECT id FROM dunning.decisions WHERE id > $1::text::uuid AND id < $2::text::uuid ORDER BY id LIMIT $3
), erased AS (
    UPDATE dunning.decisions d
    SET answer = NULL, input = NULL, salt = NULL, related = NULL, related_salt = NULL
    FROM aged
    WHERE d.id = aged.id AND (d.salt IS NOT NULL OR d.related_salt IS NOT NULL)
    RETURNING d.id
)
SELECT (SELECT id::text FROM aged ORDER BY id DESC LIMIT 1) AS last_id, (SELECT count(*) FROM aged) AS seen_count,
    (SELECT count(*) FROM erased) AS erased_count
