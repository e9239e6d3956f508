-- name: forget
-- Forget the sessions that have ended.
DELETE FROM dunning.sessions WHERE ends_at <= clock_timestamp()

-- name: open
-- Begin a session of a token.
INSERT INTO dunning.sessions (secret_hash, token_id, ends_at) VALUES ($1, $2::text::uuid, clock_timestamp() + $3::interval)

-- name: find
-- The token of a session that has not ended.
SELECT t.* FROM dunning.sessions s JOIN dunning.tokens t ON t.id = s.token_id
WHERE s.secret_hash = $1 AND s.ends_at > clock_timestamp()

-- name: close
-- End a session.
DELETE FROM dunning.sessions WHERE secret_hash = $1
