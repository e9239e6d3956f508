-- name: hold
-- Two accounts, held until the transaction ends, always in one order.
SELECT id, document FROM dunning.accounts WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE

-- name: list_history
-- What was executed for an account alone, in the order it was recorded.
SELECT id, decision_id::text, at, entry, recorded_at FROM dunning.history WHERE account_id = $1 ORDER BY id

-- name: record_entry
-- Record an entry of a merged account for the one that it went over to, as known since it was first recorded.
INSERT INTO dunning.history (account_id, decision_id, at, entry, salt, recorded_at)
VALUES ($1, $2::text::uuid, $3, $4, $5, $6)
RETURNING id, account_id, decision_id::text, at, recorded_at, entry

-- name: find
-- The last line that says that an account went over to another.
SELECT line FROM dunning.log_entries
WHERE kind = 'merge' AND subject = $1 AND account_id = $2
ORDER BY leaf_index DESC LIMIT 1

-- name: list_merged
-- The accounts that went over to an account, directly or through others, and have no account of their own since.
WITH RECURSIVE gone AS (
    SELECT e.account_id FROM dunning.log_entries e WHERE e.kind = 'merge' AND e.subject = $1
    UNION
    SELECT e.account_id FROM dunning.log_entries e JOIN gone g ON e.kind = 'merge' AND e.subject = g.account_id
)
SELECT g.account_id FROM gone g
WHERE g.account_id <> $1 AND NOT EXISTS (SELECT FROM dunning.accounts a WHERE a.id = g.account_id)
