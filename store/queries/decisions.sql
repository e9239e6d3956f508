-- name: append
-- Log a batch; a row that is there already (a batch sent again after a lost connection) is left as it is.
INSERT INTO dunning.decisions
    (id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment, answer,
     input, salt)
SELECT id::uuid, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
    answer, input, salt
FROM unnest(
    $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::bytea[], $14::text[], $15::text[], $16::bytea[]
) AS batch (id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
            answer, input, salt)
ON CONFLICT (id) DO NOTHING

-- name: read
-- One logged decision.
SELECT id::text, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, answer, input
FROM dunning.decisions
WHERE id = $1::text::uuid

-- name: list
-- A page of logged decisions, newest first, before the cursor.
SELECT id::text, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, answer, input
FROM dunning.decisions
WHERE ($1::text IS NULL OR account_id = $1)
    AND ($2::text IS NULL OR ruleset_id = $2)
    AND ($3::integer IS NULL OR version = $3)
    AND ($4::text IS NULL OR rule = $4)
    AND ($5::text IS NULL OR outcome = $5)
    AND ($6::text IS NULL OR id >= $6::text::uuid)
    AND ($7::text IS NULL OR id < $7::text::uuid)
    AND ($8::text IS NULL OR id < $8::text::uuid)
ORDER BY id DESC
LIMIT $9
