-- Concurrently: by which erasure or merge a line's facts are gone, asked of each line when the log is verified. Without
-- it every line looks through all that stand behind it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS log_gone ON dunning.log_entries (account_id, leaf_index)
    WHERE kind IN ('erasure', 'merge');
