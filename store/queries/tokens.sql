-- name: create
-- Store a token's hash.
INSERT INTO dunning.tokens (id, name, secret_hash, scopes, expires_at) VALUES ($1::text::uuid, $2, $3, $4, $5)
RETURNING id::text, name, scopes, created_at, expires_at, revoked_at, secret_hash

-- name: revoke
-- Take a token out of use; the first revocation counts.
UPDATE dunning.tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1::text::uuid
RETURNING id::text, name, scopes, created_at, expires_at, revoked_at, secret_hash

-- name: list
-- Every token ever made, oldest first.
SELECT id::text, name, scopes, created_at, expires_at, revoked_at, secret_hash FROM dunning.tokens ORDER BY id

-- name: find
-- The token with this hash.
SELECT id::text, name, scopes, created_at, expires_at, revoked_at, secret_hash
FROM dunning.tokens
WHERE secret_hash = $1
