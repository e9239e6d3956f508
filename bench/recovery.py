"""What figures of a whole company cost: made out of all that was written, kept as columns, and added up from those.

    make bench-recovery                     # or ARGS="--cases 1000000"

Accounts with two or three due dates each, of which most are paid in the end, some in part and some recorded late, are
written into a database of its own. Then, one after the other:

- known: how long it takes to make their columns, once, of 100,000 cases at most. What is beyond those are copies of
  these columns, each with numbers of its own.
- report: what a report takes as of today and as of a past day, and split by whatever it can be, beside a plain
  `count(*)` of the rows that it reads.

Seconds are of the wall, and of the processor those of this process and of PostgreSQL's together.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import resource
import time
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from api.knowing import work_off_marks
from api.recovering import make_stored_report
from bench.http import prepared
from bench.processes import cpu_seconds_of_ended_children
from bench.targets import report_at_most
from engine.recovery.grouping import BYS
from engine.recovery.report import Asked

MOST_SECONDS, MOST_SLOWER = 5.0, 30.0
CASES_AN_ACCOUNT, MOST_MADE = 2.5, 100_000
TODAY, PAST = dt.date(2026, 7, 1), dt.date(2026, 3, 31)
_FILL = """
SET session_replication_role = replica;
CREATE TEMP TABLE owed AS
SELECT 'R-' || lpad(a::text, 8, '0') AS account, 'I-' || i AS invoice,
    date '2025-09-01' + (a * 7 + i * 83) % 280 AS due_on, 1000 + (a * 7919 + i * 104729) % 90000 AS cents,
    (a * 31 + i * 17) % 100 AS luck
FROM generate_series(1, {accounts}) a CROSS JOIN LATERAL generate_series(1, 2 + a % 2) i;
CREATE TEMP TABLE documents AS
SELECT o.account, json_build_object('id', o.account, 'currency', CASE WHEN min(luck) % 10 = 0 THEN 'CHF' ELSE 'EUR' END,
    'timezone', 'Europe/Luxembourg', 'segment', (ARRAY['private', 'small', 'large'])[1 + min(cents) % 3],
    'invoices', json_agg(json_build_object('id', o.invoice, 'due_on', o.due_on, 'open', round(o.cents / 100.0, 2),
        'amount', round(o.cents / 100.0, 2), 'issued_on', o.due_on - 30)))::text AS document
FROM owed o GROUP BY o.account;
INSERT INTO dunning.accounts (id, document) SELECT account, document FROM documents;
INSERT INTO dunning.books (account_id, document, known_at)
SELECT account, document, '2025-08-01' FROM documents ORDER BY account;
INSERT INTO dunning.outcomes (account_id, id, type, at, outcome, is_amount_drawn, salt, recorded_at)
SELECT o.account, 'P-' || o.invoice, 'payment', p.at, json_build_object('id', 'P-' || o.invoice, 'type', 'payment',
    'at', p.at, 'invoice', o.invoice, 'amount', round(p.cents / 100.0, 2))::text,
    false, '', p.at + CASE WHEN o.luck % 7 = 0 THEN interval '5 days' ELSE interval '0' END
FROM owed o CROSS JOIN LATERAL (
    SELECT (o.due_on + o.luck)::timestamptz + interval '10 hours' AS at,
        o.cents - CASE WHEN o.luck % 9 = 0 THEN 100 ELSE 0 END AS cents
) p
WHERE o.luck BETWEEN 1 AND 79 ORDER BY o.account, p.at;
INSERT INTO dunning.history (account_id, at, entry, salt, recorded_at)
SELECT o.account, s.at, json_build_object('at', s.at, 'ruleset', 'lu-consumer', 'rule', s.rule, 'channel', s.channel,
    'action', 'send_reminder', 'episode', o.due_on)::text, '', s.at
