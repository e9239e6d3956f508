-- One Merkle tree (RFC 6962) over everything that is logged: decisions, erasures, and what happens to ruleset versions.
--
-- Whoever writes to the log holds the row of log_head until his transaction ends and gives out the next places: so there
-- is one order across processes, and a place is given out once. A leaf is sha256(0x00, line); the line is the JSON of
-- store/loglines.py, its place in it, without anything that may be erased.

-- The tree's end. `peaks` are the hashes of the complete subtrees whose sizes add up to `size`, the largest first.
CREATE TABLE dunning.log_head (
    is_head boolean PRIMARY KEY DEFAULT true CHECK (is_head),
    size bigint NOT NULL,
    peaks bytea[] NOT NULL
) WITH (fillfactor = 20);   -- one short row that every batch writes anew: room for it on its page
INSERT INTO dunning.log_head (size, peaks) VALUES (0, '{}');

-- Every eighth level of the tree; what lies between is worked out from at most 256 hashes when a proof is asked for.
CREATE TABLE dunning.log_nodes (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, index)
);
CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.log_nodes
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.log_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();

-- What is logged beside decisions; never what was in an account.
CREATE TABLE dunning.log_entries (
    leaf_index bigint PRIMARY KEY,
    leaf_hash bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('erasure', 'retention', 'publish', 'retire', 'activate', 'approve')),
    account_id text,                    -- of an erasure
    before timestamptz,                 -- of a retention: facts of decisions older than this are gone
    line text NOT NULL,                 -- JSON as hashed, but without its place
    CHECK ((kind = 'erasure') = (account_id IS NOT NULL) AND (kind = 'retention') = (before IS NOT NULL))
);
CREATE INDEX log_erasures ON dunning.log_entries (account_id, leaf_index) WHERE kind = 'erasure';
CREATE INDEX log_latest_erasure ON dunning.log_entries (leaf_index) WHERE kind = 'erasure';
CREATE INDEX log_retentions ON dunning.log_entries (before) WHERE kind = 'retention';
CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.log_entries
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.log_entries
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();


-- A decision's own place. `related` are the entries of other accounts of the same party in its history: they go when
-- such an account is erased, and with the decision's own account. related_commitment = sha256(related_salt, related).
ALTER TABLE dunning.decisions
    ADD COLUMN leaf_index bigint,
    ADD COLUMN leaf_hash bytea,
    ADD COLUMN related text,
    ADD COLUMN related_salt bytea,
    ADD COLUMN related_commitment bytea,
    ADD COLUMN related_accounts text[],
    ADD CHECK ((related IS NULL) = (related_salt IS NULL)),
    ADD CHECK ((related_commitment IS NULL) = (related_accounts IS NULL)),
    ADD CHECK (related IS NULL OR related_commitment IS NOT NULL);
ALTER TABLE dunning.decisions ALTER COLUMN related SET STORAGE EXTERNAL;

CREATE OR REPLACE FUNCTION dunning.refuse_unless_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased dunning.decisions := OLD;
BEGIN
    IF NEW.salt IS NULL THEN
        erased.answer := NULL;
        erased.input := NULL;
        erased.salt := NULL;
    END IF;
    IF NEW.related_salt IS NULL THEN
        erased.related := NULL;
        erased.related_salt := NULL;
    END IF;
    IF NEW IS NOT DISTINCT FROM erased THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE of dunning.decisions is refused: only facts, answer and salt together may be erased'
        USING ERRCODE = 'restrict_violation';
END $$;


