-- A version says in which edition of the language it was published; those that stand here were written in the second.
ALTER TABLE dunning.ruleset_versions ADD COLUMN language_edition smallint NOT NULL DEFAULT 2;
ALTER TABLE dunning.ruleset_versions ALTER COLUMN language_edition DROP DEFAULT;
