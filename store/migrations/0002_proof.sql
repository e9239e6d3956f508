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
    ADD COLUMN known_erasures bigint NOT NULL DEFAULT 0,   -- how long the log was after the last erasure known then
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
    UPDATE dunning.log_head h SET size = place, peaks = tops[:height] WHERE h.is_head;
END $$;

-- The hash of the leaf at a place; `line` is its JSON from the comma after the place on.
CREATE FUNCTION dunning.hash_leaf(place bigint, line bytea) RETURNS bytea STABLE LANGUAGE sql AS $$
    SELECT sha256('\x00'::bytea || convert_to('{"index":' || place, 'UTF8') || line)
$$;

-- Log something that is no decision; answers its place.
CREATE FUNCTION dunning.append_entry(kind text, line text, account_id text, before timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    leaf bytea;
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    leaf := dunning.hash_leaf(place, convert_to(line, 'UTF8'));
    INSERT INTO dunning.log_entries (leaf_index, leaf_hash, kind, account_id, before, line)
    VALUES (place, leaf, append_entry.kind, append_entry.account_id, append_entry.before, append_entry.line);
    PERFORM dunning.extend_log(ARRAY[leaf]);
    RETURN place;
END $$;

-- Log a batch of decisions, each with its line. One that is there already (a batch sent again after a lost connection)
-- is left as it is. `known` says how long the log was after the last erasure that was known when a decision's facts were
-- read: those of an account erased since then are not written any more. The arrays' elements belong together; `relation_accounts` are array literals.
CREATE FUNCTION dunning.append_decisions(
    ids uuid[], instants timestamptz[], account_ids text[], tracks text[], ruleset_ids text[], versions integer[],
    digests text[], rules text[], outcomes text[], actions text[], channels text[], as_ofs timestamptz[],
    commitments bytea[], answers text[], inputs text[], salts bytea[], relations text[], relation_salts bytea[],
    relation_commitments bytea[], relation_accounts text[], lines bytea[], known bigint[]
) RETURNS void LANGUAGE plpgsql
-- Planning this anew for every batch would cost more than carrying it out.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    place bigint;
    present uuid[];
    present_at integer[];
    may_be_erased boolean;
    leaves bytea[];
BEGIN
    SELECT h.size INTO place FROM dunning.log_head h WHERE h.is_head FOR UPDATE;
    present := ARRAY(SELECT d.id FROM dunning.decisions d WHERE d.id = ANY(ids));
    present_at := ARRAY(SELECT array_position(ids, p) FROM unnest(present) p);
    may_be_erased := coalesce(
        (SELECT max(e.leaf_index) FROM dunning.log_entries e WHERE e.kind = 'erasure')
        >= (SELECT min(k) FROM unnest(known) k),
        false
    );
    WITH batch AS (
        SELECT b.id, b.at, b.account_id, b.track, b.ruleset_id, b.version, b.digest, b.rule, b.outcome, b.action,
            b.channel, b.as_of, b.commitment, b.answer, b.input, b.salt, b.related, b.related_salt,
            b.related_commitment, b.related_accounts::text[] AS related_accounts, b.line, b.known,
            place - 1 + b.position - CASE
                WHEN present = '{}' THEN 0
                ELSE (SELECT count(*) FROM unnest(present_at) p WHERE p < b.position)
            END AS leaf_index,
            may_be_erased AND EXISTS (
                SELECT FROM dunning.log_entries e
                WHERE e.kind = 'erasure' AND e.account_id = b.account_id AND e.leaf_index >= b.known
            ) AS is_erased,
            may_be_erased AND EXISTS (
                SELECT FROM dunning.log_entries e
                WHERE e.kind = 'erasure' AND e.leaf_index >= b.known
                    AND e.account_id = ANY(b.account_id || b.related_accounts::text[])
            ) AS is_related_erased
        FROM unnest(
            ids, instants, account_ids, tracks, ruleset_ids, versions, digests, rules, outcomes, actions, channels,
            as_ofs, commitments, answers, inputs, salts, relations, relation_salts, relation_commitments,
            relation_accounts, lines, known
        ) WITH ORDINALITY AS b (
            id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
            answer, input, salt, related, related_salt, related_commitment, related_accounts, line, known, position
        )
        WHERE b.id <> ALL (present)
    ), inserted AS (
        INSERT INTO dunning.decisions
            (id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of, commitment,
             answer, input, salt, leaf_index, leaf_hash, related, related_salt, related_commitment, related_accounts,
             known_erasures)
        SELECT b.id, b.at, b.account_id, b.track, b.ruleset_id, b.version, b.digest, b.rule, b.outcome, b.action,
            b.channel, b.as_of, b.commitment,
            CASE WHEN NOT b.is_erased THEN b.answer END,
            CASE WHEN NOT b.is_erased THEN b.input END,
            CASE WHEN NOT b.is_erased THEN b.salt END,
            b.leaf_index,
            sha256('\x00'::bytea || convert_to('{"index":' || b.leaf_index, 'UTF8') || b.line),   -- as hash_leaf, inlined
            CASE WHEN NOT b.is_related_erased THEN b.related END,
            CASE WHEN NOT b.is_related_erased THEN b.related_salt END,
            b.related_commitment, b.related_accounts, b.known
        FROM batch b
        RETURNING leaf_index, leaf_hash
    )
    SELECT array_agg(i.leaf_hash ORDER BY i.leaf_index) INTO leaves FROM inserted i;
    IF leaves IS NOT NULL THEN
        PERFORM dunning.extend_log(leaves);
    END IF;
END $$;


-- Four eyes: such a version is in use only once another token has approved this very content.
ALTER TABLE dunning.ruleset_versions ADD COLUMN approval_required boolean NOT NULL DEFAULT false;
ALTER TABLE dunning.ruleset_events ADD COLUMN digest text;   -- of what was approved, retired or activated

-- Which accounts a kept answer speaks of, so that it goes with them.
ALTER TABLE dunning.idempotency_keys ADD COLUMN account_ids text[] NOT NULL DEFAULT '{}';

-- Keep an answer, unless an account it speaks of was erased since its facts were read. An erasure takes the same lock
-- alone: either it sees the answer, or the answer sees it.
CREATE FUNCTION dunning.keep_answer(
    of_token text, of_key text, kept_status integer, kept_body text, accounts text[], known bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7310562, 3);
    IF EXISTS (
        SELECT FROM dunning.log_entries e
        WHERE e.kind = 'erasure' AND e.account_id = ANY(accounts) AND e.leaf_index >= known
    ) THEN
        DELETE FROM dunning.idempotency_keys k WHERE k.token_id = of_token AND k.key = of_key AND k.status IS NULL;
    ELSE
        UPDATE dunning.idempotency_keys k SET status = kept_status, body = kept_body, account_ids = accounts
        WHERE k.token_id = of_token AND k.key = of_key AND k.status IS NULL;
    END IF;
END $$;


-- Who read personal data, when, and what.
CREATE TABLE dunning.accesses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,                -- the token's id, or who ran the command
    name text NOT NULL,                 -- the token's name
    what text NOT NULL
);
CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.accesses
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.accesses
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();

