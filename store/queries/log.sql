-- name: append
-- Log something that is no decision; answers its place, the latest time in the log before it, and the time now. In one
-- statement: until the transaction ends nobody else can log, so each way to and fro counts for all.
WITH held AS MATERIALIZED (
    SELECT latest_at, clock_timestamp() AS now FROM dunning.log_head WHERE is_head FOR UPDATE
)
SELECT h.latest_at, h.now, dunning.append_entry($1, $2, $3, $4) AS place FROM held h

-- name: hold
-- Take the log's end until this transaction ends: its size, the latest time in it, and the time now.
SELECT size, latest_at, clock_timestamp() AS now FROM dunning.log_head WHERE is_head FOR UPDATE

-- name: read_time
-- The time now, and the latest in the log.
SELECT clock_timestamp() AS now, latest_at FROM dunning.log_head WHERE is_head

-- name: read_head
-- The log's end.
SELECT size, peaks FROM dunning.log_head WHERE is_head

-- name: read_leaves
-- The hashes of leaves, in order.
SELECT leaf_index, leaf_hash FROM dunning.decisions WHERE leaf_index >= $1 AND leaf_index < $2
UNION ALL
SELECT leaf_index, leaf_hash FROM dunning.log_entries WHERE leaf_index >= $1 AND leaf_index < $2
ORDER BY leaf_index

-- name: read_nodes
-- Stored hashes of one level, in order.
SELECT index AS leaf_index, hash AS leaf_hash FROM dunning.log_nodes WHERE level = $1 AND index >= $2 AND index < $3
ORDER BY index

-- name: page_decisions
-- The decisions of some places, whole, in order; whether an erasure in the log says why facts are not there.
SELECT d.*,
    d.salt IS NOT NULL
        OR EXISTS (
            SELECT FROM dunning.log_entries e
            WHERE e.kind = 'erasure' AND e.account_id = d.account_id AND e.leaf_index >= d.known_erasures
        )
        OR EXISTS (
            SELECT FROM dunning.log_entries e
            WHERE e.kind = 'retention' AND e.before > d.at AND e.before <= e.at AND e.leaf_index > d.leaf_index
                AND strpos(e.line, ',"actor":"command:') > 0
        ) AS is_explained,
    d.related_salt IS NOT NULL OR d.related_commitment IS NULL
        OR EXISTS (
            SELECT FROM dunning.log_entries e
            WHERE e.kind = 'erasure' AND e.account_id = ANY(d.account_id || d.related_accounts)
                AND e.leaf_index >= d.known_erasures
        )
        OR EXISTS (
            SELECT FROM dunning.log_entries e
            WHERE e.kind = 'retention' AND e.before > d.at AND e.before <= e.at AND e.leaf_index > d.leaf_index
                AND strpos(e.line, ',"actor":"command:') > 0
        ) AS is_related_explained
FROM dunning.decisions d
WHERE d.leaf_index >= $1 AND d.leaf_index < $2
ORDER BY d.leaf_index

-- name: page_entries
-- The other entries of some places, in order; of an executed action and of an outcome also what was recorded, or
-- whether an erasure or a merge in the log says why it is not there.
SELECT e.leaf_index, e.leaf_hash, e.kind, e.account_id, e.before, e.line, e.at, e.subject, e.row_id, h.salt, h.entry,
    h.account_id AS history_account_id, h.decision_id::text, h.at AS executed_at,
    o.salt AS outcome_salt, o.outcome, o.account_id AS outcome_account_id, o.type AS outcome_type, o.at AS happened_at,
    EXISTS (
        SELECT FROM dunning.log_entries x
        WHERE x.kind IN ('erasure', 'merge') AND x.account_id = e.account_id AND x.leaf_index > e.leaf_index
    ) AS is_explained
FROM dunning.log_entries e
LEFT JOIN dunning.history h ON e.kind = 'executed' AND h.id = e.row_id
LEFT JOIN dunning.outcomes o ON e.kind = 'outcome' AND o.row_id = e.row_id
WHERE e.leaf_index >= $1 AND e.leaf_index < $2
ORDER BY e.leaf_index

-- name: list_unlogged_history
-- What the history holds of which the log says nothing.
SELECT h.id, h.account_id, h.recorded_at
FROM dunning.history h
WHERE NOT EXISTS (SELECT FROM dunning.log_entries e WHERE e.kind = 'executed' AND e.row_id = h.id)
ORDER BY h.id LIMIT 1000

-- name: list_unlogged_outcomes
-- What the outcomes hold of which the log says nothing.
SELECT o.row_id AS id, o.account_id
FROM dunning.outcomes o
WHERE NOT EXISTS (SELECT FROM dunning.log_entries e WHERE e.kind = 'outcome' AND e.row_id = o.row_id)
ORDER BY o.row_id LIMIT 1000

