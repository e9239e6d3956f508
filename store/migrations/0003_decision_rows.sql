-- Decisions are logged as whole rows.

-- A row on its way into dunning.decisions, as a type of its own: a server that knows fewer columns than the table has
-- by now still logs. Nothing is stored in it.
CREATE TABLE dunning.arriving_decisions (LIKE dunning.decisions);

DROP FUNCTION dunning.append_decisions(
    uuid[], timestamptz[], text[], text[], text[], integer[], text[], text[], text[], text[], text[], timestamptz[],
    bytea[], text[], text[], bytea[], text[], bytea[], bytea[], text[], bytea[], bigint[]
);

-- Log a batch of decisions, each with its line. One that is there already (a batch sent again after a lost connection)
-- is left as it is. A row's known_erasures says how long the log was after the last erasure that was known when its
-- facts were read: those of an account erased since then are not written any more.
CREATE FUNCTION dunning.append_decisions(rows dunning.arriving_decisions[], lines bytea[]) RETURNS void LANGUAGE plpgsql
-- Planning this anew for every batch would cost more than carrying it out.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    place bigint;
    present uuid[];
    erased_at bigint;
    d dunning.arriving_decisions;
    arrived dunning.arriving_decisions[] := '{}';
    leaves bytea[] := '{}';
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    present := ARRAY(SELECT p.id FROM dunning.decisions p WHERE p.id = ANY(ARRAY(SELECT r.id FROM unnest(rows) r)));
    erased_at := (SELECT max(e.leaf_index) FROM dunning.log_entries e WHERE e.kind = 'erasure');
    FOR number IN 1 .. cardinality(rows) LOOP
        d := rows[number];
        CONTINUE WHEN d.id = ANY(present);
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
        PERFORM dunning.extend_log(leaves);
    END IF;
END $$;

-- Whether one of some accounts was erased since the log was so long.
CREATE FUNCTION dunning.is_erased(account_ids text[], since bigint) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM dunning.log_entries e
        WHERE e.kind = 'erasure' AND e.account_id = ANY(account_ids) AND e.leaf_index >= since
    )
$$;
