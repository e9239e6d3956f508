-- name: take
-- Hold some questions whose time has come until this transaction ends, the oldest first; what others hold is passed over.
SELECT account_id, track, ask_at, track = (SELECT min(t.name) FROM dunning.tracks t) AS is_first_track, decided_at,
    outcome, ruleset_id, version, rule, action, channel, episode, currency, claim, principal
FROM dunning.due
WHERE ask_at <= $1
ORDER BY ask_at
LIMIT $2
FOR UPDATE SKIP LOCKED

-- name: answer
-- Write answers beside their questions, and when to ask again. One that says the same as before leaves the decision
-- that stands there, and its approval. Who took a step has it, whatever it comes to and whichever version says so; what
-- people said of a step is said again when it is. Answers which of them are refused.
UPDATE dunning.due d
SET ask_at = a.ask_at, decided_at = a.decided_at, outcome = a.outcome, version = a.version, title = a.title,
    level = a.level, action = a.action, channel = a.channel, scheduled_for = a.scheduled_for,
    review_on = a.review_on, approval = a.approval, reason = a.reason, currency = a.currency, claim = a.claim,
    collectable = a.collectable, problem = NULL, promised = a.promised, promised_by = a.promised_by,
    broken_promises = a.broken_promises, contacted_at = a.contacted_at, principal = a.principal,
    decision_id = CASE WHEN a.is_same THEN d.decision_id ELSE a.decision_id::text::uuid END,
    approved_by = CASE WHEN a.is_same THEN d.approved_by END,
    approved_at = CASE WHEN a.is_same THEN d.approved_at END,
    lease = CASE WHEN a.is_step THEN d.lease END,
    taken_by = CASE WHEN a.is_step THEN d.taken_by END,
    taken_until = CASE WHEN a.is_step THEN d.taken_until END,
    run_id = CASE WHEN a.is_step THEN d.run_id END,
    snoozed_until = s.snoozed_until, snooze_reason = s.snooze_reason,
    refused_until = s.refused_until, refusal_reason = s.refusal_reason, assigned_to = s.assigned_to,
    ruleset_id = a.ruleset_id, rule = a.rule, episode = a.episode
FROM unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::integer[],
    $9::text[], $10::text[], $11::integer[], $12::text[], $13::text[], $14::timestamptz[], $15::date[], $16::text[],
    $17::text[], $18::text[], $19::text[], $20::numeric[], $21::numeric[], $22::numeric[], $23::numeric[], $24::date[],
    $25::integer[], $26::timestamptz[], $27::boolean[], $28::boolean[]
) AS a (
    account_id, track, ask_at, decision_id, decided_at, outcome, ruleset_id, version, rule, title, level, action,
    channel, scheduled_for, review_on, approval, reason, episode, currency, claim, principal, collectable, promised,
    promised_by, broken_promises, contacted_at, is_same, is_step
)
LEFT JOIN dunning.said s ON s.account_id = a.account_id AND s.track = a.track AND s.ruleset_id = a.ruleset_id
    AND s.rule = coalesce(a.rule, '') AND s.action = a.action AND s.episode = coalesce(a.episode, '')
WHERE d.account_id = a.account_id AND d.track = a.track
RETURNING d.account_id, d.track, coalesce(d.refused_until > a.decided_at, false) AS is_refused

-- name: keep_problems
-- Write why there are no answers, and when to ask again. What was answered last stands, and what people said of it.
UPDATE dunning.due d
SET ask_at = a.ask_at, problem = a.problem
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) AS a (account_id, track, ask_at, problem)
WHERE d.account_id = a.account_id AND d.track = a.track

-- name: read
-- The question about an account in a track, and its last answer.
SELECT * FROM dunning.due WHERE account_id = $1 AND track = $2

-- name: take_mark
-- Hold the oldest mark that nobody works off.
SELECT * FROM dunning.due_marks ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: work_mark
-- Ask again about the next accounts that a mark means; answers the last one looked at, null after the end.
WITH page AS MATERIALIZED (
    SELECT id, document FROM dunning.accounts WHERE id > $1 ORDER BY id LIMIT $2
), marked AS (
    INSERT INTO dunning.due AS d (account_id, track, ask_at)
    SELECT p.id, $3, clock_timestamp()
    FROM page p
    LEFT JOIN dunning.due b ON b.account_id = p.id AND b.track = $3
    WHERE b.account_id IS NULL OR b.problem IS NOT NULL OR b.ruleset_id = $4 OR (
        (dunning.said(p.document, 'currency') = ANY($5::text[])) IS NOT FALSE
        AND (dunning.said(p.document, 'country') = ANY($6::text[])) IS NOT FALSE
        AND (dunning.said(p.document, 'segment') = ANY($7::text[])) IS NOT FALSE
    )
    ORDER BY p.id
    ON CONFLICT (account_id, track) DO UPDATE SET ask_at = least(d.ask_at, excluded.ask_at)
)
SELECT max(id) FROM page

-- name: advance_mark
-- Remember how far a mark is worked off.
UPDATE dunning.due_marks SET after_id = $2 WHERE id = $1

-- name: end_mark
-- Forget a mark that is worked off.
DELETE FROM dunning.due_marks WHERE id = $1

-- name: find_oldest
-- Since when the oldest question waits, one that a mark has yet to ask included, where there are accounts to ask about;
-- null where none does.
SELECT least(
    (SELECT min(ask_at) FROM dunning.due WHERE ask_at <= $1),
    (SELECT min(at) FROM dunning.due_marks WHERE EXISTS (SELECT FROM dunning.accounts))
)
