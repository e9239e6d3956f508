-- name: hold
-- Let one at a time begin.
SELECT pg_advisory_xact_lock(7310562, 35)

-- name: is_any_running
-- Whether one runs: it has not ended, and was seen a moment ago.
SELECT EXISTS (SELECT FROM dunning.verifications WHERE ended_at IS NULL AND seen_at > clock_timestamp() - $1::interval)

-- name: begin
-- Begin one.
INSERT INTO dunning.verifications (id, actor, name, witness_size) VALUES ($1::text::uuid, $2, $3, $4)

-- name: advance
-- Say how far it is.
UPDATE dunning.verifications SET checked = $2, total = $3, seen_at = clock_timestamp()
WHERE id = $1::text::uuid AND ended_at IS NULL

-- name: end
-- Say what came of it, or why nothing did.
UPDATE dunning.verifications SET ended_at = clock_timestamp(), seen_at = clock_timestamp(), result = $2, trouble = $3
WHERE id = $1::text::uuid AND ended_at IS NULL

-- name: list
-- The last ones, newest first; one that was not seen for a while ended with its server.
SELECT *, ended_at IS NULL AND seen_at <= clock_timestamp() - $2::interval AS is_lost
FROM dunning.verifications ORDER BY began_at DESC, id DESC LIMIT $1

-- name: read
-- One of them.
SELECT *, ended_at IS NULL AND seen_at <= clock_timestamp() - $2::interval AS is_lost
FROM dunning.verifications WHERE id = $1::text::uuid