-- The checkpoints that were handed out.
CREATE TABLE dunning.checkpoints (
    size bigint NOT NULL,
    origin text NOT NULL,
    note text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, origin)
);
CREATE TRIGGER immutable_rows BEFORE UPDATE OR DELETE ON dunning.checkpoints
    FOR EACH ROW EXECUTE FUNCTION dunning.refuse_change();
CREATE TRIGGER immutable_table BEFORE TRUNCATE ON dunning.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_change();


-- What was logged before there was a tree is put into it, as its lines would have been written.
CREATE FUNCTION pg_temp.word(value text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(to_json(value)::text, 'null')
$$;
CREATE FUNCTION pg_temp.instant(value timestamptz) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(
        replace(to_char(value AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""'), '.000000Z', 'Z'), 'null'
    )
$$;
CREATE FUNCTION pg_temp.hash(value text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.word(encode(sha256(convert_to(value, 'UTF8')), 'hex'))
$$;
ALTER TABLE dunning.decisions DISABLE TRIGGER erasable_rows;
DO $$
DECLARE
    v dunning.ruleset_versions;
    e dunning.ruleset_events;
    x dunning.erasures;
    d dunning.decisions;
    place bigint;
    leaf bytea;
BEGIN
    FOR v IN SELECT * FROM dunning.ruleset_versions ORDER BY published_at, ruleset_id, number LOOP
        PERFORM dunning.append_entry('publish', concat(
            ',"kind":"publish","at":', pg_temp.instant(v.published_at), ',"ruleset":', pg_temp.word(v.ruleset_id),
            ',"version":', v.number, ',"digest":', pg_temp.word(v.digest),
            ',"text":', pg_temp.hash(v.text), ',"facts":', pg_temp.hash(v.facts_text),
            ',"suite":', pg_temp.hash(v.suite_text), ',"canonical":', pg_temp.hash(v.canonical),
            ',"holidays":', pg_temp.hash(v.holidays), ',"diagnostics":', pg_temp.hash(v.diagnostics),
            ',"effective_from":', pg_temp.word(v.effective_from::text),
            ',"effective_until":', pg_temp.word(v.effective_until::text),
            ',"approval_required":false,"publisher":', pg_temp.word(v.publisher),
            ',"repository":', pg_temp.word(v.repository), ',"commit":', pg_temp.word(v.commit),
            ',"author":', pg_temp.word(v.author), ',"committer":', pg_temp.word(v.committer),
            ',"committed_at":', pg_temp.instant(v.committed_at), '}'
        ), NULL, NULL);
    END LOOP;
    FOR e IN SELECT * FROM dunning.ruleset_events ORDER BY id LOOP
        PERFORM dunning.append_entry(e.kind, concat(
            ',"kind":', pg_temp.word(e.kind), ',"at":', pg_temp.instant(e.at),
            ',"ruleset":', pg_temp.word(e.ruleset_id), ',"version":', e.number,
            ',"digest":null,"actor":', pg_temp.word(e.actor), ',"note":', pg_temp.word(e.note), '}'
        ), NULL, NULL);
    END LOOP;
    FOR d IN SELECT * FROM dunning.decisions ORDER BY id LOOP
        SELECT h.size INTO place FROM dunning.log_head h;
        leaf := dunning.hash_leaf(place, convert_to(concat(
            ',"kind":"decision","id":', pg_temp.word(d.id::text), ',"at":', pg_temp.instant(d.at),
            ',"account_id":', pg_temp.word(d.account_id), ',"track":', pg_temp.word(d.track),
            ',"ruleset":', pg_temp.word(d.ruleset_id), ',"version":', coalesce(d.version::text, 'null'),
            ',"digest":', pg_temp.word(d.digest), ',"rule":', pg_temp.word(d.rule),
            ',"outcome":', pg_temp.word(d.outcome), ',"action":', pg_temp.word(d.action),
            ',"channel":', pg_temp.word(d.channel), ',"as_of":', pg_temp.instant(d.as_of),
            ',"commitment":', pg_temp.word(encode(d.commitment, 'hex')), ',"known_erasures":0}'
        ), 'UTF8'));
        UPDATE dunning.decisions SET leaf_index = place, leaf_hash = leaf WHERE id = d.id;
        PERFORM dunning.extend_log(ARRAY[leaf]);
    END LOOP;
    FOR x IN SELECT * FROM dunning.erasures ORDER BY id LOOP
        PERFORM dunning.append_entry('erasure', concat(
            ',"kind":"erasure","at":', pg_temp.instant(x.at), ',"account_id":', pg_temp.word(x.account_id),
            ',"actor":', pg_temp.word(x.actor), ',"decisions_count":', x.decisions_count, '}'
        ), x.account_id, NULL);
    END LOOP;
END $$;
ALTER TABLE dunning.decisions ENABLE TRIGGER erasable_rows;
ALTER TABLE dunning.decisions ALTER COLUMN leaf_index SET NOT NULL, ALTER COLUMN leaf_hash SET NOT NULL;
CREATE UNIQUE INDEX decisions_in_order ON dunning.decisions (leaf_index);
CREATE INDEX decisions_related ON dunning.decisions USING gin (related_accounts) WHERE related_accounts IS NOT NULL;
DROP FUNCTION pg_temp.word(text), pg_temp.instant(timestamptz), pg_temp.hash(text);
DROP TABLE dunning.erasures;
