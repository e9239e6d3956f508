"""An oracle in SQL agrees on every case, and every figure of money, to the cent and the day."""

import asyncio
import datetime as dt
import os
import random
from pathlib import Path

import asyncpg
import pytest

from engine.recovery.cases import Case, cases_in
from engine.recovery.debtor import Debtor
from engine.recovery.knowing import DAYS
from engine.recovery.ledger import Ledger
from engine.recovery.report import Asked, make_report
from tests.recovery.generate import make_debtor

ACCOUNTS = int(os.environ.get("DUNNING_RECOVERY_ACCOUNTS", "600"))
_MANY = 2_000
pytestmark = [pytest.mark.slow] if ACCOUNTS > _MANY else []
AS_OF = (dt.date(2026, 3, 29), dt.date(2026, 6, 30))
_SQL = Path(__file__).with_name("oracle.sql").read_text("utf-8")

_FIGURES = """
SELECT a.currency, count(*) AS cases, sum(q.opened)::bigint AS opened, sum(r.net)::bigint AS recovered,
    count(*) FILTER (WHERE q.closed_as = 'written_off') AS given_up
FROM oracle.cases q
JOIN oracle.accounts a ON a.id = q.account
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.amount), 0) AS net FROM oracle.moves m WHERE m.account = q.account AND m.due_on = q.due_on
) r
GROUP BY a.currency ORDER BY a.currency
"""
_AT = """
SELECT a.currency, sum(r.net)::bigint AS recovered, count(*) FILTER (WHERE r.net = q.opened) AS paid
FROM oracle.cases q
JOIN oracle.accounts a ON a.id = q.account
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.amount), 0) AS net FROM oracle.moves m
    WHERE m.account = q.account AND m.due_on = q.due_on AND m.day <= q.opened_on + $1::integer
) r
GROUP BY a.currency ORDER BY a.currency
"""
_WITH = """
SELECT a.currency, coalesce(sum(m.amount), 0)::bigint AS money
FROM oracle.moves m JOIN oracle.accounts a ON a.id = m.account
WHERE EXISTS (
    SELECT FROM oracle.counting($1::date) x
    WHERE x.account = m.account AND x.due_on = m.due_on AND (x.closed_at IS NULL OR x.at <= x.closed_at)
)
GROUP BY a.currency ORDER BY a.currency
"""
_AFTER = """
SELECT a.currency, coalesce(sum(m.amount), 0)::bigint AS money
FROM oracle.moves m JOIN oracle.accounts a ON a.id = m.account
CROSS JOIN LATERAL (
    SELECT x.at FROM oracle.counting($1::date) x
    WHERE x.account = m.account AND x.due_on = m.due_on AND x.at <= m.paid_at
    ORDER BY x.at DESC LIMIT 1
) l
WHERE (m.paid_at AT TIME ZONE a.zone)::date - (l.at AT TIME ZONE a.zone)::date <= 14
GROUP BY a.currency ORDER BY a.currency
"""
_COSTS = """
SELECT a.currency, count(*) AS contacts, coalesce(sum(x.fee), 0)::bigint AS fees
FROM oracle.counting($1::date) x JOIN oracle.accounts a ON a.id = x.account
GROUP BY a.currency ORDER BY a.currency
"""
_OWED = """
SELECT a.currency, width_bucket($1::date - o.due_on, ARRAY[1, 31, 61, 91]) AS age, count(*) AS invoices,
    sum(o.amount)::bigint AS amount, coalesce(sum(o.amount) FILTER (WHERE o.disputed), 0)::bigint AS disputed
FROM oracle.owed o JOIN oracle.accounts a ON a.id = o.account
GROUP BY a.currency, age ORDER BY a.currency, age
"""


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_sql_agrees_on_random_accounts(empty_database_url: str, as_of: dt.date) -> None:
    """As of a day in the middle, on which much is not recorded yet, and of one at the end."""
    numbers = random.Random(f"figures {as_of}")
    debtors = [make_debtor(numbers, f"A-{number}") for number in range(ACCOUNTS)]
    asyncio.run(_compare(empty_database_url, debtors, as_of))


