-- In batches, so that nobody waits for all: which shadow decided what was kept before 0032, which is the one that there
-- is. The session remembers how far it came; another one begins anew.
WITH page AS MATERIALIZED (
    SELECT s.ruleset_id, s.decision_id
    FROM dunning.shadow_decisions s
    WHERE (s.ruleset_id, s.decision_id) > (
        coalesce(current_setting('dunning.shadow_written', true), ''),
        coalesce(
            nullif(current_setting('dunning.shadow_decision_written', true), ''), '00000000-0000-0000-0000-000000000000'
        )::uuid
    )
    ORDER BY s.ruleset_id, s.decision_id LIMIT 2000
), written AS (
    UPDATE dunning.shadow_decisions s SET begun_at = w.begun_at
    FROM page p JOIN dunning.shadows w USING (ruleset_id)
    WHERE s.ruleset_id = p.ruleset_id AND s.decision_id = p.decision_id AND s.begun_at IS NULL
), last AS (
    SELECT p.ruleset_id, p.decision_id FROM page p ORDER BY p.ruleset_id DESC, p.decision_id DESC LIMIT 1
)
SELECT set_config('dunning.shadow_written', l.ruleset_id, false),
    set_config('dunning.shadow_decision_written', l.decision_id::text, false)
FROM last l
