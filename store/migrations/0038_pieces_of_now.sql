-- What is known now lies apart from what was: a report as of today reads a fifth of all pieces, and none of the others
-- but those that ended since its period began. Nothing is lost: all of it is made anew.
DROP TABLE dunning.known_pieces;
CREATE TABLE dunning.known_pieces (
    account bigint NOT NULL,
    currency text NOT NULL,
    due_on date NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL,             -- infinity: as it is known now, until something happens
    cases bytea NOT NULL,               -- records of engine/recovery/columns.py
    moves bytea NOT NULL,
    case_labels bytea NOT NULL,
    move_labels bytea NOT NULL,
    invoices bytea NOT NULL,
    payments bytea NOT NULL,
    PRIMARY KEY (account, currency, due_on, from_on, until_on)
) PARTITION BY RANGE (until_on);
CREATE TABLE dunning.known_pieces_past PARTITION OF dunning.known_pieces FOR VALUES FROM (MINVALUE) TO ('infinity');
CREATE TABLE dunning.known_pieces_now PARTITION OF dunning.known_pieces FOR VALUES FROM ('infinity') TO (MAXVALUE);
CREATE INDEX known_pieces_ended ON dunning.known_pieces_past (until_on);

UPDATE dunning.known_accounts SET made_by = '';
INSERT INTO dunning.known_marks (account_id) VALUES ('');
