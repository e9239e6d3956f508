"""What was noticed of stored accounts beside what is to be done: cases, and broken promises, each told once."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
import msgspec

from store.events import CaseClosed, CaseOpened, Event, PromiseBroken
from store.outbox import tell
from store.statements import sql


class NoticedCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case of an account; `invoices` holds what was open of each when it opened, in minor units of the currency."""

    currency: str
    due_on: dt.date
    opened_at: dt.datetime
    invoices: Mapping[str, int]
    is_closed: bool = False


class Noticed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be told of an account: the promises that are broken, told already or not; and the cases that turned.

    `opened` are new cases, some of them closed since; `turned` those that were told before and closed or opened again.
    """

    broken: tuple[str, ...] = ()
    opened: tuple[NoticedCase, ...] = ()
    turned: tuple[NoticedCase, ...] = ()


NOTHING_NOTICED = Noticed()
Noticings = Sequence[tuple[str, Noticed]]


async def read_cases(connection: asyncpg.Connection, account_ids: Sequence[str]) -> dict[str, list[NoticedCase]]:
    """Read the cases of accounts that were noticed before, by account."""
    found: dict[str, list[NoticedCase]] = {}
    for row in await connection.fetch(sql("noticed.read_cases"), account_ids):
        case = NoticedCase(
            currency=row["currency"],
            due_on=row["due_on"],
            opened_at=row["opened_at"],
            invoices=_INVOICES.decode(row["invoices"]),
            is_closed=row["is_closed"],
        )
        found.setdefault(row["account_id"], []).append(case)
    return found


async def keep(connection: asyncpg.Connection, noticed: Noticings) -> None:
    """Remember what was noticed of accounts, whose questions are held, and tell what was not told before."""
    broken = [(account_id, promise) for account_id, each in noticed for promise in each.broken]
    rows = await connection.fetch(sql("noticed.keep_broken"), *_columns(broken, 2)) if broken else []
    opened = [(account_id, case) for account_id, each in noticed for case in each.opened]
    if opened:
        await connection.execute(sql("noticed.open_cases"), *_columns([_row_of(*pair) for pair in opened], 7))
    turned = [(account_id, case) for account_id, each in noticed for case in each.turned]
    if turned:
        named = [(account_id, case.currency, case.due_on, case.is_closed) for account_id, case in turned]
        await connection.execute(sql("noticed.turn_cases"), *_columns(named, 4))
    await tell(
        connection,
        *(PromiseBroken(account_id=row["account_id"], promise=row["promise"]) for row in rows),
        *_tell_cases(noticed),
    )


def _tell_cases(noticed: Noticings) -> Iterator[Event]:
    for account_id, each in noticed:
        for case in each.opened:
            yield CaseOpened(account_id=account_id, currency=case.currency, due_on=case.due_on)
        for case in (*each.opened, *each.turned):
            if case.is_closed:
                yield CaseClosed(account_id=account_id, currency=case.currency, due_on=case.due_on)
        for case in each.turned:
            if not case.is_closed:
                yield CaseOpened(account_id=account_id, currency=case.currency, due_on=case.due_on)


def _row_of(account_id: str, case: NoticedCase) -> tuple[object, ...]:
    invoices = msgspec.json.encode(case.invoices).decode()
    opened = sum(case.invoices.values())
    return account_id, case.currency, case.due_on, case.opened_at, opened, invoices, case.is_closed


def _columns(rows: Sequence[Sequence[object]], count: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(count)]


_INVOICES = msgspec.json.Decoder(dict[str, int])
