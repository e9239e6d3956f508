-- name: server
-- What PostgreSQL says of itself: version, clock, whether it takes writes, connections, size, age, the oldest open work.
SELECT current_setting('server_version_num')::int AS version,
    clock_timestamp() AS now,
    pg_is_in_recovery() AS is_standby,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections_count,
    current_setting('max_connections')::int AS most_connections,
    pg_database_size(current_database()) AS size_bytes,
    (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS transactions_age,
    (
        SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::float8
        FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    ) AS oldest_transaction_seconds,
    to_regclass('dunning.migrations') IS NOT NULL AS has_tables

-- name: settings
-- The settings of these names, as the server has them for everybody.
SELECT name, coalesce(reset_val, setting) AS value FROM pg_settings WHERE name = ANY($1::text[])

-- name: standbys
-- Who receives what is written, and how far behind; the lag is null to a role that may not see it.
SELECT application_name AS name, extract(epoch FROM replay_lag)::float8 AS lag_seconds
FROM pg_stat_replication
ORDER BY application_name

-- name: slots
-- Replication slots that nobody reads, and how much is kept for them.
SELECT slot_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS kept_bytes
FROM pg_replication_slots
WHERE NOT active AND restart_lsn IS NOT NULL
ORDER BY slot_name

-- name: migrations
-- Which migrations were applied.
SELECT number, name, checksum FROM dunning.migrations ORDER BY number

-- name: holdings
-- How long the log is and the latest time in it, the last checkpoint handed out, and what waits for approval.
SELECT h.size AS lines_count, h.latest_at,
    (SELECT max(at) FROM dunning.checkpoints) AS checkpoint_at,
    (
        SELECT count(*)
        FROM dunning.ruleset_versions v
        WHERE v.approval_required AND NOT EXISTS (
            SELECT FROM dunning.ruleset_events e
            WHERE e.ruleset_id = v.ruleset_id AND e.number = v.number AND e.kind = 'approve'
        )
    ) AS unapproved_count
FROM dunning.log_head h

-- name: tokens
-- How many tokens can be used, how many of them end within so many days, and how many never do.
SELECT count(*) AS usable_count,
    count(*) FILTER (WHERE expires_at < now() + make_interval(days => $1)) AS ending_count,
    count(*) FILTER (WHERE expires_at IS NULL) AS endless_count
FROM dunning.tokens
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
