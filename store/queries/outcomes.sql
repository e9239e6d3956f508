-- name: record
-- Record an outcome, once for its id within the account.
INSERT INTO dunning.outcomes (account_id, id, type, at, outcome, is_amount_drawn, salt, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()))
ON CONFLICT (account_id, id) DO NOTHING
RETURNING row_id, account_id, id, type, at, outcome, is_amount_drawn, recorded_at

-- name: list
-- All outcomes of an account, in the order they were recorded.
SELECT row_id, account_id, id, type, at, outcome, is_amount_drawn, recorded_at
FROM dunning.outcomes WHERE account_id = $1 ORDER BY row_id

-- name: list_promised
-- Which of some accounts have a promise recorded.
SELECT a.id FROM unnest($1::text[]) AS a (id)
WHERE EXISTS (SELECT FROM dunning.outcomes o WHERE o.account_id = a.id AND o.type = 'promise')
