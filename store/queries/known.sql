-- name: try_keep
-- Become the one who keeps what is known, until the connection ends; answers whether nobody else is.
SELECT pg_try_advisory_lock(7310562, 6)

-- name: has_marks
-- Tell whether anything was written that is not known yet.
SELECT EXISTS (SELECT FROM dunning.known_marks)

-- name: has_free_marks
-- Tell whether anything was written that is not known yet, and nobody keeps what is known at this moment.
SELECT EXISTS (SELECT FROM dunning.known_marks) AND pg_try_advisory_xact_lock(7310562, 6)

-- name: mark_outdated
-- Mark some accounts that are known by other terms than those of now, but for those left aside; answers how many.
WITH terms AS MATERIALIZED (
    SELECT t.ruleset_id, t.made_by FROM unnest($1::text[], $2::text[]) t (ruleset_id, made_by)
), outdated AS (
    SELECT k.account_id FROM dunning.known_accounts k
    LEFT JOIN terms t ON t.ruleset_id = k.ruleset_id
    WHERE k.made_by IS DISTINCT FROM coalesce(t.made_by, (SELECT n.made_by FROM terms n WHERE n.ruleset_id = ''))
        AND k.made_by <> 'aside'
    LIMIT $3
), marked AS (
    INSERT INTO dunning.known_marks (account_id) SELECT o.account_id FROM outdated o RETURNING 1
)
SELECT count(*) FROM marked

-- name: take_marks
-- The accounts of the next marks, each with the marks that it has.
SELECT m.account_id, array_agg(m.id) AS marks
FROM dunning.known_marks m
WHERE m.account_id IN (SELECT n.account_id FROM dunning.known_marks n ORDER BY n.id LIMIT $1)
GROUP BY m.account_id ORDER BY m.account_id

-- name: number_accounts
-- Give numbers to stored accounts that have none yet.
INSERT INTO dunning.known_accounts (account_id)
SELECT a.id FROM dunning.accounts a
WHERE a.id = ANY ($1::text[]) AND NOT EXISTS (SELECT FROM dunning.known_accounts k WHERE k.account_id = a.id)
ORDER BY a.id FOR KEY SHARE OF a
ON CONFLICT DO NOTHING

-- name: hold_accounts
-- The numbers of accounts, held until the transaction ends; one that was erased has none.
SELECT k.account_id, k.number FROM dunning.known_accounts k
WHERE k.account_id = ANY ($1::text[]) ORDER BY k.account_id FOR UPDATE

-- name: read_numbers
-- The numbers of accounts.
SELECT k.account_id, k.number FROM dunning.known_accounts k WHERE k.account_id = ANY ($1::text[])

-- name: list_pieces
-- All that was ever known of accounts.
SELECT p.account, p.currency, p.due_on, p.from_on, p.until_on, p.cases, p.moves, p.case_labels, p.move_labels,
    p.invoices, p.payments
FROM dunning.known_pieces p WHERE p.account = ANY ($1::bigint[])

-- name: drop_pieces
-- Forget pieces that are not so any more.
DELETE FROM dunning.known_pieces p
USING unnest($1::bigint[], $2::text[], $3::date[], $4::date[]) AS d (account, currency, due_on, from_on)
WHERE p.account = d.account AND p.currency = d.currency AND p.due_on = d.due_on AND p.from_on = d.from_on

-- name: write_accounts
-- Say by which terms accounts were made, and what their pieces are grouped by.
UPDATE dunning.known_accounts k
SET ruleset_id = w.ruleset_id, made_by = w.made_by, currencies = string_to_array(w.currencies, ','), words = w.words,
    problem = w.problem
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS w (account_id, ruleset_id, made_by, currencies, words, problem)
WHERE k.account_id = w.account_id

-- name: drop_marks
-- Forget marks of what is known now.
DELETE FROM dunning.known_marks m WHERE m.id = ANY ($1::bigint[])

