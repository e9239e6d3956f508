-- name: record
-- Record that personal data are about to be read.
INSERT INTO dunning.accesses (actor, name, what) VALUES ($1, $2, $3)

-- name: hold
-- Let nobody write a reading down until this transaction ends, so that none slips by with a smaller number.
LOCK TABLE dunning.accesses IN SHARE ROW EXCLUSIVE MODE

-- name: page_unsealed
-- Some readings that no line of the log seals yet, in order.
SELECT id, at, actor, name, what
FROM dunning.accesses
WHERE id > coalesce((SELECT max(row_id) FROM dunning.log_entries WHERE kind = 'accesses'), 0)
ORDER BY id LIMIT $1

-- name: page_sealed
-- The readings after one number, up to another.
SELECT id, at, actor, name, what FROM dunning.accesses WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3

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
