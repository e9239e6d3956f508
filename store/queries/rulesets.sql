-- name: order_publishing
-- Let one publisher or retirer at a time through, so that numbers and instants follow each other.
SELECT pg_advisory_xact_lock(7310562, 2)

-- name: last_change
-- How many versions there are and what last happened to one: the same twice when nothing changed in between.
SELECT (SELECT count(*) FROM dunning.ruleset_versions) AS versions_count,
    (SELECT coalesce(max(id), 0) FROM dunning.ruleset_events) AS last_event

-- name: find_by_digest
-- The version of a ruleset that has this digest.
SELECT * FROM dunning.ruleset_versions WHERE ruleset_id = $1 AND digest = $2

-- name: publish
-- Store a version under the ruleset's next number.
INSERT INTO dunning.ruleset_versions
    (ruleset_id, number, digest, text, facts_text, scorecard_text, guarantees_text, verdicts, suite_text, canonical,
     holidays, diagnostics, effective_from, effective_until, language_edition, repository, commit, author, committer,
     committed_at, publisher, publisher_name, approval_required)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22
FROM dunning.ruleset_versions
WHERE ruleset_id = $1
RETURNING *

-- name: add_event
-- Record that a version was retired, activated or approved.
INSERT INTO dunning.ruleset_events (ruleset_id, number, kind, actor, note, digest, name, approval)
SELECT ruleset_id, number, $3, $4, $5, digest, $6, $7
FROM dunning.ruleset_versions
WHERE ruleset_id = $1 AND number = $2
RETURNING *

-- name: find_last_switch
-- What retired or activated a version last, waiting or not.
SELECT * FROM dunning.ruleset_events
WHERE ruleset_id = $1 AND number = $2 AND kind IN ('retire', 'activate')
ORDER BY id DESC LIMIT 1

-- name: needs_four_eyes
-- Whether four eyes are on: what the log said last.
SELECT coalesce((
    SELECT (('{' || substr(e.line, 2))::jsonb ->> 'value')::boolean
    FROM dunning.log_entries e
    WHERE e.kind = 'setting' AND e.subject = 'four_eyes'
    ORDER BY e.leaf_index DESC LIMIT 1
), false)

-- name: find_approval
-- The first approval of what a version is.
SELECT e.*
FROM dunning.ruleset_events e
JOIN dunning.ruleset_versions v USING (ruleset_id, number, digest)
WHERE e.ruleset_id = $1 AND e.number = $2 AND e.kind = 'approve'
ORDER BY e.id LIMIT 1

-- name: list_events
-- What happened to a version since it was published, oldest first.
SELECT *
FROM dunning.ruleset_events
WHERE ruleset_id = $1 AND number = $2
ORDER BY id

-- name: list_all_events
-- What happened to all versions, oldest first.
SELECT * FROM dunning.ruleset_events ORDER BY id

-- name: list_keys
-- Every version's ruleset and number.
SELECT ruleset_id, number FROM dunning.ruleset_versions

-- name: page_versions
-- Some versions, whole, after a ruleset and number.
SELECT * FROM dunning.ruleset_versions WHERE (ruleset_id, number) > ($1::text, $2::integer)
ORDER BY ruleset_id, number LIMIT $3

-- name: read_version
-- One version, whole.
SELECT * FROM dunning.ruleset_versions WHERE ruleset_id = $1 AND number = $2

-- name: has_rule
-- Whether a published version of these rulesets (of any when null) has a rule of this id: one written by itself, or
-- that of a table's row, for the canonical form has tables written out.
SELECT EXISTS (
    SELECT
    FROM dunning.ruleset_versions
    WHERE ($2::text[] IS NULL OR ruleset_id = ANY($2))
        AND strpos(canonical, $1) > 0  -- cheap, and leaves few to be read
        AND jsonb_path_exists(canonical::jsonb, '$.rules[*] ? (@.id == $id)', jsonb_build_object('id', $1::text))
)

-- name: list_versions
-- The heads of a ruleset's versions (of all rulesets when null), newest first.
SELECT v.ruleset_id, v.number, v.digest, v.effective_from, v.effective_until, v.repository, v.commit, v.author,
    v.committer, v.committed_at, v.publisher, v.publisher_name, v.published_at, v.language_edition,
    v.approval_required,
    a.actor AS approved_by, a.at AS approved_at, a.note AS approval_note,
    (a.id IS NOT NULL OR NOT v.approval_required) AND coalesce((
        SELECT e.kind = 'activate'
        FROM dunning.ruleset_events e
        WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind IN ('activate', 'retire')
            AND e.approval IS DISTINCT FROM 'waits'
        ORDER BY e.id DESC LIMIT 1
    ), true) AS is_active,
    CASE WHEN w.approval = 'waits' THEN w.kind END AS waiting, CASE WHEN w.approval = 'waits' THEN w.actor END AS waiting_by
FROM dunning.ruleset_versions v
LEFT JOIN LATERAL (
    SELECT e.kind, e.actor, e.approval
    FROM dunning.ruleset_events e
    WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind IN ('activate', 'retire')
    ORDER BY e.id DESC LIMIT 1
) w ON true
LEFT JOIN LATERAL (
    SELECT e.id, e.actor, e.at, e.note
    FROM dunning.ruleset_events e
    WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind = 'approve' AND e.digest = v.digest
    ORDER BY e.id LIMIT 1
) a ON true
WHERE $1::text IS NULL OR v.ruleset_id = $1
ORDER BY v.ruleset_id, v.number DESC

-- name: is_active
-- Whether a version is approved where it must be, and not retired.
SELECT (
        NOT v.approval_required OR EXISTS (
            SELECT FROM dunning.ruleset_events e
            WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind = 'approve' AND e.digest = v.digest
        )
    ) AND coalesce((
        SELECT e.kind = 'activate'
        FROM dunning.ruleset_events e
        WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind IN ('activate', 'retire')
            AND e.approval IS DISTINCT FROM 'waits'
        ORDER BY e.id DESC LIMIT 1
    ), true)
FROM dunning.ruleset_versions v
WHERE v.ruleset_id = $1 AND v.number = $2

-- name: active_at
-- The versions that were in use at an instant (null: now), without those a higher number covers on every day.
WITH active AS MATERIALIZED (
    SELECT v.*
    FROM dunning.ruleset_versions v
    WHERE ($1::timestamptz IS NULL OR v.published_at <= $1)
        AND coalesce((
            SELECT e.kind = 'activate'
            FROM dunning.ruleset_events e
            WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind IN ('activate', 'retire')
                AND e.approval IS DISTINCT FROM 'waits' AND ($1::timestamptz IS NULL OR e.at <= $1)
            ORDER BY e.id DESC LIMIT 1
        ), true)
        AND (NOT v.approval_required OR EXISTS (
            SELECT FROM dunning.ruleset_events e
            WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind = 'approve' AND e.digest = v.digest
                AND ($1::timestamptz IS NULL OR e.at <= $1)
        ))
)
SELECT a.*
FROM active a
WHERE NOT EXISTS (
    SELECT FROM active h
    WHERE h.ruleset_id = a.ruleset_id AND h.number > a.number
        AND coalesce(h.effective_from, '-infinity') <= coalesce(a.effective_from, '-infinity')
        AND coalesce(h.effective_until, 'infinity') >= coalesce(a.effective_until, 'infinity')
)
ORDER BY a.ruleset_id, a.number
