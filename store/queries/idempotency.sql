-- name: claim
-- Take a key for a first request: one never used, expired, or let go without an answer.
INSERT INTO dunning.idempotency_keys AS k (token_id, key, request_hash, held_until, expires_at)
VALUES ($1, $2, $3, now() + $4::interval, now() + $5::interval)
ON CONFLICT (token_id, key) DO UPDATE
SET request_hash = excluded.request_hash, status = NULL, body = NULL, account_ids = '{}', held_until = excluded.held_until,
    expires_at = excluded.expires_at
WHERE k.expires_at <= now() OR (k.status IS NULL AND k.held_until <= now() AND k.request_hash = excluded.request_hash)
RETURNING true

-- name: read
-- What is known of a key.
SELECT request_hash, status, body FROM dunning.idempotency_keys WHERE token_id = $1 AND key = $2

-- name: keep
-- Keep the first answer, unless an account it speaks of was erased since its facts were read.
SELECT dunning.keep_answer($1, $2, $3, $4, $5, $6)

-- name: abandon
-- Let go of a key whose request was not answered.
DELETE FROM dunning.idempotency_keys WHERE token_id = $1 AND key = $2 AND status IS NULL

-- name: forget_expired
-- Forget answers nobody may ask for again, some at a time.
DELETE FROM dunning.idempotency_keys
WHERE (token_id, key) IN (
    SELECT token_id, key FROM dunning.idempotency_keys WHERE expires_at <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED
)
