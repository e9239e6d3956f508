-- What people said of a step stays with it, whatever is to be done in between: an account that waits, is blocked or has
-- another step meanwhile, and comes back to it. `due` shows it of the step that its last answer asks for.
CREATE TABLE dunning.said (
    account_id text NOT NULL,
    track text NOT NULL,
    ruleset_id text NOT NULL,
    rule text NOT NULL,                 -- empty: that of `otherwise`
    action text NOT NULL,
    episode text NOT NULL,
    snoozed_until timestamptz,
    snooze_reason text,
    refused_until timestamptz,          -- or until its facts change, which takes the refusal away
    refusal_reason text,
    assigned_to text,
    PRIMARY KEY (account_id, track, ruleset_id, rule, action, episode),
    FOREIGN KEY (account_id, track) REFERENCES dunning.due ON DELETE CASCADE
);
ALTER TABLE dunning.due
    ADD COLUMN refused_until timestamptz,
    ADD COLUMN refusal_reason text,
    ADD COLUMN principal numeric;       -- of the claim, without its interest, which runs

INSERT INTO dunning.said
SELECT account_id, track, ruleset_id, coalesce(rule, ''), action, coalesce(episode, ''),
    CASE WHEN NOT is_refused THEN snoozed_until END, CASE WHEN NOT is_refused THEN snooze_reason END,
    CASE WHEN is_refused THEN snoozed_until END, CASE WHEN is_refused THEN snooze_reason END, assigned_to
FROM dunning.due WHERE outcome = 'act' AND (snoozed_until IS NOT NULL OR assigned_to IS NOT NULL);
UPDATE dunning.due SET refused_until = snoozed_until, refusal_reason = snooze_reason, snoozed_until = NULL, snooze_reason = NULL
WHERE is_refused;

-- A step that is refused rests like one that is snoozed.
CREATE OR REPLACE FUNCTION dunning.state_of(d dunning.due, instant timestamptz) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE
        WHEN d.outcome IS DISTINCT FROM 'act' OR d.ask_at <= instant OR d.problem IS NOT NULL THEN NULL
        WHEN d.snoozed_until > instant OR d.refused_until > instant THEN 'snoozed'
        WHEN d.taken_until > instant THEN 'taken'
        WHEN d.approval = 'required' AND d.approved_at IS NULL THEN 'approval'
        WHEN d.scheduled_for > instant THEN 'scheduled'
        ELSE 'ready'
    END
$$;

-- A change of its facts lifts every refusal of an account, that of a step it may come back to too.
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
    UPDATE dunning.due d SET refused_until = NULL, refusal_reason = NULL
    WHERE d.account_id = ANY(changed) AND d.refused_until IS NOT NULL;
    UPDATE dunning.said s SET refused_until = NULL, refusal_reason = NULL
    WHERE s.account_id = ANY(changed) AND s.refused_until IS NOT NULL;
    RETURN NULL;
END $$;
ALTER TABLE dunning.due DROP COLUMN is_refused;
