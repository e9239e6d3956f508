-- The worklist: what an answer asks people and programs to do, who does it, and what they said of it.
ALTER TABLE dunning.due
    ADD COLUMN promised numeric,        -- what is left of open promises
    ADD COLUMN promised_by date,        -- the day of the first of them
    ADD COLUMN broken_promises integer,
    ADD COLUMN contacted_at timestamptz,
    ADD COLUMN lease uuid,              -- of who took it, until then
    ADD COLUMN taken_by text,
    ADD COLUMN taken_until timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN snooze_reason text,
    ADD COLUMN is_refused boolean NOT NULL DEFAULT false,   -- snoozed by a refusal, which a change of facts lifts
    ADD COLUMN assigned_to text,
    ADD COLUMN approved_by text,
    ADD COLUMN approved_at timestamptz;
CREATE INDEX due_work ON dunning.due ((-coalesce(collectable, 0)), (coalesce(episode, 'none')), account_id, track)
    WHERE outcome = 'act';
CREATE INDEX due_decisions ON dunning.due (decision_id) WHERE decision_id IS NOT NULL;

-- How it stands with what is to be done; null: nothing is, or the account is being asked about again, or cannot be.
CREATE FUNCTION dunning.state_of(d dunning.due, instant timestamptz) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE
        WHEN d.outcome IS DISTINCT FROM 'act' OR d.ask_at <= instant OR d.problem IS NOT NULL THEN NULL
        WHEN d.snoozed_until > instant THEN 'snoozed'
        WHEN d.taken_until > instant THEN 'taken'
        WHEN d.approval = 'required' AND d.approved_at IS NULL THEN 'approval'
        WHEN d.scheduled_for > instant THEN 'scheduled'
        ELSE 'ready'
    END
$$;

-- Whether something is to be done of the kind that is asked for; what is null does not matter.
CREATE FUNCTION dunning.is_work(
    d dunning.due, instant timestamptz, state text, action text, channel text, ruleset text, rule text, track text,
    assignee text, due_by timestamptz, min_amount numeric
) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT d.outcome = 'act' AND dunning.state_of(d, instant) IS NOT NULL
        AND (is_work.state IS NULL OR dunning.state_of(d, instant) = is_work.state)
        AND (is_work.action IS NULL OR d.action = is_work.action)
        AND (is_work.channel IS NULL OR d.channel = is_work.channel)
        AND (is_work.ruleset IS NULL OR d.ruleset_id = is_work.ruleset)
        AND (is_work.rule IS NULL OR d.rule = is_work.rule)
        AND (is_work.track IS NULL OR d.track = is_work.track)
        AND (is_work.assignee IS NULL OR d.assigned_to = is_work.assignee)
        AND (is_work.due_by IS NULL OR coalesce(d.scheduled_for, d.decided_at) <= is_work.due_by)
        AND (is_work.min_amount IS NULL OR d.collectable >= is_work.min_amount)
$$;


-- A change of its facts lifts a refusal.
CREATE OR REPLACE FUNCTION dunning.ask_about_changed_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text[] := ARRAY(SELECT n.id FROM now_stored n JOIN stored_before o USING (id) WHERE n.document <> o.document);
BEGIN
    PERFORM dunning.ask_again(ARRAY(
        SELECT unnest(changed)
        UNION
        SELECT p.id
        FROM now_stored n
        JOIN stored_before o USING (id)
        JOIN dunning.accounts p ON p.party IN (n.party, o.party)
        WHERE n.party IS DISTINCT FROM o.party
    ));
    UPDATE dunning.due d SET is_refused = false, snoozed_until = NULL, snooze_reason = NULL
    WHERE d.account_id = ANY(changed) AND d.is_refused;
    RETURN NULL;
END $$;

-- What was executed ends the lease of who did it; another step, a level or a reset ends none.
CREATE OR REPLACE FUNCTION dunning.ask_about_executed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.ask_again(ARRAY(
        SELECT n.account_id FROM now_recorded n
        UNION
        SELECT p.id
        FROM now_recorded n
        JOIN dunning.accounts a ON a.id = n.account_id
        JOIN dunning.accounts p ON p.party = a.party
    ));
    UPDATE dunning.due d SET lease = NULL, taken_by = NULL, taken_until = NULL
    FROM now_recorded n
    WHERE d.account_id = n.account_id AND d.lease IS NOT NULL AND (
        d.decision_id = n.decision_id
        OR (
            d.rule = dunning.said(n.entry, 'rule')
            AND d.ruleset_id = coalesce(dunning.said(n.entry, 'ruleset'), d.ruleset_id)
        )
    );
    RETURN NULL;
END $$;

-- What came of a debt changes what is to be done.
CREATE FUNCTION dunning.ask_about_outcomes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dunning.ask_again(ARRAY(SELECT DISTINCT n.account_id FROM now_recorded n));
    RETURN NULL;
END $$;
CREATE TRIGGER ask_about_outcomes AFTER INSERT ON dunning.outcomes REFERENCING NEW TABLE AS now_recorded
    FOR EACH STATEMENT EXECUTE FUNCTION dunning.ask_about_outcomes();
