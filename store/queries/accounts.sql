-- name: read
-- One account.
SELECT id, party, document, revision FROM dunning.accounts WHERE id = $1

-- name: read_many
-- The accounts of these ids.
SELECT id, party, document, revision FROM dunning.accounts WHERE id = ANY($1::text[])

-- name: read_many_with_history
-- The accounts of these ids, each with its own executed entries and those of its party's other accounts, and its
-- own outcomes.
SELECT a.id, a.party, a.document, a.revision, h.account_ids, h.decision_ids, h.instants, h.recorded, h.entries,
    o.outcomes, o.outcomes_recorded
FROM dunning.accounts a
CROSS JOIN LATERAL (
    SELECT array_agg(e.account_id ORDER BY e.at, e.id) AS account_ids,
        array_agg(e.decision_id::text ORDER BY e.at, e.id) AS decision_ids,
        array_agg(e.at ORDER BY e.at, e.id) AS instants,
        array_agg(e.recorded_at ORDER BY e.at, e.id) AS recorded,
        array_agg(e.entry ORDER BY e.at, e.id) AS entries
    FROM dunning.history e
    WHERE e.account_id = ANY(ARRAY(SELECT p.id FROM dunning.accounts p WHERE p.party = a.party) || a.id)
) h
CROSS JOIN LATERAL (
    SELECT array_agg(c.outcome ORDER BY c.row_id) AS outcomes,
        array_agg(c.recorded_at ORDER BY c.row_id) AS outcomes_recorded
    FROM dunning.outcomes c
    WHERE c.account_id = a.id
) o
WHERE a.id = ANY($1::text[])

-- name: list
-- A page of accounts by id, after a cursor, each with when it is to be asked about and which ruleset answered last.
SELECT a.id, a.party, a.country, a.segment, a.revision, a.updated_at, d.tracks, d.asks, d.rulesets
FROM dunning.accounts a
CROSS JOIN LATERAL (
    SELECT array_agg(q.track ORDER BY q.track) AS tracks, array_agg(q.ask_at ORDER BY q.track) AS asks,
        array_agg(q.ruleset_id ORDER BY q.track) AS rulesets
    FROM dunning.due q WHERE q.account_id = a.id
) d
WHERE ($1::text IS NULL OR a.id LIKE $1)
    AND ($2::text IS NULL OR a.party = $2)
    AND ($3::text IS NULL OR a.country = $3)
    AND ($4::text IS NULL OR a.segment = $4)
    AND ($5::text IS NULL OR EXISTS (SELECT FROM dunning.due q WHERE q.account_id = a.id AND q.ruleset_id = $5))
    AND ($6::timestamptz IS NULL OR EXISTS (SELECT FROM dunning.due q WHERE q.account_id = a.id AND q.ask_at <= $6))
    AND ($7::text IS NULL OR a.id > $7)
ORDER BY a.id
LIMIT $8

-- name: hold
-- One account, of which nothing is written until the transaction ends; its readers are not held.
SELECT document, segment FROM dunning.accounts WHERE id = $1 FOR NO KEY UPDATE

-- name: lock
-- One account, held until the transaction ends.
SELECT id, party, document, revision FROM dunning.accounts WHERE id = $1 FOR UPDATE

-- name: put
-- Store an account or replace it; the same document keeps its revision.
INSERT INTO dunning.accounts AS a (id, party, country, segment, document) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE
SET party = excluded.party,
    country = excluded.country,
    segment = excluded.segment,
    document = excluded.document,
    revision = CASE WHEN a.document = excluded.document THEN a.revision ELSE excluded.revision END,
    updated_at = CASE WHEN a.document = excluded.document THEN a.updated_at ELSE now() END
RETURNING revision, (xmax = 0) AS is_new

-- name: insert
-- Store an account that is not there yet.
INSERT INTO dunning.accounts (id, party, country, segment, document) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
RETURNING revision

-- name: replace
-- Replace an account that is at this revision.
UPDATE dunning.accounts
SET party = $2, country = $3, segment = $4, document = $5, revision = nextval('dunning.account_revisions'),
    updated_at = now()
WHERE id = $1 AND revision = $6
RETURNING revision

-- name: prepare_import
-- Where a batch of an import lands before it is merged.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_accounts (
    line bigint, id text, party text, country text, segment text, document text
) ON COMMIT DELETE ROWS

-- name: merge_import
-- Merge the staged batch, the last line of an id winning, in id order so that two imports cannot lock each other out.
WITH merged AS (
    INSERT INTO dunning.accounts AS a (id, party, country, segment, document)
    SELECT id, party, country, segment, document
    FROM (SELECT DISTINCT ON (id) * FROM pg_temp.staged_accounts ORDER BY id, line DESC) s
    ORDER BY id
    ON CONFLICT (id) DO UPDATE
    SET party = excluded.party, country = excluded.country, segment = excluded.segment, document = excluded.document,
        revision = excluded.revision, updated_at = now()
    WHERE a.document IS DISTINCT FROM excluded.document
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new) AS new_count, count(*) FILTER (WHERE NOT is_new) AS replaced_count FROM merged

-- name: begin_import
-- Remember an import.
INSERT INTO dunning.imports (id, lines_done) VALUES ($1::text::uuid, 0) ON CONFLICT (id) DO NOTHING

-- name: advance_import
-- Remember how far an import came; nothing where another request of the same import was faster.
UPDATE dunning.imports
SET lines_done = $3, digest = $4, refused_count = refused_count + $5, updated_at = now()
WHERE id = $1::text::uuid AND lines_done = $2
RETURNING lines_done

-- name: keep_refusals
-- Keep which lines of an import were refused, and why.
INSERT INTO dunning.import_refusals (import_id, line, pointer, message)
SELECT $1::text::uuid, r.line, r.pointer, r.message
FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r (line, pointer, message)

-- name: read_import
-- How far an import came.
SELECT lines_done, digest, refused_count FROM dunning.imports WHERE id = $1::text::uuid

-- name: list_refusals
-- The lines of an import that were refused, from the first.
SELECT line, pointer, message FROM dunning.import_refusals WHERE import_id = $1::text::uuid ORDER BY line
