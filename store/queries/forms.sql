-- name: read
-- The compiled form of a version.
SELECT compiler, form, seal FROM dunning.ruleset_forms WHERE ruleset_id = $1 AND number = $2

-- name: keep
-- Put a version's compiled form in the place of the one before.
INSERT INTO dunning.ruleset_forms (ruleset_id, number, compiler, form, seal) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (ruleset_id, number) DO UPDATE SET compiler = $3, form = $4, seal = $5

-- name: keep_only
-- Drop the forms of all versions but these.
DELETE FROM dunning.ruleset_forms f
WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::integer[]) AS used (ruleset_id, number)
    WHERE used.ruleset_id = f.ruleset_id AND used.number = f.number
)
