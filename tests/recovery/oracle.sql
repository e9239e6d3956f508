-- A second reading of cases and of what is owed, by PostgreSQL, with its own calendar; it shares no code with engine/.
-- Money is in minor units. `oracle.follow` walks through one account; the figures are plain queries over what it finds.
CREATE SCHEMA oracle;

CREATE TABLE oracle.accounts (id text PRIMARY KEY, currency text NOT NULL, zone text NOT NULL);
-- What the books said: from the beginning (known_at null) or from an instant on; credits have a negative amount open.
CREATE TABLE oracle.invoices (
    account text NOT NULL, statement integer NOT NULL, known_at timestamptz, id text NOT NULL, due_on date NOT NULL,
    open bigint NOT NULL, disputed boolean NOT NULL, held_until date, issued_on date
);
CREATE TABLE oracle.statements (account text NOT NULL, statement integer NOT NULL, known_at timestamptz);
CREATE TABLE oracle.outcomes (
    account text NOT NULL, seq integer NOT NULL, type text NOT NULL, at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL, amount bigint, invoice text
);
CREATE TABLE oracle.actions (
    account text NOT NULL, seq integer NOT NULL, at timestamptz NOT NULL, recorded_at timestamptz NOT NULL,
    invoices text[], episode date, fee bigint NOT NULL
);
CREATE INDEX ON oracle.invoices (account);
CREATE INDEX ON oracle.statements (account);
CREATE INDEX ON oracle.outcomes (account);
CREATE INDEX ON oracle.actions (account);

CREATE TABLE oracle.cases (
    account text, due_on date, opened_at timestamptz, opened_on date, opened bigint, closed_at timestamptz, closed_as text,
    paid_on date, PRIMARY KEY (account, due_on)
);
-- Money that came to a case and went back, each on its own day; `paid_at` is when that money had come.
CREATE TABLE oracle.moves (account text, due_on date, day date, amount bigint, paid_at timestamptz);
CREATE TABLE oracle.owed (account text, due_on date, amount bigint, disputed boolean);

