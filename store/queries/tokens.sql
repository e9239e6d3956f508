-- name: create
-- Store a token's hash.
INSERT INTO dunning.tokens (id, name, secret_hash, scopes, expires_at, person)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6)
RETURNING *, clock_timestamp() AS now

-- name: rename
-- Give a token another name.
UPDATE dunning.tokens SET name = $2 WHERE id = $1::text::uuid AND name <> $2
RETURNING *, clock_timestamp() AS now

-- name: revoke
-- Take a token out of use; the first revocation counts.
UPDATE dunning.tokens SET revoked_at = now() WHERE id = $1::text::uuid AND revoked_at IS NULL
RETURNING *, clock_timestamp() AS now

-- name: list
-- Every token ever made, oldest first.
SELECT * FROM dunning.tokens ORDER BY id

-- name: list_with_size
-- Every token ever made, and how long the log was at that moment; one row without a token where there is none.
SELECT t.*, h.size FROM dunning.log_head h LEFT JOIN dunning.tokens t ON true ORDER BY t.id

-- name: read
-- One token.
SELECT * FROM dunning.tokens WHERE id = $1::text::uuid

-- name: find
-- The token with this hash.
SELECT * FROM dunning.tokens WHERE secret_hash = $1

-- name: is_one_person
-- Whether two who do something are one: the same token, tokens of one person, or a person's token and command.
SELECT count(DISTINCT coalesce(
    CASE WHEN actor LIKE 'command:%' THEN substr(actor, 9) ELSE (SELECT t.person FROM dunning.tokens t WHERE t.id::text = actor) END,
    actor
)) = 1
FROM unnest(ARRAY[$1::text, $2::text]) AS actor
