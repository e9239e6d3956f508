-- name: create
-- Store a subscription.
INSERT INTO dunning.webhooks (id, url, types, in_order, allow_private, scheme, secret)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7)
RETURNING *, clock_timestamp() AS now

-- name: list
-- Every subscription, oldest first.
SELECT * FROM dunning.webhooks ORDER BY id

-- name: list_with_size
-- Every subscription, and how long the log was at that moment; one row without one where there is none.
SELECT w.*, h.size FROM dunning.log_head h LEFT JOIN dunning.webhooks w ON true ORDER BY w.id

-- name: read
-- One subscription.
SELECT * FROM dunning.webhooks WHERE id = $1::text::uuid

-- name: rotate
-- Sign with another secret, and with the one before as well until an instant.
UPDATE dunning.webhooks SET secret = $2, old_secret = secret, old_until = $3 WHERE id = $1::text::uuid
RETURNING *, clock_timestamp() AS now

-- name: delete
-- Forget a subscription and its deliveries.
DELETE FROM dunning.webhooks WHERE id = $1::text::uuid RETURNING *, clock_timestamp() AS now

-- name: resume
-- Send again to an endpoint that was given up.
UPDATE dunning.webhooks SET ended_at = NULL, ended_why = NULL, failing_since = NULL
WHERE id = $1::text::uuid AND ended_at IS NOT NULL
RETURNING *, clock_timestamp() AS now

-- name: list_ended
-- The subscriptions that nothing is sent to any more, and why.
SELECT id, url, ended_at, ended_why FROM dunning.webhooks WHERE ended_at IS NOT NULL ORDER BY id

-- name: note_success
-- The endpoint answered.
UPDATE dunning.webhooks SET failing_since = NULL WHERE id = $1::text::uuid AND failing_since IS NOT NULL

-- name: note_failure
-- The endpoint failed; answers since when it does.
UPDATE dunning.webhooks SET failing_since = coalesce(failing_since, $2)
WHERE id = $1::text::uuid AND ended_at IS NULL
RETURNING failing_since

-- name: end
-- Send nothing any more.
UPDATE dunning.webhooks SET ended_at = $2, ended_why = $3 WHERE id = $1::text::uuid AND ended_at IS NULL
RETURNING *, clock_timestamp() AS now