FROM owed o CROSS JOIN LATERAL (VALUES
    ((o.due_on + 3)::timestamptz + interval '9 hours', 'reminder', 'email', 3),
    ((o.due_on + 14)::timestamptz + interval '9 hours', 'notice', 'letter', 14)
) s (at, rule, channel, days)
WHERE o.luck >= s.days OR o.luck = 0 ORDER BY o.account, s.at;
INSERT INTO dunning.known_marks (account_id) SELECT account FROM documents;
SET session_replication_role = origin;
ANALYZE dunning.accounts, dunning.books, dunning.outcomes, dunning.history, dunning.known_marks;
"""
# The first eight bytes of an invoice are the number of its account.
_COPY = """
INSERT INTO dunning.known_accounts (account_id, ruleset_id, made_by, currencies, words)
SELECT k.account_id || '-{copy}', k.ruleset_id, k.made_by, k.currencies, k.words
FROM dunning.known_accounts k WHERE k.account_id NOT LIKE 'R-%-%' ORDER BY k.number;
INSERT INTO dunning.known_pieces
SELECT c.number, p.currency, p.due_on, p.from_on, p.until_on, p.cases, p.moves, p.case_labels, p.move_labels,
    overlay(p.invoices PLACING reverse(int8send(c.number)) FROM 1 FOR 8), p.payments
FROM dunning.known_pieces p
JOIN dunning.known_accounts k ON k.number = p.account
JOIN dunning.known_accounts c ON c.account_id = k.account_id || '-{copy}';
"""
_COUNT = "SELECT count(*), sum(length(cases)) FROM dunning.known_pieces WHERE from_on <= $1 AND until_on > $1"


def main() -> None:
    """Print what it costs, and how that stands with the targets."""
    parser = argparse.ArgumentParser(description="Measure what figures of a whole company cost.")
    parser.add_argument("--cases", type=int, default=100_000, help="how many are stored, about")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder, url, _ = stack.enter_context(prepared())
        made = min(chosen.cases, MOST_MADE)
        Bench(folder, url).run(round(made / CASES_AN_ACCOUNT), copies=chosen.cases // made - 1)


class Bench:
    """A database with a company in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        self._postmaster = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def run(self, accounts: int, copies: int) -> None:
        """Fill it, and measure."""
        asyncio.run(self._execute(_FILL.format(accounts=accounts)))
        begun, used = time.monotonic(), self._measure_cpu()
        known = asyncio.run(work_off_marks(self._url))
        spent, used = time.monotonic() - begun, self._measure_cpu() - used
        for copy in range(copies):
            asyncio.run(self._execute(_COPY.format(copy=copy)))
        asyncio.run(self._execute("VACUUM ANALYZE dunning.known_pieces; VACUUM ANALYZE dunning.known_accounts"))
        print(f"known: {known:,} accounts in {spent:.1f} s, {used:.1f} of the processor")
        for day in (TODAY, PAST):
            counting, rows = min(self._count(day) for _ in range(3))
            for by in (None, *BYS):
                seconds, used, cases = min(self._report(Asked(as_of=day, by=by)) for _ in range(3))
                print(
                    f"report: as of {day}, by {by}: {cases:,} cases of {rows:,} rows in {seconds:.2f} s,"
                    f" {used:.2f} of the processor; count(*) in {counting:.2f} s"
                )
                report_at_most(f"recovery: as of {day}, by {by}, seconds", seconds, MOST_SECONDS)
                report_at_most(f"recovery: as of {day}, by {by}, beside count(*)", seconds / counting, MOST_SLOWER)

    def _report(self, asked: Asked) -> tuple[float, float, int]:
        begun, used = time.monotonic(), self._measure_cpu()
        made = asyncio.run(make_stored_report(self._url, asked))
        spent = time.monotonic() - begun
        return spent, self._measure_cpu() - used, sum(each.total.cases for each in made.report.currencies)

    def _count(self, day: dt.date) -> tuple[float, int]:
        begun = time.monotonic()
        rows = asyncio.run(self._fetch(_COUNT, day))
        return time.monotonic() - begun, rows

    def _measure_cpu(self) -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        return own.ru_utime + own.ru_stime + cpu_seconds_of_ended_children(self._postmaster)

    async def _execute(self, statements: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            for statement in statements.split("; ") if statements.startswith("VACUUM") else [statements]:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def _fetch(self, statement: str, day: dt.date) -> int:
        connection = await asyncpg.connect(self._url)
        try:
            rows: int = await connection.fetchval(statement, day)
        finally:
            await connection.close()
        return rows


if __name__ == "__main__":
    main()
