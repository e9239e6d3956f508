-- A version keeps the guarantees of its folder, so that it is whole, and what became of each guarantee when it was
-- published; those that stand here had none.
ALTER TABLE dunning.ruleset_versions
    ADD COLUMN guarantees_text text,  -- the folder's guarantees.yaml, as written
    ADD COLUMN verdicts text;         -- JSON: each guarantee with its verdict
