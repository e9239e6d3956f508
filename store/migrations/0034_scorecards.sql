-- A version keeps the scorecards of its folder, so that it is whole; those that stand here had none.
ALTER TABLE dunning.ruleset_versions
    ADD COLUMN scorecard_text text;  -- the folder's scorecard.yaml, as written
