-- Compiled forms of the versions in use, so that a server that starts need not compile them. What is lost here, or was
-- written by another program, is made again from the version's text: nothing refers to it, and it refers to nothing.
CREATE TABLE dunning.ruleset_forms (
    ruleset_id text NOT NULL,
    number integer NOT NULL,
    compiler text NOT NULL,
    form bytea NOT NULL,
    seal bytea NOT NULL,
    PRIMARY KEY (ruleset_id, number)
);
