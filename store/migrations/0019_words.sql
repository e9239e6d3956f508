-- In batches of accounts, so that nobody who writes to one waits for all: the words that they are found by, which the
-- trigger of 0014 reads. The session remembers how far it came; another one begins anew.
WITH page AS MATERIALIZED (
    SELECT a.id FROM dunning.accounts a
    WHERE a.id > coalesce(current_setting('dunning.words_written', true), '') ORDER BY a.id LIMIT 2000
), written AS (
    UPDATE dunning.accounts a SET document = a.document FROM page p WHERE a.id = p.id RETURNING a.id
)
SELECT set_config('dunning.words_written', max(w.id), false) FROM written w HAVING count(*) > 0
