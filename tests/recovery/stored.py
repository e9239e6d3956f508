"""Accounts for tests of figures, written into a database as though they had been written on their own days."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence

import asyncpg

from engine.model.account import Invoice
from engine.model.money import format_amount
from engine.model.outcome import Outcome
from engine.recovery.debtor import Action, Debtor

_FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_TABLES = {
    "accounts": ("id", "document"),
    "books": ("account_id", "document", "known_at"),
    "outcomes": ("account_id", "id", "type", "at", "outcome", "is_amount_drawn", "salt", "recorded_at"),
    "history": ("account_id", "at", "entry", "salt", "recorded_at"),
}


async def write_debtors(connection: asyncpg.Connection, debtors: Sequence[Debtor]) -> None:
    """Write accounts with all that is said of them, and mark them; no trigger writes that it was said just now."""
    rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _TABLES}
    for debtor in debtors:
        documents = [(json.dumps(each), known_at) for each, known_at in _list_documents(debtor)]
        rows["accounts"].append((debtor.id, documents[-1][0]))
        rows["books"] += [(debtor.id, document, known_at) for document, known_at in documents]
        rows["outcomes"] += [_write_outcome(debtor, each) for each in debtor.outcomes]
        rows["history"] += [_write_action(debtor, each) for each in debtor.actions]
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, columns in _TABLES.items():
            await connection.copy_records_to_table(table, schema_name="dunning", columns=columns, records=rows[table])
        await connection.execute("INSERT INTO dunning.known_marks (account_id) SELECT id FROM dunning.accounts")


def _list_documents(debtor: Debtor) -> Iterator[tuple[dict[str, object], dt.datetime]]:
    for statement in debtor.statements:
        document: dict[str, object] = {
            "id": debtor.id,
            "currency": debtor.currency,
            "timezone": debtor.zone.key,
            "invoices": [_write_invoice(debtor, each) for each in statement.invoices],
            **statement.words,
        }
        yield document, statement.known_at or _FIRST


def _write_invoice(debtor: Debtor, invoice: Invoice) -> dict[str, object]:
    facts = {
        "id": invoice.id,
        "due_on": invoice.due_on.isoformat(),
        "open": format_amount(invoice.open, debtor.currency),
        "amount": None if invoice.amount is None else format_amount(invoice.amount, debtor.currency),
        "disputed": invoice.disputed or None,
        "issued_on": None if invoice.issued_on is None else invoice.issued_on.isoformat(),
        "held_until": None if invoice.held_until is None else invoice.held_until.isoformat(),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _write_outcome(debtor: Debtor, outcome: Outcome) -> tuple[object, ...]:
    facts = {
        "id": outcome.id,
        "type": outcome.type,
        "at": outcome.at.isoformat(),
        "amount": None if outcome.amount is None else format_amount(outcome.amount, debtor.currency),
        "invoice": outcome.invoice,
    }
    given = json.dumps({name: value for name, value in facts.items() if value is not None})
    recorded_at = outcome.recorded_at or outcome.at
    return debtor.id, outcome.id, outcome.type, outcome.at, given, False, b"", recorded_at


def _write_action(debtor: Debtor, action: Action) -> tuple[object, ...]:
    fee = {"amount": format_amount(action.fee, debtor.currency), "currency": debtor.currency}
    facts = {
        "at": action.at.isoformat(),
        "rule": action.rule,
        "channel": action.contacts[0],
        "episode": None if action.episode is None else action.episode.isoformat(),
        "invoices": action.invoices,
        "fee": fee if action.fee else None,
    }
    given = json.dumps({name: value for name, value in facts.items() if value is not None})
    return debtor.id, action.at, given, b"", action.recorded_at or action.at
