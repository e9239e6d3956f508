-- Lines follow each other in time: the log's end knows the latest time in it, and other lines show theirs.
ALTER TABLE dunning.log_head ADD COLUMN latest_at timestamptz;
ALTER TABLE dunning.log_entries ADD COLUMN at timestamptz;
ALTER TABLE dunning.log_entries DISABLE TRIGGER immutable_rows;
UPDATE dunning.log_entries SET at = (('{' || substr(line, 2))::jsonb ->> 'at')::timestamptz;
ALTER TABLE dunning.log_entries ENABLE TRIGGER immutable_rows;
ALTER TABLE dunning.log_entries ALTER COLUMN at SET NOT NULL;

-- Put hashes at the tree's end; the caller holds log_head. `reached` is the latest time of their lines.
DROP FUNCTION dunning.extend_log(bytea[]);
CREATE FUNCTION dunning.extend_log(leaf_hashes bytea[], reached timestamptz DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    tops bytea[];
    height integer;
    node bytea;
    rest bigint;
    level integer;
BEGIN
    SELECT h.size, h.peaks INTO place, tops FROM dunning.log_head h WHERE h.is_head;
    height := cardinality(tops);
    FOREACH node IN ARRAY leaf_hashes LOOP
        rest := place;
        level := 0;
        WHILE rest & 1 = 1 LOOP
            node := sha256('\x01'::bytea || tops[height] || node);
            height := height - 1;
            level := level + 1;
            rest := rest >> 1;
            IF level & 7 = 0 THEN
                INSERT INTO dunning.log_nodes (level, index, hash) VALUES (level, rest, node);
            END IF;
        END LOOP;
        height := height + 1;
        tops[height] := node;
        place := place + 1;
    END LOOP;
    UPDATE dunning.log_head h SET size = place, peaks = tops[:height], latest_at = greatest(h.latest_at, reached)
    WHERE h.is_head;
END $$;

-- Log something that is no decision; answers its place. A line of the kind `clock` begins time anew.
CREATE OR REPLACE FUNCTION dunning.append_entry(kind text, line text, account_id text, before timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    leaf bytea;
    said_at timestamptz := ('{' || substr(line, 2))::jsonb ->> 'at';
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    leaf := dunning.hash_leaf(place, convert_to(line, 'UTF8'));
    INSERT INTO dunning.log_entries (leaf_index, leaf_hash, kind, account_id, before, line, at)
    VALUES (place, leaf, append_entry.kind, append_entry.account_id, append_entry.before, append_entry.line, said_at);
    IF kind = 'clock' THEN
        UPDATE dunning.log_head h SET latest_at = said_at WHERE h.is_head;
    END IF;
    PERFORM dunning.extend_log(ARRAY[leaf], said_at);
    RETURN place;
END $$;

-- Log a batch of decisions, each with its line. One that is there already (a batch sent again after a lost connection)
-- is left as it is. A row's known_erasures says how long the log was after the last erasure that was known when its
-- facts were read: those of an account erased since then are not written any more. One whose time lies further than
-- `tolerance` before the latest in the log, or after now, refuses the batch.
DROP FUNCTION dunning.append_decisions(dunning.arriving_decisions[], bytea[]);
CREATE FUNCTION dunning.append_decisions(rows dunning.arriving_decisions[], lines bytea[], tolerance interval)
RETURNS void LANGUAGE plpgsql
-- Planning this anew for every batch would cost more than carrying it out.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    place bigint;
    latest timestamptz;
    present uuid[];
    erased_at bigint;
    d dunning.arriving_decisions;
    arrived dunning.arriving_decisions[] := '{}';
    leaves bytea[] := '{}';
BEGIN
    SELECT h.size, h.latest_at INTO place, latest FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    present := ARRAY(SELECT p.id FROM dunning.decisions p WHERE p.id = ANY(ARRAY(SELECT r.id FROM unnest(rows) r)));
    erased_at := (SELECT max(e.leaf_index) FROM dunning.log_entries e WHERE e.kind = 'erasure');
    FOR number IN 1 .. cardinality(rows) LOOP
        d := rows[number];
        CONTINUE WHEN d.id = ANY(present);
        IF d.at < latest - tolerance OR d.at > clock_timestamp() + tolerance THEN
            RAISE EXCEPTION 'the time of decision %, %, is too far from that of the log, %, or of PostgreSQL, %',
                d.id, d.at, latest, clock_timestamp() USING ERRCODE = 'DUN01';
        END IF;
        latest := greatest(latest, d.at);
        d.leaf_index := place + cardinality(leaves);
        d.leaf_hash := dunning.hash_leaf(d.leaf_index, lines[number]);
        IF erased_at >= d.known_erasures THEN
            IF dunning.is_erased(ARRAY[d.account_id], d.known_erasures) THEN
                d.answer := NULL;
                d.input := NULL;
                d.salt := NULL;
            END IF;
            IF dunning.is_erased(d.account_id || d.related_accounts, d.known_erasures) THEN
                d.related := NULL;
                d.related_salt := NULL;
            END IF;
        END IF;
        leaves := leaves || d.leaf_hash;
        arrived := arrived || d;
    END LOOP;
    IF leaves <> '{}' THEN
        INSERT INTO dunning.decisions SELECT a.* FROM unnest(arrived) a;
        PERFORM dunning.extend_log(leaves, latest);
    END IF;
END $$;

-- What kinds of lines there are is for the program to know: a new one needs no change here.
ALTER TABLE dunning.log_entries DROP CONSTRAINT log_entries_kind_check, DROP CONSTRAINT log_entries_check;

-- The lines so far were not held against each other. From here on they are.
SELECT dunning.append_entry('clock', concat(
    ',"kind":"clock","at":"', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    '","actor":"migration","name":"migration 0005","note":"from here on lines follow each other in time"}'
), NULL, NULL)
FROM dunning.log_head h WHERE h.size > 0;
