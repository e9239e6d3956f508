-- name: plan
-- Let the events behind a place be sent to who wants them.
INSERT INTO dunning.deliveries (webhook_id, sequence, account_id, next_at)
SELECT w.id, e.sequence, e.account_id, e.at
FROM dunning.events e JOIN dunning.webhooks w ON w.ended_at IS NULL AND (w.types IS NULL OR e.type = ANY(w.types))
WHERE e.sequence > $1
FOR KEY SHARE OF w

-- name: hold_claims
-- Let nobody else take deliveries until this transaction ends: else two would count what is under way at once.
SELECT pg_advisory_xact_lock(7310562, 5)

-- name: put_off
-- Put off deliveries that wait for one before them of their account, until that is tried again: they are not looked at
-- in between. Whoever notes how that one went lets the next go.
WITH blocked AS MATERIALIZED (
    SELECT d.webhook_id, d.sequence, greatest(b.next_at, b.leased_until) AS until
    FROM dunning.webhooks w
    JOIN dunning.deliveries d ON d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= $1
    CROSS JOIN LATERAL (
        SELECT b.next_at, b.leased_until
        FROM dunning.deliveries b
        WHERE b.webhook_id = d.webhook_id AND b.account_id = d.account_id AND b.sequence < d.sequence
            AND b.state = 'waiting'
        ORDER BY b.sequence
        LIMIT 1
    ) b
    WHERE w.in_order AND w.ended_at IS NULL AND greatest(b.next_at, b.leased_until) > $1
    LIMIT $2
)
UPDATE dunning.deliveries d SET next_at = b.until
FROM blocked b
WHERE d.webhook_id = b.webhook_id AND d.sequence = b.sequence AND d.state = 'waiting'

-- name: let_next
-- Let the next event of an account go, where they go in order.
UPDATE dunning.deliveries d SET next_at = $3
WHERE d.next_at > $3 AND (d.webhook_id, d.sequence) = (
    SELECT n.webhook_id, n.sequence
    FROM dunning.deliveries o
    JOIN dunning.webhooks w ON w.id = o.webhook_id AND w.in_order
    JOIN dunning.deliveries n ON n.webhook_id = o.webhook_id AND n.account_id = o.account_id AND n.state = 'waiting'
    WHERE o.webhook_id = $1::text::uuid AND o.sequence = $2
    ORDER BY n.sequence
    LIMIT 1
)

-- name: claim
-- Take deliveries whose time has come: a few of each endpoint, so that a slow one delays no other; of an account whose
-- events go in order only the first. Nobody else has them until the lease ends.
WITH due AS (
    SELECT d.webhook_id, d.sequence
    FROM dunning.webhooks w
    CROSS JOIN LATERAL (
        SELECT d.webhook_id, d.sequence
        FROM dunning.deliveries d
        WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= $1
            AND (d.leased_until IS NULL OR d.leased_until <= $1)
            AND NOT (w.in_order AND EXISTS (
                SELECT FROM dunning.deliveries b
                WHERE b.webhook_id = d.webhook_id AND b.account_id = d.account_id AND b.sequence < d.sequence
                    AND b.state = 'waiting'
            ))
        ORDER BY d.next_at, d.sequence
        LIMIT greatest(0, $3 - (
            SELECT count(*) FROM dunning.deliveries l
            WHERE l.webhook_id = w.id AND l.state = 'waiting' AND l.leased_until > $1
        ))
        FOR UPDATE SKIP LOCKED
    ) d
    WHERE w.ended_at IS NULL
    LIMIT $4
)
UPDATE dunning.deliveries d SET leased_until = $2, attempts = d.attempts + 1
FROM due
JOIN dunning.events e ON e.sequence = due.sequence
JOIN dunning.webhooks w ON w.id = due.webhook_id
WHERE d.webhook_id = due.webhook_id AND d.sequence = due.sequence
RETURNING d.webhook_id, d.attempts, e.id, e.sequence, e.type, e.subject, e.at, e.data,
    w.url, w.allow_private, w.scheme, w.secret, CASE WHEN w.old_until > $1 THEN w.old_secret END AS old_secret

-- name: note
-- Write down how an attempt went, unless it was another's by then.
UPDATE dunning.deliveries
SET state = $4, next_at = $5, leased_until = NULL, last_at = $6, last_status = $7, last_error = $8
WHERE webhook_id = $1::text::uuid AND sequence = $2 AND attempts = $3 AND state = 'waiting'

-- name: list
-- The deliveries of an endpoint, newest first.
SELECT d.*, e.id, e.type, e.subject, e.at
FROM dunning.deliveries d JOIN dunning.events e USING (sequence)
WHERE d.webhook_id = $1::text::uuid AND ($2::text IS NULL OR d.state = $2) AND ($3::bigint IS NULL OR d.sequence < $3)
ORDER BY d.sequence DESC LIMIT $4

-- name: send_again
-- Let events be sent again, or for the first time, by id or in a range of places; answers how many.
WITH again AS (
    INSERT INTO dunning.deliveries (webhook_id, sequence, account_id, next_at)
    SELECT w.id, e.sequence, e.account_id, $5
    FROM dunning.webhooks w
    JOIN dunning.events e ON w.types IS NULL OR e.type = ANY(w.types)
    WHERE w.id = $1::text::uuid
        AND (e.id = ANY($2::text[]::uuid[]) OR (e.sequence > $3 AND e.sequence <= $4))
    FOR KEY SHARE OF w
    ON CONFLICT (webhook_id, sequence) DO UPDATE
    SET state = 'waiting', attempts = 0, next_at = excluded.next_at, leased_until = NULL
    RETURNING 1
)
SELECT count(*) FROM again
