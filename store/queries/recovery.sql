-- name: read_many
-- Of these accounts all that figures are drawn from: what the books said over time (the document as it is where it was
-- stored before they were kept), what was executed and by which version, what came of it, and who answered last.
SELECT a.id, b.documents, b.known, a.document, a.updated_at, h.entries, h.recorded, h.rulesets, h.versions,
    h.variants, o.outcomes, o.outcomes_recorded, d.ruleset_id
FROM dunning.accounts a
CROSS JOIN LATERAL (
    SELECT array_agg(k.document ORDER BY k.row_id) AS documents, array_agg(k.known_at ORDER BY k.row_id) AS known
    FROM dunning.books k WHERE k.account_id = a.id
) b
CROSS JOIN LATERAL (
    SELECT array_agg(e.entry ORDER BY e.id) AS entries, array_agg(e.recorded_at ORDER BY e.id) AS recorded,
        array_agg(m.ruleset_id ORDER BY e.id) AS rulesets, array_agg(m.version ORDER BY e.id) AS versions,
        array_agg(array_to_string(dunning.variants_of(m.answer), ',') ORDER BY e.id) AS variants
    FROM dunning.history e LEFT JOIN dunning.decisions m ON m.id = e.decision_id
    WHERE e.account_id = a.id
) h
CROSS JOIN LATERAL (
    SELECT array_agg(c.outcome ORDER BY c.row_id) AS outcomes,
        array_agg(c.recorded_at ORDER BY c.row_id) AS outcomes_recorded
    FROM dunning.outcomes c WHERE c.account_id = a.id
) o
LEFT JOIN LATERAL (
    SELECT q.ruleset_id FROM dunning.due q
    WHERE q.account_id = a.id AND q.ruleset_id IS NOT NULL ORDER BY q.track LIMIT 1
) d ON true
WHERE a.id = ANY($1::text[])
ORDER BY a.id

-- name: list_terms
-- The time zone of each ruleset and how long a promise can be kept, by its newest version.
SELECT DISTINCT ON (v.ruleset_id) v.ruleset_id, dunning.said(v.canonical, 'timezone') AS timezone,
    dunning.said(v.canonical, 'tolerance_days')::integer AS tolerance_days
FROM dunning.ruleset_versions v ORDER BY v.ruleset_id, v.number DESC

-- name: list_uses
-- When which version of a ruleset came into use: published without waiting, approved, or activated again; and the
-- experiments that it has, as its canonical form says them.
SELECT v.ruleset_id, v.number, min(u.at) AS at, dunning.said(min(v.canonical), 'experiments') AS experiments
FROM dunning.ruleset_versions v
CROSS JOIN LATERAL (
    SELECT v.published_at AS at WHERE NOT v.approval_required
    UNION ALL
    SELECT e.at FROM dunning.ruleset_events e
    WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind IN ('approve', 'activate')
        AND e.approval IS DISTINCT FROM 'waits'
) u
GROUP BY v.ruleset_id, v.number
ORDER BY at, v.ruleset_id, v.number
