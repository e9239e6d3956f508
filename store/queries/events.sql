-- name: write
-- Write events; they have no place yet.
INSERT INTO dunning.events (id, type, account_id, subject, data)
SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])

-- name: is_any_new
-- Whether an event has no place yet.
SELECT EXISTS (SELECT FROM dunning.events WHERE sequence IS NULL)

-- name: hold_end
-- Let one at a time give places; answers the last that was given.
SELECT last FROM dunning.events_end WHERE is_end FOR UPDATE

-- name: arrange
-- Give the events that are committed the places behind the last, in the order in which they were written.
WITH new AS (
    SELECT id, $1::bigint + row_number() OVER (ORDER BY written) AS sequence
    FROM dunning.events
    WHERE sequence IS NULL
    ORDER BY written LIMIT $2
), placed AS (
    UPDATE dunning.events e SET sequence = new.sequence FROM new WHERE e.id = new.id
    RETURNING e.sequence
)
UPDATE dunning.events_end SET last = greatest(last, (SELECT max(sequence) FROM placed))

-- name: list
-- Events in order, from behind a place on.
SELECT * FROM dunning.events WHERE sequence > $1 ORDER BY sequence LIMIT $2

-- name: list_last
-- The last events, newest first, before a place.
SELECT * FROM dunning.events
WHERE sequence IS NOT NULL AND ($1::bigint IS NULL OR sequence < $1)
ORDER BY sequence DESC LIMIT $2

-- name: read_forgotten
-- The last place whose event is forgotten; 0 where none is.
SELECT forgotten FROM dunning.events_end WHERE is_end

-- name: forget
-- Forget those of the first events that are of before an instant; answers how many. What stands behind is not looked
-- at: whoever gives places waits meanwhile.
WITH gone AS (
    DELETE FROM dunning.events
    WHERE id IN (
        SELECT f.id
        FROM (SELECT id, at FROM dunning.events WHERE sequence IS NOT NULL ORDER BY sequence LIMIT $2) f
        WHERE f.at < $1
    )
    RETURNING sequence
), noted AS (
    UPDATE dunning.events_end SET forgotten = greatest(forgotten, (SELECT max(sequence) FROM gone))
)
SELECT count(*) FROM gone
