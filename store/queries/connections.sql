-- name: look
-- What must be so for this server to be used: its version, its encoding, and whether it took the session's settings.
SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
    current_setting('synchronous_commit'), current_setting('statement_timeout'), current_setting('fsync')

-- name: limit
-- Give statements, and their waiting for locks, so many milliseconds.
SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false)
