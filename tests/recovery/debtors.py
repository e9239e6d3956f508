"""Accounts for tests of figures, written in few words: cents, days, and local days of Amsterdam."""

import datetime as dt
from zoneinfo import ZoneInfo

from engine.model.account import Invoice
from engine.model.businessdays import first_moment_of
from engine.model.outcome import Outcome
from engine.recovery.debtor import Action, Debtor, Statement

ZONE = ZoneInfo("Europe/Amsterdam")
DUE = dt.date(2026, 3, 6)


def day(text: str) -> dt.date:
    """A day of 2026, such as 03-07."""
    return dt.date.fromisoformat(f"2026-{text}")


def at(text: str) -> dt.datetime:
    """A local instant of 2026, such as `03-07` (its first moment) or `03-07 09:00`."""
    if len(text) == len("03-07"):
        return first_moment_of(day(text), ZONE)
    return dt.datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=ZONE)


def invoice(
    id_: str = "I-1",
    open_: int = 6000,
    *,
    due_on: dt.date = DUE,
    issued_on: dt.date | None = None,
    amount: int | None = None,
    disputed: bool = False,
    held_until: dt.date | None = None,
) -> Invoice:
    """An invoice of 60.00 that is due on 6 March, or another."""
    return Invoice(
        id=id_,
        due_on=due_on,
        open=open_,
        issued_on=issued_on,
        amount=amount,
        disputed=disputed,
        held_until=held_until,
    )


def outcome(
    type_: str,
    when: str,
    amount: int | None = None,
    *,
    id_: str | None = None,
    of: str | None = None,
    by: str | None = None,
    recorded: str | None = None,
) -> Outcome:
    """An outcome; `of` is its invoice."""
    instant = at(when)
    return Outcome(
        id=id_ or f"{type_} {when}",
        type=type_,
        at=instant,
        day=instant.date(),
        amount=amount,
        invoice=of,
        by=None if by is None else day(by),
        recorded_at=None if recorded is None else at(recorded),
    )


def pay(when: str, amount: int, *, of: str | None = None, recorded: str | None = None) -> Outcome:
    """A payment."""
    return outcome("payment", when, amount, of=of, recorded=recorded)


def act(
    when: str,
    rule: str = "reminder",
    *,
    action: str = "send_reminder",
    contacts: tuple[str, ...] = ("email",),
    invoices: tuple[str, ...] | None = None,
    episode: dt.date | None = DUE,
    fee: int = 0,
    recorded: str | None = None,
) -> Action:
    """An executed action of the episode of 6 March."""
    instant = at(when)
    return Action(
        at=instant,
        day=instant.date(),
        recorded_at=None if recorded is None else at(recorded),
        rule=rule,
        ruleset="shop",
        version=1,
        action=action,
        contacts=contacts,
        invoices=invoices,
        episode=episode,
        fee=fee,
    )


def stated(when: str, *invoices: Invoice) -> Statement:
    """What the books said on a day."""
    return Statement(known_at=at(when), invoices=invoices)


def owe(*invoices: Invoice, outcomes: tuple[Outcome, ...] = (), actions: tuple[Action, ...] = ()) -> Debtor:
    """An account that owes these invoices from the beginning."""
    return Debtor(
        id="A-1",
        currency="EUR",
        zone=ZONE,
        statements=(Statement(invoices=invoices or (invoice(),)),),
        outcomes=outcomes,
        actions=actions,
    )
