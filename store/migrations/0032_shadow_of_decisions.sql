-- Which shadow of its ruleset decided: those of one that is gone are no longer shown from that moment on, and are
-- forgotten afterwards, some at a time.
ALTER TABLE dunning.shadow_decisions ADD COLUMN begun_at timestamptz;
UPDATE dunning.shadow_decisions s SET begun_at = w.begun_at FROM dunning.shadows w WHERE w.ruleset_id = s.ruleset_id;
