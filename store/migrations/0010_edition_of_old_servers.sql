-- A server of the program before this one knows no edition and may publish until the last of them is stopped: what it
-- publishes is written in the second.
ALTER TABLE dunning.ruleset_versions ALTER COLUMN language_edition SET DEFAULT 2;
