-- Nothing is known yet of what is stored already. Apart from 0033, whose triggers hold up writers until they are there.
INSERT INTO dunning.known_marks (account_id) SELECT a.id FROM dunning.accounts a;