-- Put hashes at the tree's end; the caller holds log_head.
CREATE FUNCTION dunning.extend_log(leaf_hashes bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    peaks bytea[];
    height integer;
    node bytea;
    rest bigint;
    level integer;
BEGIN
    SELECT h.size, h.peaks INTO place, peaks FROM dunning.log_head h;
    height := cardinality(peaks);
    FOREACH node IN ARRAY leaf_hashes LOOP
        rest := place;
        level := 0;
        WHILE rest & 1 = 1 LOOP
            node := sha256('\x01'::bytea || peaks[height] || node);
            height := height - 1;
            level := level + 1;
            rest := rest >> 1;
            IF level & 7 = 0 THEN
                INSERT INTO dunning.log_nodes (level, index, hash) VALUES (level, rest, node);
            END IF;
        END LOOP;
        height := height + 1;
        peaks[height] := node;
        place := place + 1;
    END LOOP;
    UPDATE dunning.log_head h SET size = place, peaks = extend_log.peaks[:height];
END $$;

-- The hash of the leaf at a place; `line` is its JSON from the comma after the place on.
CREATE FUNCTION dunning.hash_leaf(place bigint, line bytea) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT sha256('\x00'::bytea || convert_to('{"index":' || place, 'UTF8') || line)
$$;

-- Log something that is no decision; answers its place.
CREATE FUNCTION dunning.append_entry(kind text, line text, account_id text, before timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    leaf bytea;
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h FOR UPDATE;
    leaf := dunning.hash_leaf(place, convert_to(line, 'UTF8'));
    INSERT INTO dunning.log_entries (leaf_index, leaf_hash, kind, account_id, before, line)
    VALUES (place, leaf, append_entry.kind, append_entry.account_id, append_entry.before, append_entry.line);
    PERFORM dunning.extend_log(ARRAY[leaf]);
    RETURN place;
END $$;

-- Log a batch of decisions, each with its line. One that is there already (a batch sent again after a lost connection)
-- is left as it is. `known` says how long the log was when a decision's facts were read: those of an account erased
-- since then are not written any more.
CREATE FUNCTION dunning.append_decisions(
    ids uuid[], instants timestamptz[], account_ids text[], tracks text[], ruleset_ids text[], versions integer[],
    digests text[], rules text[], outcomes text[], actions text[], channels text[], as_ofs timestamptz[],
    commitments bytea[], answers text[], inputs text[], salts bytea[], relations text[], relation_salts bytea[],
    relation_commitments bytea[], relation_accounts text[], lines bytea[], known bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    present uuid[];
    may_be_erased boolean;
    leaves bytea[];
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h FOR UPDATE;
    present := ARRAY(SELECT d.id FROM dunning.decisions d WHERE d.id = ANY(ids));
    may_be_erased := coalesce(
        (SELECT max(e.leaf_index) FROM dunning.log_entries e WHERE e.kind = 'erasure')
        >= (SELECT min(k) FROM unnest(known) k),
        false
    );
    WITH batch AS (
        SELECT b.*, place - 1 + row_number() OVER (ORDER BY b.position) AS leaf_index,
            may_be_erased AND EXISTS (
                SELECT FROM dunning.log_entries e
                WHERE e.kind = 'erasure' AND e.account_id = b.account_id AND e.leaf_index >= b.known
            ) AS is_erased
        FROM unnest(
            ids, instants, account_ids, tracks, ruleset_ids, versions, digests, rules, outcomes, actions, channels,
            as_ofs, commitments, answers, inputs, salts, relations, relation_salts, relation_commitments,
            relation_accounts, lines, known
        ) WITH ORDINALITY AS b (
            id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
            answer, input, salt, related, related_salt, related_commitment, related_accounts, line, known, position
        )
        WHERE b.id <> ALL (present)
    ), relation AS (
        SELECT b.id, array(SELECT json_array_elements_text(b.related_accounts::json)) AS accounts
        FROM batch b
        WHERE b.related_accounts IS NOT NULL
    ), inserted AS (
        INSERT INTO dunning.decisions
            (id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
             answer, input, salt, leaf_index, leaf_hash, related, related_salt, related_commitment, related_accounts)
        SELECT b.id, b.at, b.account_id, b.track, b.ruleset_id, b.version, b.digest, b.rule, b.outcome, b.action,
            b.channel, b.as_of, b.commitment,
            CASE WHEN NOT b.is_erased THEN b.answer END,
            CASE WHEN NOT b.is_erased THEN b.input END,
            CASE WHEN NOT b.is_erased THEN b.salt END,
            b.leaf_index, dunning.hash_leaf(b.leaf_index, b.line),
            CASE WHEN NOT b.is_erased AND NOT r.is_erased THEN b.related END,
            CASE WHEN NOT b.is_erased AND NOT r.is_erased THEN b.related_salt END,
            b.related_commitment, r.accounts
        FROM batch b
        LEFT JOIN LATERAL (
            SELECT o.accounts, may_be_erased AND EXISTS (
                SELECT FROM dunning.log_entries e
                WHERE e.kind = 'erasure' AND e.account_id = ANY(o.accounts) AND e.leaf_index >= b.known
            ) AS is_erased
            FROM relation o
            WHERE o.id = b.id
        ) r ON true
        RETURNING leaf_index, leaf_hash
    )
    SELECT array_agg(i.leaf_hash ORDER BY i.leaf_index) INTO leaves FROM inserted i;
    IF leaves IS NOT NULL THEN
        PERFORM dunning.extend_log(leaves);
    END IF;
END $$;
