-- Which shadow of its ruleset decided: those of one that is gone are no longer shown from that moment on, and are
-- forgotten afterwards, some at a time. What is kept already is filled in by 0040, in batches.
ALTER TABLE dunning.shadow_decisions ADD COLUMN begun_at timestamptz;

-- A server of the program before this one names no shadow: it is the one that there is, which it holds.
CREATE FUNCTION dunning.name_shadow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.begun_at := (SELECT w.begun_at FROM dunning.shadows w WHERE w.ruleset_id = NEW.ruleset_id);
    RETURN NEW;
END $$;
CREATE TRIGGER name_shadow BEFORE INSERT ON dunning.shadow_decisions
    FOR EACH ROW WHEN (NEW.begun_at IS NULL) EXECUTE FUNCTION dunning.name_shadow();
