-- name: propose
-- Note that a run is asked for.
INSERT INTO dunning.runs (
    id, state, track, as_of, at_most, accounts_total, proposed_by, proposed_by_name, proposed_at
)
SELECT $1::text::uuid, 'proposing', $2, $3, $4, (SELECT count(*) FROM dunning.accounts), $5, $6, clock_timestamp()
RETURNING *

-- name: count_at_work
-- How many runs are at work or wait for it.
SELECT count(*) FROM dunning.runs WHERE state IN ('proposing', 'rationing', 'releasing')

-- name: read
-- One run.
SELECT * FROM dunning.runs WHERE id = $1::text::uuid

-- name: list
-- A page of runs, the newest first.
SELECT * FROM dunning.runs WHERE $1::text IS NULL OR id < $1::text::uuid ORDER BY id DESC LIMIT $2

-- name: hold
-- One run, held until this transaction ends.
SELECT * FROM dunning.runs WHERE id = $1::text::uuid FOR UPDATE

-- name: take
-- Hold the oldest run at which there is work, and nobody works, until this transaction ends.
SELECT * FROM dunning.runs
WHERE state IN ('proposing', 'rationing', 'releasing')
ORDER BY id LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: count_items
-- How many items there are of each kind, and what they come to.
SELECT dunning.state_of_item(i, r) AS state, i.outcome, i.currency, count(*) AS count, sum(i.claim) AS claim,
    sum(i.fee) AS fee
FROM dunning.run_items i JOIN dunning.runs r ON r.id = i.run_id
WHERE i.run_id = $1::text::uuid
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

-- name: count_days
-- How many contacts there are by day and channel, those along with an action included, and how many are carried over.
SELECT i.scheduled_on, c.channel, count(*) FILTER (WHERE i.state IN ('proposed', 'approved', 'released')) AS count,
    count(*) FILTER (WHERE i.state = 'carried_over') AS carried_over
FROM dunning.run_items i CROSS JOIN LATERAL unnest(i.channel || i.also) AS c (channel)
WHERE i.run_id = $1::text::uuid AND i.outcome = 'act' AND c.channel IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2

-- name: list_items
-- A page of items, from behind a place on: most money first, then by account.
SELECT i.*, dunning.state_of_item(i, r) AS state_now
FROM dunning.run_items i JOIN dunning.runs r ON r.id = i.run_id
WHERE i.run_id = $1::text::uuid
    AND ($2::text IS NULL OR dunning.state_of_item(i, r) = $2)
    AND ($3::text IS NULL OR i.outcome = $3)
    AND ($4::text IS NULL OR i.rule = $4)
    AND ($5::text IS NULL OR i.action = $5)
    AND ($6::text IS NULL OR i.channel = $6)
    AND ($7::numeric IS NULL OR (-coalesce(i.claim, 0), i.account_id) > ($7::numeric, $8::text))
ORDER BY -coalesce(i.claim, 0), i.account_id
LIMIT $9

-- name: read_states
-- How it stands with some items.
SELECT i.account_id, dunning.state_of_item(i, r) AS state
FROM dunning.run_items i JOIN dunning.runs r ON r.id = i.run_id
WHERE i.run_id = $1::text::uuid AND i.account_id = ANY($2)

-- name: set_items
-- Say of some items how it stands with them, why, and who said so.
UPDATE dunning.run_items SET state = $3, note = $4, noted_by = $5 WHERE run_id = $1::text::uuid AND account_id = ANY($2)

-- name: approve_all
-- Say who approved a run whole.
UPDATE dunning.runs SET is_all_approved = true, approved_by = $2, approved_by_name = $3, approved_at = clock_timestamp()
WHERE id = $1::text::uuid

-- name: count_approved
-- How many items a release would put on the worklist.
SELECT count(*) FROM dunning.run_items i JOIN dunning.runs r ON r.id = i.run_id
WHERE i.run_id = $1::text::uuid AND dunning.state_of_item(i, r) = 'approved'

-- name: begin_release
-- Freeze a run: from here on its approved items go to the worklist.
UPDATE dunning.runs SET state = 'releasing', after_id = '', released_by = $2, released_by_name = $3,
    released_at = clock_timestamp()
WHERE id = $1::text::uuid

-- name: end
-- End a run; a problem says why it could not go on.
UPDATE dunning.runs SET state = $2, problem = $3, ended_at = clock_timestamp() WHERE id = $1::text::uuid

-- name: begin
-- Keep which versions decide a run, and what the digest begins with.
UPDATE dunning.runs SET rulesets = $2, digest = $3 WHERE id = $1::text::uuid

