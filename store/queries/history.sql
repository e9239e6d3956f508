-- name: record
-- Record an executed entry, once for a decision; nothing where the account is not stored.
INSERT INTO dunning.history (account_id, decision_id, at, entry, salt)
SELECT id, $2::text::uuid, $3, $4, $5 FROM dunning.accounts WHERE id = $1
ON CONFLICT (decision_id) WHERE decision_id IS NOT NULL DO NOTHING
RETURNING id, account_id, decision_id::text, at, recorded_at, entry

-- name: find_by_decision
-- The entry that was recorded for a decision.
SELECT account_id, decision_id::text, at, recorded_at, entry FROM dunning.history WHERE decision_id = $1::text::uuid

-- name: hold_account
-- Let one recorder of an account at a time through; its readers and history are not held.
SELECT id FROM dunning.accounts WHERE id = $1 FOR NO KEY UPDATE

-- name: list_since
-- What was recorded for an account since an instant, oldest first.
SELECT decision_id::text, at, entry FROM dunning.history WHERE account_id = $1 AND recorded_at > $2 ORDER BY id

-- name: list_for_account
-- What was executed for an account and its party's other accounts, oldest first.
SELECT account_id, decision_id::text, at, recorded_at, entry
FROM dunning.history
WHERE account_id = ANY(
    ARRAY(
        SELECT p.id
        FROM dunning.accounts a JOIN dunning.accounts p ON p.party = a.party
        WHERE a.id = $1::text
    ) || $1::text
)
ORDER BY at, id
