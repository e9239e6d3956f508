-- When to ask again about each stored account: never a plan of steps, always a question.
--
-- Whoever writes to an account, its history or what is in use marks the question in his own transaction, by trigger, so
-- that no way of writing, of this program or the one before it, can forget it.

-- The tracks in which rulesets are published: an account is asked about once in each.
CREATE TABLE dunning.tracks (name text PRIMARY KEY);

CREATE TABLE dunning.due (
    account_id text NOT NULL REFERENCES dunning.accounts ON DELETE CASCADE,
    track text NOT NULL,
    ask_at timestamptz,                 -- null: never, unless something changes
    -- The last answer.
    decision_id uuid,
    decided_at timestamptz,             -- the instant it was asked about
    outcome text,
    ruleset_id text,
    version integer,
    rule text,
    title text,
    level integer,
    action text,
    channel text,
    scheduled_for timestamptz,
    review_on date,
    approval text,
    reason text,
    episode text,
    currency text,
    claim numeric,                      -- the claim's total
    collectable numeric,                -- what is overdue and neither disputed nor promised
    problem text,                       -- why there is no answer of today; the last one is from before it
    PRIMARY KEY (account_id, track)
) WITH (fillfactor = 80);               -- rows are written again and again
CREATE INDEX due_next ON dunning.due (ask_at) WHERE ask_at IS NOT NULL;

-- What came into use or went out of it, for whose sake accounts must be asked again: worked off in pages of accounts,
-- so that nobody who writes to one waits for all. Null words: every account.
CREATE TABLE dunning.due_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    track text NOT NULL,
    ruleset_id text,                    -- accounts that it answered last are asked again, whatever they say
    currencies text[],
    countries text[],
    segments text[],
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    after_id text NOT NULL DEFAULT ''   -- the last account that was looked at
);


-- Ask about accounts again, now.
CREATE FUNCTION dunning.ask_again(account_ids text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dunning.due AS d (account_id, track, ask_at)
    SELECT a.id, t.name, clock_timestamp()
    FROM unnest(account_ids) a (id) CROSS JOIN dunning.tracks t
    ORDER BY a.id, t.name   -- in one order, so that two cannot lock each other out
    ON CONFLICT (account_id, track) DO UPDATE SET ask_at = least(d.ask_at, excluded.ask_at)
$$;

-- Who stores a new account and who makes a new track wait for each other: one of them sees what the other did.
CREATE FUNCTION dunning.ask_about_new_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7310562, 4);
    PERFORM dunning.ask_again(ARRAY(SELECT n.id FROM now_stored n));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_about_new AFTER INSERT ON dunning.accounts REFERENCING NEW TABLE AS now_stored
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.ask_about_new_accounts();

-- Who joins a party or leaves it brings its contacts along, and takes them away.
CREATE FUNCTION dunning.ask_about_changed_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.ask_again(ARRAY(
        SELECT n.id FROM now_stored n JOIN stored_before o USING (id) WHERE n.document <> o.document
        UNION
        SELECT p.id
        FROM now_stored n
        JOIN stored_before o USING (id)
        JOIN dunning.accounts p ON p.party IN (n.party, o.party)
        WHERE n.party IS DISTINCT FROM o.party
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_about_changed AFTER UPDATE ON dunning.accounts
    REFERENCING OLD TABLE AS stored_before NEW TABLE AS now_stored
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.ask_about_changed_accounts();

CREATE FUNCTION dunning.ask_about_party_of_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.ask_again(ARRAY(
        SELECT p.id FROM stored_before o JOIN dunning.accounts p ON p.party = o.party
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_about_party_of_gone AFTER DELETE ON dunning.accounts REFERENCING OLD TABLE AS stored_before
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.ask_about_party_of_gone();

-- What was executed for an account counts for the contact limits of its party's others.
CREATE FUNCTION dunning.ask_about_executed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.ask_again(ARRAY(
        SELECT n.account_id FROM now_recorded n
        UNION
        SELECT p.id
        FROM now_recorded n
        JOIN dunning.accounts a ON a.id = n.account_id
        JOIN dunning.accounts p ON p.party = a.party
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_about_executed AFTER INSERT ON dunning.history REFERENCING NEW TABLE AS now_recorded
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.ask_about_executed();


-- What a JSON object says of a key; null also where it holds what PostgreSQL cannot read out of JSON.
CREATE FUNCTION dunning.said(document text, key text) RETURNS text STRICT IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN document ~ '^\s*\{' AND document !~* '\\u(0000|d[89a-f])' THEN document::json ->> key END
$$;

-- The words that one word or a list of words allows; null where it is neither, and so any may be.
CREATE FUNCTION dunning.words_of(value text) RETURNS text[] STRICT IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE left(value, 1)
        WHEN '{' THEN NULL
        WHEN '[' THEN ARRAY(SELECT json_array_elements_text(value::json))
        ELSE ARRAY[value]
    END
$$;

-- Note that a version came into use or went out of it: accounts that it may cover are to be asked about again.
CREATE FUNCTION dunning.mark_use(of_ruleset text, of_number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    version text := (
        SELECT v.canonical FROM dunning.ruleset_versions v WHERE v.ruleset_id = of_ruleset AND v.number = of_number
    );
    its_track text := coalesce(dunning.said(version, 'track'), 'dunning');
    covered text := coalesce(dunning.said(version, 'applies_to'), '{}');
BEGIN
    IF NOT EXISTS (SELECT FROM dunning.tracks t WHERE t.name = its_track) THEN
        PERFORM pg_advisory_xact_lock(7310562, 4);
        INSERT INTO dunning.tracks (name) VALUES (its_track) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO dunning.due_marks (track, ruleset_id, currencies, countries, segments)
    VALUES (
        its_track, of_ruleset, dunning.words_of(dunning.said(version, 'currency')),
        dunning.words_of(dunning.said(covered, 'country')), dunning.words_of(dunning.said(covered, 'segment'))
    );
END $$;

CREATE FUNCTION dunning.mark_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.mark_use(NEW.ruleset_id, NEW.number);
    RETURN NULL;
END $$;
CREATE TRIGGER mark_published AFTER INSERT ON dunning.ruleset_versions
    FOR EACH ROW WHEN (NOT NEW.approval_required) EXECUTE FUNCTION dunning.mark_published();
CREATE TRIGGER mark_switched AFTER INSERT ON dunning.ruleset_events
    FOR EACH ROW WHEN (NEW.approval IS DISTINCT FROM 'waits') EXECUTE FUNCTION dunning.mark_published();


-- What is stored already is asked about as though every track had just come into use.
INSERT INTO dunning.tracks
SELECT 'dunning' UNION SELECT coalesce(dunning.said(v.canonical, 'track'), 'dunning') FROM dunning.ruleset_versions v;
INSERT INTO dunning.due_marks (track) SELECT t.name FROM dunning.tracks t;
