-- name: page_ids
-- The ids of the next accounts after one.
SELECT id FROM dunning.accounts WHERE id > $1 ORDER BY id LIMIT $2

-- name: list_columns
-- The columns of a table or view, in their order.
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = $1 AND table_name = $2
ORDER BY ordinal_position
