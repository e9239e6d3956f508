-- Which shadow of its ruleset decided: those of one that is gone are no longer shown from that moment on, and are
-- forgotten afterwards, some at a time. What is kept already is filled in by 0040, in batches.
ALTER TABLE dunning.shadow_decisions ADD COLUMN begun_at timestamptz;
