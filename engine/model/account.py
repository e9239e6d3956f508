"""What a caller says of an account: the document, its invoices, and what was executed."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from engine.model.calls import HourCalls
from engine.model.money import Payment
from engine.model.vocabulary import Value

RESULTS = ("done", "failed", "declined")
"""What can have come of an executed action; ``done`` is what an entry that says nothing means."""


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An issued invoice, a credit where ``open`` is below 0; amounts in minor units; ``is_cost`` marks dunning costs.

    It counts as disputed on every day before ``held_until``.
    """

    id: str
    due_on: dt.date
    open: int
    issued_on: dt.date | None = None
    amount: int | None = None
    disputed: bool = False
    held_until: dt.date | None = None
    is_cost: bool = False
    payments: tuple[Payment, ...] = ()


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that outcomes yield from a day on; those that move are as they are on the account's ``facts_on`` day."""

    from_on: dt.date
    facts: dict[str, Value]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as read: ``given`` holds typed facts as they were on ``facts_on``.

    ``credits`` stand apart from the invoices, both by due date, then id. ``turns`` are the days, in order, on which a
    credit begins to count, the hold of an invoice ends or a promise is told. ``drawn`` is what outcomes yield, by day.
    ``calls`` are read only where a call waits for the best hour.
    """

    id: str
    currency: str
    zone: ZoneInfo
    party: str | None = None
    facts_on: dt.date | None = None
    invoices: tuple[Invoice, ...] | None = None
    credits: tuple[Invoice, ...] = ()
    turns: tuple[dt.date, ...] = ()
    given: dict[str, Value] = {}
    drawn: tuple[Drawn, ...] = ()
    calls: tuple[HourCalls, ...] = ()


class NamedFee(msgspec.Struct, frozen=True, kw_only=True):
    """A fee as charged or announced; ``amount`` in the currency's minor units."""

    name: str
    amount: int
    currency: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of history: an executed action, a reset, or a level set by hand; ``day`` is its local date.

    ``at`` has the offset that it was given with: in one zone Python compares by the clock, which autumn turns back.

    ``episode`` is a due date, ``none``, or None where it names none.
    """

    at: dt.datetime
    day: dt.date
    rule: str | None = None
    action: str | None = None
    is_foreign_ruleset: bool = False
    is_foreign_account: bool = False
    level: int | None = None
    channels: tuple[str, ...] = ()
    also_count: int = 0
    episode: str | None = None
    invoices: tuple[str, ...] | None = None
    pay_by: dt.date | None = None
    announced_fee: NamedFee | None = None
    fee: NamedFee | None = None
    is_reset: bool = False


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a caller's document: a JSON pointer into it, a sentence, and the fact if it is about one."""

    pointer: str
    message: str
    fact: str | None = None


class AccountInvalid(Exception):  # reads as the claim it makes
    """The account or history cannot be decided on; every problem found is listed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.pointer}: {p.message}" for p in problems))
        self.problems = problems


class RulesetsOverlap(Exception):
    """More than one effective ruleset of the track covers the account."""

    def __init__(self, rulesets: tuple[str, ...]) -> None:
        super().__init__(f"more than one ruleset covers this account: {', '.join(rulesets)}")
        self.rulesets = rulesets
