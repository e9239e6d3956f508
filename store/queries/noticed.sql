-- name: read_cases
-- The cases of accounts that were noticed before.
SELECT account_id, currency, due_on, opened_at, invoices, is_closed FROM dunning.cases
WHERE account_id = ANY($1::text[]) ORDER BY account_id, currency, due_on

-- name: list_broken
-- The promises of an account that were told to be broken.
SELECT promise FROM dunning.broken_promises WHERE account_id = $1

-- name: keep_broken
-- Remember promises that are broken; answers those that were not remembered before.
INSERT INTO dunning.broken_promises (account_id, promise)
SELECT * FROM unnest($1::text[], $2::text[]) AS b (account_id, promise) ORDER BY account_id, promise
ON CONFLICT DO NOTHING
RETURNING account_id, promise

-- name: open_cases
-- Remember cases that opened.
INSERT INTO dunning.cases (account_id, currency, due_on, opened_at, opened, invoices, is_closed)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::timestamptz[], $5::bigint[], $6::text[], $7::boolean[])

-- name: turn_cases
-- Remember that cases closed, or opened again.
UPDATE dunning.cases c SET is_closed = t.is_closed
FROM unnest($1::text[], $2::text[], $3::date[], $4::boolean[]) AS t (account_id, currency, due_on, is_closed)
WHERE c.account_id = t.account_id AND c.currency = t.currency AND c.due_on = t.due_on