-- name: read_last_of_kind
-- The last line of a kind.
SELECT leaf_index, line FROM dunning.log_entries WHERE kind = $1 ORDER BY leaf_index DESC LIMIT 1

-- name: find_entry
-- The first line of a kind that is about something, and what the history recorded with it.
SELECT e.leaf_index, e.leaf_hash, e.line, h.salt, h.entry
FROM dunning.log_entries e
LEFT JOIN dunning.history h ON e.kind = 'executed' AND h.id = e.row_id
WHERE e.kind = $1 AND e.subject = $2
ORDER BY e.leaf_index LIMIT 1

-- name: read_extent
-- The log's end, the last place within it that is taken, what claims a place outside of it, the time, and whether the
-- log was begun before lines were held against each other in time; all at one moment.
SELECT h.size, h.peaks, clock_timestamp() AS now,
    EXISTS (
        SELECT FROM dunning.log_entries e WHERE e.kind = 'clock' AND strpos(e.line, ',"actor":"migration",') > 0
    ) AS is_older,
    greatest(
        (SELECT max(d.leaf_index) FROM dunning.decisions d WHERE d.leaf_index < h.size),
        (SELECT max(e.leaf_index) FROM dunning.log_entries e WHERE e.leaf_index < h.size)
    ) AS last,
    array(
        SELECT json_build_array(d.leaf_index, 'decision ' || d.id)::text
        FROM dunning.decisions d
        WHERE d.leaf_index >= h.size OR d.leaf_index < 0 OR d.leaf_index IS NULL
        ORDER BY d.leaf_index LIMIT 1000
    ) || array(
        SELECT json_build_array(e.leaf_index, 'entry ' || e.leaf_index || ' (' || e.kind || ')')::text
        FROM dunning.log_entries e
        WHERE e.leaf_index >= h.size OR e.leaf_index < 0
        ORDER BY e.leaf_index LIMIT 1000
    ) || array(
        SELECT json_build_array(NULL, 'interior node ' || n.level || '/' || n.index)::text
        FROM dunning.log_nodes n
        WHERE (n.index + 1) << n.level > h.size
        LIMIT 1000
    ) AS outside
FROM dunning.log_head h
WHERE h.is_head

-- name: find_next
-- The next place that is taken.
SELECT least(
    (SELECT min(leaf_index) FROM dunning.decisions WHERE leaf_index >= $1),
    (SELECT min(leaf_index) FROM dunning.log_entries WHERE leaf_index >= $1)
)

-- name: keep_checkpoint
-- Keep a checkpoint that was handed out; the first of a size stays.
INSERT INTO dunning.checkpoints (size, origin, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: list_checkpoints
-- The checkpoints handed out between two instants, in order.
SELECT size, origin, note, at FROM dunning.checkpoints
WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
ORDER BY size, origin

-- name: page_last_checkpoints
-- The last checkpoints handed out, newest first.
SELECT size, origin, note, at FROM dunning.checkpoints ORDER BY size DESC, origin LIMIT $1

-- name: read_checkpoint
-- A checkpoint that was handed out.
SELECT size, origin, note, at FROM dunning.checkpoints WHERE size = $1 AND origin = $2

-- name: page_erasures
-- What was erased, an account or all that was old, newest first, before a place.
SELECT leaf_index, kind, line
FROM (
    (
        SELECT leaf_index, kind, line FROM dunning.log_entries
        WHERE kind = 'erasure' AND ($1::bigint IS NULL OR leaf_index < $1)
        ORDER BY leaf_index DESC LIMIT $2
    )
    UNION ALL
    (
        SELECT leaf_index, kind, line FROM dunning.log_entries
        WHERE kind = 'retention' AND ($1::bigint IS NULL OR leaf_index < $1)
        ORDER BY leaf_index DESC LIMIT $2
    )
) erased
ORDER BY leaf_index DESC LIMIT $2

-- name: count_nodes
-- How many interior nodes are stored of the tree of the first lines.
SELECT count(*) FROM dunning.log_nodes WHERE (index + 1) << level <= $1

-- name: page_other_lines
-- Some lines that are no decisions, after a place; without those of some kinds.
SELECT leaf_index, kind, line FROM dunning.log_entries
WHERE leaf_index > $1 AND kind <> ALL($3::text[])
ORDER BY leaf_index LIMIT $2

-- name: has_subject
-- Whether there is a line of a kind about a subject.
SELECT EXISTS (SELECT 1 FROM dunning.log_entries WHERE kind = $1 AND subject = $2)
