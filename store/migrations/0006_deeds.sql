-- What was done is in the log: executed actions, and what was done with tokens. A line of any kind may say what it is
-- about (`subject`: a decision's or a token's id, a setting) and which row of another table (`row`); kinds to come need
-- no change here.
ALTER TABLE dunning.log_entries ADD COLUMN subject text, ADD COLUMN row_id bigint;
CREATE INDEX log_subjects ON dunning.log_entries (kind, subject) WHERE subject IS NOT NULL;
CREATE INDEX log_rows ON dunning.log_entries (kind, row_id) WHERE row_id IS NOT NULL;

CREATE OR REPLACE FUNCTION dunning.append_entry(kind text, line text, account_id text, before timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    leaf bytea;
    said jsonb := ('{' || substr(line, 2))::jsonb;
    said_at timestamptz := said ->> 'at';
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    leaf := dunning.hash_leaf(place, convert_to(line, 'UTF8'));
    INSERT INTO dunning.log_entries (leaf_index, leaf_hash, kind, account_id, before, line, at, subject, row_id)
    VALUES (place, leaf, append_entry.kind, append_entry.account_id, append_entry.before, append_entry.line, said_at,
        said ->> 'subject', (said ->> 'row')::bigint);
    IF kind = 'clock' THEN
        UPDATE dunning.log_head h SET latest_at = said_at WHERE h.is_head;
    END IF;
    PERFORM dunning.extend_log(ARRAY[leaf], said_at);
    RETURN place;
END $$;

-- An executed action's line commits to the entry by this salt, which goes with it.
ALTER TABLE dunning.history ADD COLUMN salt bytea;
-- Whose the token is, where it is a person's: who has two is one.
ALTER TABLE dunning.tokens ADD COLUMN person text;


-- What was recorded before is put into the log, as its lines would have been written.
CREATE FUNCTION pg_temp.word(value text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(to_json(value)::text, 'null')
$$;
CREATE FUNCTION pg_temp.instant(value timestamptz) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce('"' || to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
$$;
CREATE FUNCTION pg_temp.token_line(kind text, t dunning.tokens, revoked timestamptz) RETURNS text LANGUAGE sql AS $$
    SELECT concat(
        ',"kind":', pg_temp.word(kind), ',"at":', pg_temp.instant(clock_timestamp()),
        ',"subject":', pg_temp.word(t.id::text), ',"token_name":', pg_temp.word(t.name), ',"person":null',
        ',"scopes":', to_json(t.scopes), ',"expires_at":', pg_temp.instant(t.expires_at),
        ',"revoked_at":', pg_temp.instant(revoked), ',"secret":"', encode(t.secret_hash, 'hex'),
        '","actor":"migration","name":"migration 0006"}'
    )
$$;
ALTER TABLE dunning.history DISABLE TRIGGER append_only_rows;
DO $$
DECLARE
    t dunning.tokens;
    h dunning.history;
    fresh bytea;
    said jsonb;
BEGIN
    FOR t IN SELECT * FROM dunning.tokens ORDER BY id LOOP
        PERFORM dunning.append_entry('token_made', pg_temp.token_line('token_made', t, NULL), NULL, NULL);
        IF t.revoked_at IS NOT NULL THEN
            PERFORM dunning.append_entry(
                'token_revoked', pg_temp.token_line('token_revoked', t, t.revoked_at), NULL, NULL
            );
        END IF;
    END LOOP;
    FOR h IN SELECT * FROM dunning.history ORDER BY id LOOP
        fresh := substr(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 1, 16);
        UPDATE dunning.history SET salt = fresh WHERE id = h.id;
        said := CASE WHEN strpos(h.entry, '\u0000') = 0 THEN h.entry::jsonb ELSE '{}' END;
        PERFORM dunning.append_entry('executed', concat(
            ',"kind":"executed","at":', pg_temp.instant(clock_timestamp()),
            ',"subject":', pg_temp.word(h.decision_id::text), ',"row":', h.id,
            ',"account_id":', pg_temp.word(h.account_id), ',"executed_at":', pg_temp.instant(h.at),
            ',"action":', pg_temp.word(said ->> 'action'), ',"channel":', pg_temp.word(said ->> 'channel'),
            ',"result":', pg_temp.word(said ->> 'result'),
            ',"commitment":"', encode(sha256(fresh || convert_to(h.entry, 'UTF8')), 'hex'),
            '","actor":"migration","name":"migration 0006"}'
        ), h.account_id, NULL);
    END LOOP;
END $$;
ALTER TABLE dunning.history ENABLE TRIGGER append_only_rows;
ALTER TABLE dunning.history ALTER COLUMN salt SET NOT NULL;
DROP FUNCTION pg_temp.token_line(text, dunning.tokens, timestamptz), pg_temp.word(text), pg_temp.instant(timestamptz);