async def _compare(url: str, debtors: list[Debtor], as_of: dt.date) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_SQL)
        await _fill(connection, debtors)
        await connection.execute("ANALYZE")
        # What it finds is empty when the plans are made, and would be read whole for each account.
        await connection.execute("SET enable_seqscan = off")
        await connection.fetch("SELECT oracle.follow(a.id, $1) FROM oracle.accounts a", as_of)
        await connection.execute("CREATE INDEX ON oracle.moves (account, due_on); ANALYZE")
        await _compare_cases(connection, debtors, as_of)
        await _compare_figures(connection, debtors, as_of)
    finally:
        await connection.close()


async def _compare_cases(connection: asyncpg.Connection, debtors: list[Debtor], as_of: dt.date) -> None:
    rows = await connection.fetch("SELECT * FROM oracle.cases ORDER BY account, due_on")
    theirs: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        theirs.setdefault(row["account"], []).append(tuple(row)[1:])
    for debtor in debtors:
        ours = [_row_of(case) for case in cases_in(Ledger(debtor, as_of))]
        assert ours == theirs.get(debtor.id, []), debtor


def _row_of(case: Case) -> tuple[object, ...]:
    closing = (case.closed_at, case.closed_as, case.paid_on)
    return case.due_on, case.opened_at, case.opened_on, case.opened, *closing


async def _compare_figures(connection: asyncpg.Connection, debtors: list[Debtor], as_of: dt.date) -> None:
    currencies = make_report(debtors, Asked(as_of=as_of)).currencies
    totals = {each.currency: each.total for each in currencies}
    rows = await connection.fetch(_FIGURES)
    ours = [(name, each.cases, each.opened, each.recovered, each.given_up) for name, each in totals.items()]
    assert ours == [tuple(row) for row in rows]
    for place, days in enumerate(DAYS):
        rows = await connection.fetch(_AT, days)
        assert [(name, each.at[place].recovered, each.at[place].paid) for name, each in totals.items()] == [
            tuple(row) for row in rows
        ]
    for statement, name in ((_WITH, "with_action"), (_AFTER, "after")):
        rows = await connection.fetch(statement, as_of)
        assert [(currency, getattr(each, name)) for currency, each in totals.items()] == [tuple(row) for row in rows]
    rows = await connection.fetch(_COSTS, as_of)
    assert [(name, each.contacts, each.fees) for name, each in totals.items()] == [tuple(row) for row in rows]
    rows = await connection.fetch(_OWED, as_of)
    owed = [
        (each.currency, place, age.invoices, age.amount, age.disputed)
        for each in currencies
        for place, age in enumerate(each.portfolio.ages)
        if age.invoices
    ]
    assert owed == [tuple(row) for row in rows]


async def _fill(connection: asyncpg.Connection, debtors: list[Debtor]) -> None:
    """Write accounts as rows."""
    statements, invoices, outcomes, actions = [], [], [], []
    for debtor in debtors:
        for number, statement in enumerate(debtor.statements):
            statements.append((debtor.id, number, statement.known_at))
            invoices += [
                (debtor.id, number, statement.known_at, i.id, i.due_on, i.open, i.disputed, i.held_until, i.issued_on)
                for i in statement.invoices
            ]
        outcomes += [
            (debtor.id, place, o.type, o.at, o.recorded_at, o.amount, o.invoice)
            for place, o in enumerate(debtor.outcomes)
        ]
        actions += [
            (debtor.id, place, a.at, a.recorded_at, a.invoices, a.episode, a.fee)
            for place, a in enumerate(debtor.actions)
        ]
    accounts = [(each.id, each.currency, each.zone.key) for each in debtors]
    tables = {"accounts": accounts, "statements": statements, "invoices": invoices}
    tables |= {"outcomes": outcomes, "actions": actions}
    for table, rows in tables.items():
        await connection.copy_records_to_table(table, schema_name="oracle", records=rows)
