-- name: record
-- Record that personal data are about to be read.
INSERT INTO dunning.accesses (actor, name, what) VALUES ($1, $2, $3)

-- name: list
-- A page of what was read, newest first, before the cursor.
SELECT id, at, actor, name, what
FROM dunning.accesses
WHERE ($1::text IS NULL OR actor = $1)
    AND ($2::timestamptz IS NULL OR at >= $2)
    AND ($3::timestamptz IS NULL OR at < $3)
    AND ($4::bigint IS NULL OR id < $4)
ORDER BY id DESC
LIMIT $5