-- name: add_items
-- Keep what was decided of some accounts; one that was erased meanwhile is left out.
INSERT INTO dunning.run_items (
    run_id, account_id, state, outcome, ruleset_id, version, rule, title, level, action, channel, also, scheduled_for,
    scheduled_on, episode, reason, currency, amount, fee, claim
)
SELECT $1::text::uuid, n.account_id, n.state, n.outcome, n.ruleset_id, n.version, n.rule, n.title, n.level, n.action,
    n.channel, ARRAY(SELECT jsonb_array_elements_text(n.also::jsonb)), n.scheduled_for, n.scheduled_on, n.episode,
    n.reason, n.currency, n.amount, n.fee, n.claim
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::integer[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::date[], $15::text[], $16::text[], $17::text[], $18::numeric[],
    $19::numeric[], $20::numeric[]
) AS n (
    account_id, state, outcome, ruleset_id, version, rule, title, level, action, channel, also, scheduled_for,
    scheduled_on, episode, reason, currency, amount, fee, claim
)
JOIN dunning.accounts a ON a.id = n.account_id
FOR KEY SHARE OF a

-- name: advance
-- Remember how far a proposal came.
UPDATE dunning.runs SET after_id = $2, accounts_count = accounts_count + $3, digest = $4 WHERE id = $1::text::uuid

-- name: begin_rationing
-- All accounts are decided; what is too much for a channel and day is carried over next.
UPDATE dunning.runs SET state = 'rationing', after_id = '' WHERE id = $1::text::uuid

-- name: page_contacts
-- The next contacts of a proposal in their order.
SELECT account_id, -coalesce(claim, 0) AS money, scheduled_on, channel, also
FROM dunning.run_items
WHERE run_id = $1::text::uuid AND state = 'proposed'
    AND ($2::numeric IS NULL OR (-coalesce(claim, 0), account_id) > ($2::numeric, $3::text))
ORDER BY -coalesce(claim, 0), account_id
LIMIT $4

-- name: carry_over
-- Leave some items to the next run, for their channel is full that day.
UPDATE dunning.run_items SET state = 'carried_over' WHERE run_id = $1::text::uuid AND account_id = ANY($2)

-- name: advance_rationing
-- Remember how far the contacts are counted.
UPDATE dunning.runs SET after_money = $2, after_id = $3, used = $4 WHERE id = $1::text::uuid

-- name: end_proposal
-- The proposal stands.
UPDATE dunning.runs SET state = 'proposed', after_id = '' WHERE id = $1::text::uuid RETURNING *

-- name: page_approved
-- The next items that are to be released, by account.
SELECT i.* FROM dunning.run_items i JOIN dunning.runs r ON r.id = i.run_id
WHERE i.run_id = $1::text::uuid AND i.account_id > $2 AND dunning.state_of_item(i, r) = 'approved'
ORDER BY i.account_id
LIMIT $3

-- name: release_items
-- Say which items are on the worklist, and by which decisions.
UPDATE dunning.run_items i SET state = 'released', decision_id = n.decision_id::uuid
FROM unnest($2::text[], $3::text[]) AS n (account_id, decision_id)
WHERE i.run_id = $1::text::uuid AND i.account_id = n.account_id

-- name: change_items
-- Say which items are not released, since something else would be done by now.
UPDATE dunning.run_items i SET state = 'changed', note = n.note
FROM unnest($2::text[], $3::text[]) AS n (account_id, note)
WHERE i.run_id = $1::text::uuid AND i.account_id = n.account_id

-- name: advance_release
-- Remember how far a release came.
UPDATE dunning.runs SET after_id = $2 WHERE id = $1::text::uuid

-- name: count_released
-- How many items went to the worklist.
SELECT count(*) FROM dunning.run_items WHERE run_id = $1::text::uuid AND state = 'released'

-- name: add_questions
-- Who was never asked about in a track gets a question.
INSERT INTO dunning.due (account_id, track)
SELECT a.id, $2 FROM dunning.accounts a WHERE a.id = ANY($1) ORDER BY a.id
ON CONFLICT DO NOTHING

-- name: take_questions
-- The questions about some accounts in a track, held until this transaction ends.
SELECT account_id, track, ask_at, track = (SELECT min(t.name) FROM dunning.tracks t) AS is_first_track, decided_at,
    outcome, ruleset_id, version, rule, action, channel, episode, currency, claim, principal
FROM dunning.due
WHERE account_id = ANY($1) AND track = $2
ORDER BY account_id
FOR UPDATE

-- name: mark_released
-- Say by which run answers stand on the worklist.
UPDATE dunning.due SET run_id = $1::text::uuid WHERE account_id = ANY($2) AND track = $3
RETURNING account_id, decision_id
