-- name: count
-- Add calls of one account to those of its segment, by window, in order so that two counts cannot lock each other out.
INSERT INTO dunning.call_hours AS c (segment, call_window, answered, calls)
SELECT $1, n.call_window, n.answered, n.calls
FROM unnest($2::smallint[], $3::bigint[], $4::bigint[]) AS n (call_window, answered, calls)
ORDER BY n.call_window
ON CONFLICT (segment, call_window) DO UPDATE
SET answered = c.answered + excluded.answered, calls = c.calls + excluded.calls

-- name: read
-- How often calls to each of some segments were answered, by window, and to all accounts (where the segment is null).
SELECT segment, call_window, sum(answered)::bigint AS answered, sum(calls)::bigint AS calls
FROM dunning.call_hours
GROUP BY GROUPING SETS ((segment, call_window), (call_window))
HAVING segment IS NULL OR segment = ANY($1::text[])
ORDER BY segment NULLS LAST, call_window
