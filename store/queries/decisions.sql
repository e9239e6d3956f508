-- name: append
-- Log a batch of decisions, each with its line, at the end of the tree; one that is there already is left as it is.
SELECT dunning.append_decisions($1, $2, $3)

-- name: read
-- One logged decision.
SELECT * FROM dunning.decisions WHERE id = $1::text::uuid

-- name: list
-- A page of logged decisions, newest first, before the cursor.
SELECT *
FROM dunning.decisions
WHERE ($1::text IS NULL OR account_id = $1)
    AND ($2::text IS NULL OR ruleset_id = $2)
    AND ($3::integer IS NULL OR version = $3)
    AND ($4::text IS NULL OR rule = $4)
    AND ($5::text IS NULL OR outcome = $5)
    AND ($6::text IS NULL OR id >= $6::text::uuid)
    AND ($7::text IS NULL OR id < $7::text::uuid)
    AND ($8::text IS NULL OR action = $8)
    AND ($9::text IS NULL OR channel = $9)
    AND ($10::text IS NULL OR (
        answer IS NOT NULL AND strpos(answer, '"variants":{},"warnings":') = 0
        AND dunning.variants_of(answer) @> ARRAY[$10]
    ))
    AND ($11::text IS NULL OR id < $11::text::uuid)
ORDER BY id DESC
LIMIT $12

-- name: page
-- A page of logged decisions, oldest first, after a cursor.
SELECT *
FROM dunning.decisions
WHERE ($1::text IS NULL OR account_id = $1)
    AND ($2::text IS NULL OR ruleset_id = $2)
    AND ($3::integer IS NULL OR version = $3)
    AND ($4::text IS NULL OR rule = $4)
    AND ($5::text IS NULL OR outcome = $5)
    AND ($6::text IS NULL OR id >= $6::text::uuid)
    AND ($7::text IS NULL OR id < $7::text::uuid)
    AND ($8::text IS NULL OR action = $8)
    AND ($9::text IS NULL OR channel = $9)
    AND ($10::text IS NULL OR (
        answer IS NOT NULL AND strpos(answer, '"variants":{},"warnings":') = 0
        AND dunning.variants_of(answer) @> ARRAY[$10]
    ))
    AND ($11::text IS NULL OR id > $11::text::uuid)
ORDER BY id
LIMIT $12

-- name: count
-- How many logged decisions there are of a kind.
SELECT count(*)
FROM dunning.decisions
WHERE ($1::text IS NULL OR account_id = $1)
    AND ($2::text IS NULL OR ruleset_id = $2)
    AND ($3::integer IS NULL OR version = $3)
    AND ($4::text IS NULL OR rule = $4)
    AND ($5::text IS NULL OR outcome = $5)
    AND ($6::text IS NULL OR id >= $6::text::uuid)
    AND ($7::text IS NULL OR id < $7::text::uuid)
    AND ($8::text IS NULL OR action = $8)
    AND ($9::text IS NULL OR channel = $9)
    AND ($10::text IS NULL OR (
        answer IS NOT NULL AND strpos(answer, '"variants":{},"warnings":') = 0
        AND dunning.variants_of(answer) @> ARRAY[$10]
    ))

-- name: summarise
-- How often which versions and rules decided what, in a period.
SELECT ruleset_id, version, rule, outcome, action, count(*) AS decisions_count
FROM dunning.decisions
WHERE ($1::text IS NULL OR id >= $1::text::uuid) AND ($2::text IS NULL OR id < $2::text::uuid)
GROUP BY ruleset_id, version, rule, outcome, action
ORDER BY ruleset_id NULLS FIRST, version, rule NULLS FIRST, outcome, action

-- name: sample
-- Decisions of a period chosen by their hash: first one of every kind, then a second of each, and so on.
SELECT id::text
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY ruleset_id, version, rule, outcome, action ORDER BY sha256(convert_to(id::text, 'UTF8'))
    ) AS rank
    FROM dunning.decisions
    WHERE ($1::text IS NULL OR id >= $1::text::uuid) AND ($2::text IS NULL OR id < $2::text::uuid)
) ranked
ORDER BY rank, sha256(convert_to(id::text, 'UTF8'))
LIMIT $3
