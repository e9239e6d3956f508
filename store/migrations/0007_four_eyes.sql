-- Four eyes are a setting of the database, whose last line in the log (kind `setting`) says whether it is on. A version is
-- then retired or activated by two as well: the first event waits, the second approves it.
ALTER TABLE dunning.ruleset_events
    ADD COLUMN name text,                                -- the actor's, as it was then
    ADD COLUMN approval text CHECK (approval IN ('waits', 'approves'));
ALTER TABLE dunning.ruleset_versions ADD COLUMN publisher_name text;
CREATE INDEX log_settings ON dunning.log_entries (subject, leaf_index) WHERE kind = 'setting';