CREATE FUNCTION oracle.follow(the_account text, as_of date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    z text := (SELECT a.zone FROM oracle.accounts a WHERE a.id = the_account);
    over timestamptz := (as_of + 1)::timestamp AT TIME ZONE z;
    ids text[]; dues date[]; opens bigint[]; disps boolean[]; helds date[]; firsts integer[];
    openeds bigint[]; paids bigint[]; writtens bigint[];
    n integer; i integer; p integer; k integer;
    disputes text[] := '{}';        -- '*' is about the account
    part_line integer[] := '{}'; part_name text[] := '{}'; part_left bigint[] := '{}'; part_counted bigint[] := '{}';
    part_at timestamptz[] := '{}'; part_recorded timestamptz[] := '{}'; parts integer := 0;
    now_statement integer;
    e record; s record; c record;
    today date; money bigint; room bigint; credit bigint; after_credit bigint[]; is_disputed boolean[]; gone bigint;
    pass integer;
BEGIN
    SELECT array_agg(f.id ORDER BY f.due_on, f.id), array_agg(f.due_on ORDER BY f.due_on, f.id),
        array_agg(f.open ORDER BY f.due_on, f.id), array_agg(f.disputed ORDER BY f.due_on, f.id),
        array_agg(f.held_until ORDER BY f.due_on, f.id), array_agg(f.statement ORDER BY f.due_on, f.id)
    INTO ids, dues, opens, disps, helds, firsts
    FROM (
        SELECT DISTINCT ON (v.id) v.* FROM oracle.invoices v
        WHERE v.account = the_account AND v.open >= 0 AND (v.known_at IS NULL OR v.known_at < over)
        ORDER BY v.id, v.statement
    ) f;
    n := coalesce(array_length(ids, 1), 0);
    openeds := array_fill(NULL::bigint, ARRAY[n]); paids := array_fill(0::bigint, ARRAY[n]);
    writtens := array_fill(0::bigint, ARRAY[n]);
    now_statement := (SELECT min(v.statement) FROM oracle.statements v
        WHERE v.account = the_account AND (v.known_at IS NULL OR v.known_at < over));

    FOR e IN
        SELECT v.known_at AS at, 0 AS rank, v.statement AS seq, 'books' AS type, v.known_at AS recorded_at,
            NULL::bigint AS amount, NULL::text AS invoice
        FROM oracle.statements v WHERE v.account = the_account AND v.known_at < over
        UNION ALL
        SELECT DISTINCT d.day::timestamp AT TIME ZONE z, 2, 0, 'day', NULL::timestamptz, NULL::bigint, NULL::text
        FROM (
            SELECT v.due_on + 1 AS day FROM oracle.invoices v
            WHERE v.account = the_account AND (v.known_at IS NULL OR v.known_at < over)
            UNION
            SELECT v.held_until FROM oracle.invoices v
            WHERE v.account = the_account AND v.held_until IS NOT NULL AND (v.known_at IS NULL OR v.known_at < over)
        ) d
        WHERE d.day <= as_of
        UNION ALL
        SELECT o.at,
            CASE o.type WHEN 'payment' THEN 4 WHEN 'refund' THEN 5 WHEN 'chargeback' THEN 5 WHEN 'written_off' THEN 6
                ELSE 1 END,
            o.seq, o.type, o.recorded_at, o.amount, o.invoice
        FROM oracle.outcomes o WHERE o.account = the_account AND o.at < over AND o.recorded_at < over
        UNION ALL
        SELECT over, 9, 0, 'end', NULL, NULL, NULL
        ORDER BY 1, 2, 3
    LOOP
        today := CASE WHEN e.type = 'end' THEN as_of ELSE (e.at AT TIME ZONE z)::date END;
        -- The books are heard: they say what is open, but for money that was recorded only afterwards.
        IF e.type = 'books' THEN
            now_statement := e.seq;
            FOR i IN 1..n LOOP
                SELECT v.* INTO s FROM oracle.invoices v
                WHERE v.account = the_account AND v.statement = e.seq AND v.id = ids[i] AND v.open >= 0;
                IF FOUND THEN
                    disps[i] := s.disputed; helds[i] := s.held_until;
                    opens[i] := greatest(0, s.open - coalesce((
                        SELECT sum(l.m) FROM unnest(part_line, part_left, part_recorded) l (line, m, r)
                        WHERE l.line = i AND l.r > e.at
                    ), 0));
                ELSIF firsts[i] < e.seq THEN
                    opens[i] := 0;
                END IF;
            END LOOP;
        ELSIF e.type = 'dispute_opened' THEN
            disputes := disputes || coalesce(e.invoice, '*');
        ELSIF e.type = 'dispute_closed' THEN
            disputes := CASE WHEN e.invoice IS NULL THEN '{}' ELSE array_remove(disputes, e.invoice) END;
        END IF;

        -- What is disputed, and what credits leave open of the rest.
        credit := coalesce((
            SELECT -sum(v.open) FROM oracle.invoices v
            WHERE v.account = the_account AND v.statement = now_statement AND v.open < 0
                AND (v.issued_on IS NULL OR v.issued_on <= today)
        ), 0);
        after_credit := opens; is_disputed := disps;
        FOR i IN 1..n LOOP
            is_disputed[i] := disps[i] OR coalesce(today < helds[i], false) OR disputes && ARRAY['*', ids[i]];
            IF NOT is_disputed[i] THEN
                after_credit[i] := opens[i] - least(opens[i], credit);
                credit := credit - least(opens[i], credit);
            END IF;
        END LOOP;

        IF e.type = 'end' THEN
            FOR i IN 1..n LOOP
                IF after_credit[i] > 0 THEN
                    INSERT INTO oracle.owed VALUES (the_account, dues[i], after_credit[i], is_disputed[i]);
                END IF;
            END LOOP;
            EXIT;
        END IF;

        IF e.type IN ('payment', 'written_off') THEN
            money := coalesce(e.amount, 9007199254740992);
            FOR pass IN 1..2 LOOP
                FOR i IN 1..n LOOP
                    CONTINUE WHEN e.invoice IS NOT NULL AND ids[i] <> e.invoice;
                    room := CASE
                        WHEN pass = 1 AND e.invoice IS NOT NULL THEN opens[i]
                        WHEN pass = 1 THEN after_credit[i]
                        WHEN e.type = 'payment' THEN coalesce(openeds[i], 0) - paids[i]
                        ELSE greatest(0, coalesce(openeds[i], 0) - paids[i] - writtens[i])
                    END;
                    room := least(room, money);
                    CONTINUE WHEN room = 0;
                    money := money - room;
                    opens[i] := greatest(0, opens[i] - room);
                    IF e.type = 'payment' THEN
                        gone := least(room, coalesce(openeds[i], 0) - paids[i]);
                        paids[i] := paids[i] + gone;
                        parts := parts + 1;
                        part_line[parts] := i; part_name[parts] := ids[i]; part_left[parts] := room;
                        part_counted[parts] := gone; part_at[parts] := e.at; part_recorded[parts] := e.recorded_at;
                        IF gone > 0 THEN
                            INSERT INTO oracle.moves VALUES (the_account, dues[i], today, gone, e.at);
                        END IF;
                    ELSE
                        writtens[i] := writtens[i]
                            + least(room, greatest(0, coalesce(openeds[i], 0) - paids[i] - writtens[i]));
                    END IF;
                END LOOP;
            END LOOP;
            IF e.type = 'payment' AND money > 0 THEN
                parts := parts + 1;
                part_line[parts] := 0; part_name[parts] := e.invoice; part_left[parts] := money;
                part_counted[parts] := 0; part_at[parts] := e.at; part_recorded[parts] := e.recorded_at;
            END IF;
        ELSIF e.type IN ('refund', 'chargeback') THEN
            money := e.amount;
            FOR p IN REVERSE parts..1 LOOP
                CONTINUE WHEN money = 0 OR part_left[p] = 0;
                CONTINUE WHEN e.invoice IS NOT NULL AND part_name[p] IS DISTINCT FROM e.invoice;
                room := least(money, part_left[p]);
                money := money - room;
                part_left[p] := part_left[p] - room;
                i := part_line[p];
                CONTINUE WHEN i = 0;
                opens[i] := opens[i] + room;
                gone := greatest(0, part_counted[p] - part_left[p]);
                IF gone > 0 THEN
                    part_counted[p] := part_counted[p] - gone;
                    paids[i] := paids[i] - gone;
                    INSERT INTO oracle.moves VALUES (the_account, dues[i], today, -gone, part_at[p]);
                END IF;
            END LOOP;
        END IF;

        -- A case closes, or opens again.
        IF e.type IN ('payment', 'written_off', 'refund', 'chargeback') THEN
            FOR c IN SELECT q.due_on FROM oracle.cases q WHERE q.account = the_account LOOP
                gone := 0; room := 0;
                FOR i IN 1..n LOOP
                    CONTINUE WHEN dues[i] <> c.due_on OR openeds[i] IS NULL;
                    gone := gone + openeds[i] - paids[i];
                    room := room + greatest(0, openeds[i] - paids[i] - writtens[i]);
                END LOOP;
                UPDATE oracle.cases q SET
                    paid_on = CASE WHEN gone > 0 THEN NULL ELSE coalesce(q.paid_on, today) END,
                    closed_at = CASE WHEN room > 0 THEN NULL ELSE coalesce(q.closed_at, e.at) END,
                    closed_as = CASE WHEN room > 0 THEN NULL WHEN q.closed_as IS NOT NULL THEN q.closed_as
                        WHEN gone > 0 THEN 'written_off' ELSE 'paid' END
                WHERE q.account = the_account AND q.due_on = c.due_on;
            END LOOP;
        END IF;

        -- A case opens: something of its due date is overdue, undisputed, and open after credits.
        credit := coalesce((
            SELECT -sum(v.open) FROM oracle.invoices v
            WHERE v.account = the_account AND v.statement = now_statement AND v.open < 0
                AND (v.issued_on IS NULL OR v.issued_on <= today)
        ), 0);
        FOR i IN 1..n LOOP
            CONTINUE WHEN is_disputed[i];
            room := opens[i] - least(opens[i], credit);
            credit := credit - least(opens[i], credit);
            after_credit[i] := room;
        END LOOP;
        FOR c IN
            SELECT d.due_on, sum(d.m)::bigint AS opened
            FROM unnest(dues, after_credit, is_disputed) d (due_on, m, disputed)
            WHERE d.due_on < today AND NOT d.disputed AND d.m > 0
                AND NOT EXISTS (SELECT FROM oracle.cases q WHERE q.account = the_account AND q.due_on = d.due_on)
            GROUP BY d.due_on
        LOOP
            INSERT INTO oracle.cases VALUES (the_account, c.due_on, e.at, today, c.opened, NULL, NULL, NULL);
            FOR i IN 1..n LOOP
                IF dues[i] = c.due_on AND NOT is_disputed[i] AND after_credit[i] > 0 THEN
                    openeds[i] := after_credit[i];
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;

-- Which executed actions, of those known at the end of a day, count for which case: by the invoices that they name, else
-- by their episode.
CREATE FUNCTION oracle.counting(as_of date)
RETURNS TABLE (account text, due_on date, closed_at timestamptz, at timestamptz, fee bigint) STABLE LANGUAGE sql AS $$
    SELECT q.account, q.due_on, q.closed_at, x.at, x.fee
    FROM oracle.cases q
    JOIN oracle.accounts a ON a.id = q.account
    JOIN oracle.actions x ON x.account = q.account
    CROSS JOIN LATERAL (SELECT (as_of + 1)::timestamp AT TIME ZONE a.zone AS over) e
    WHERE x.at < e.over AND x.recorded_at < e.over AND CASE
        WHEN cardinality(x.invoices) > 0 THEN EXISTS (
            SELECT FROM oracle.invoices v
            WHERE v.account = q.account AND v.due_on = q.due_on AND v.id = ANY(x.invoices) AND v.open >= 0
                AND (v.known_at IS NULL OR v.known_at < e.over)
        )
        ELSE x.episode = q.due_on
    END
$$;