-- name: list_stale
-- Accounts that must be read from what was written: marked, or known by other terms than those of now; where who answers
-- about one has no terms yet, than those of nobody.
WITH terms AS MATERIALIZED (
    SELECT t.ruleset_id, t.made_by FROM unnest($1::text[], $2::text[]) t (ruleset_id, made_by)
)
SELECT m.account_id FROM dunning.known_marks m
UNION
SELECT k.account_id FROM dunning.known_accounts k
LEFT JOIN terms t ON t.ruleset_id = k.ruleset_id
WHERE k.made_by IS DISTINCT FROM coalesce(t.made_by, (SELECT n.made_by FROM terms n WHERE n.ruleset_id = ''))
ORDER BY 1

-- name: count_accounts
-- How many accounts are known, but for some, by their currencies and what their cases are grouped by.
SELECT k.currencies, k.words, count(*) AS accounts
FROM dunning.known_accounts k
WHERE k.problem IS NULL AND NOT EXISTS (SELECT FROM unnest($1::text[]) s (id) WHERE s.id = k.account_id)
GROUP BY k.currencies, k.words

-- name: count_unreadable
-- How many accounts cannot be read, but for some.
SELECT count(*) FROM dunning.known_accounts k
WHERE k.problem IS NOT NULL AND NOT EXISTS (SELECT FROM unnest($1::text[]) s (id) WHERE s.id = k.account_id)

-- name: list_unreadable
-- The first accounts that cannot be read, but for some, and why.
SELECT k.account_id, k.problem FROM dunning.known_accounts k
WHERE k.problem IS NOT NULL AND NOT EXISTS (SELECT FROM unnest($1::text[]) s (id) WHERE s.id = k.account_id)
ORDER BY k.account_id LIMIT $2

-- name: count_faults
-- How many accounts were left aside by a fault.
SELECT count(*) FROM dunning.known_accounts k WHERE k.made_by = 'aside' AND k.problem IS NOT NULL

-- name: find_last_number
-- The last number that was given to an account.
SELECT coalesce(max(k.number), 0) FROM dunning.known_accounts k

-- name: read_columns
-- All that was known at the end of a day, and the invoices before a period, but for some accounts, by currency; of the
-- accounts from one number to another, as a value holds less than a gigabyte. What is put together at once has one order
-- in each of its columns.
SELECT p.currency,
    coalesce(string_agg(p.cases, '') FILTER (WHERE p.from_on <= $1 AND p.until_on > $1), '') AS cases,
    coalesce(string_agg(p.moves, '') FILTER (WHERE p.from_on <= $1 AND p.until_on > $1), '') AS moves,
    coalesce(string_agg(p.case_labels, '') FILTER (WHERE $6::boolean AND p.from_on <= $1 AND p.until_on > $1), '')
        AS case_labels,
    coalesce(string_agg(p.move_labels, '') FILTER (WHERE $6 AND p.from_on <= $1 AND p.until_on > $1), '')
        AS move_labels,
    coalesce(string_agg(p.invoices, '') FILTER (WHERE p.from_on <= $1 AND p.until_on > $1), '') AS invoices,
    coalesce(string_agg(p.payments, '') FILTER (WHERE p.from_on <= $1 AND p.until_on > $1), '') AS payments,
    coalesce(string_agg(p.invoices, '') FILTER (WHERE p.from_on <= $2 AND p.until_on > $2), '') AS before
FROM dunning.known_pieces p
WHERE p.account BETWEEN $4 AND $5 AND p.from_on <= $1 AND p.until_on > $2
    AND NOT EXISTS (
        SELECT FROM unnest($3::text[]) s (id) JOIN dunning.known_accounts k ON k.account_id = s.id
        WHERE k.number = p.account
    )
GROUP BY p.currency

-- name: read_at_once
-- Let what follows in this transaction put columns together in memory, without compiling anything for it.
SELECT set_config('work_mem', '256MB', true), set_config('jit', 'off', true)
