"""What a sample account owed in the half year before, how it was paid, and what was said; what was done is decided.

The same account and day always give the same past.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

import msgspec

from engine.model.outcome import DRAWN_FACTS

Document = dict[str, object]

DAYS = 182
_LONGEST = 44  # days until an invoice is paid or written off, and the next one is due
_LATE = ((-3, 0, 30), (1, 9, 32), (10, 30, 25), (31, 43, 8), (_LONGEST, _LONGEST, 5))
"""When an invoice is paid, from and to how many days late, and how many of a hundred are; the last are written off."""


class Saying(NamedTuple):
    """What ``percent`` of those say who are so late: types of outcomes, each with its day after the due date."""

    kinds: tuple[tuple[str, int], ...]
    least_late: int
    percent: int


_DISPUTE = Saying((("dispute_opened", 5), ("dispute_closed", 9)), least_late=10, percent=6)
_CALLS = Saying((("not_reached", 14), ("reached", 15)), least_late=17, percent=60)
_COMPLAINT = Saying((("complaint", 20),), least_late=21, percent=5)
_PROMISE = Saying((("promise", 15),), least_late=17, percent=60)
_PROMISE_NOW = Saying((), least_late=10, percent=20)
_LATE_FOR_PROMISE = (0, 0, 1, 8)
_DUE_IN_DAYS = (-5, -4, 0, 0, 1, 3, 6)


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice of the past, and when it was paid, or written off."""

    invoice: str
    due_on: dt.date
    amount: str
    late_days: int

    @property
    def settled_on(self) -> dt.date:
        """The day from which nothing is open of it."""
        return self.due_on + dt.timedelta(days=self.late_days)

    def write_invoice(self) -> Document:
        """Write it as it was while it was open."""
        invoice: Document = {"id": self.invoice, "due_on": f"{self.due_on}"}
        invoice["issued_on"] = f"{self.due_on - dt.timedelta(days=14)}"
        return invoice | {"amount": self.amount, "open": self.amount}


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What an account owed and what came of it; ``account`` is what is known of it beside its invoices."""

    account: Document
    invoices: tuple[Document, ...]
    terms: tuple[Term, ...]
    outcomes: tuple[Document, ...]

    @property
    def id(self) -> str:
        """The account's name."""
        return str(self.account["id"])

    def write_now(self) -> Document:
        """Write the account as it is now."""
        return self.account | {"invoices": [*self.invoices]}

    def write_before(self) -> Document:
        """Write the account as if nothing had been paid: what figures count from."""
        return self.account | {"invoices": [*(term.write_invoice() for term in self.terms), *self.invoices]}


def tell_past(document: Mapping[str, object], day: dt.date) -> Past:
    """Tell the past of an account as it is on a day."""
    random = Random(f"half a year of {document['id']}")  # noqa: S311  an example, the same each time
    account = {name: value for name, value in document.items() if name != "invoices"}
    listed = document.get("invoices")
    invoices: tuple[Document, ...] = tuple(listed) if isinstance(listed, list) else ()
    terms = tuple(_make_terms(random, account, invoices, day))
    outcomes = [outcome for term in terms for outcome in _tell_term(random, term, account)]
    outcomes += _promise(random, account, invoices, day)
    return Past(account=account, invoices=invoices, terms=terms, outcomes=tuple(outcomes))


def _make_terms(random: Random, account: Document, invoices: tuple[Document, ...], day: dt.date) -> Iterator[Term]:
    end = min([day, *(dt.date.fromisoformat(f"{each['due_on']}") for each in invoices)])
    due_on = day - dt.timedelta(days=DAYS - random.randint(0, 30))
    number = 0
    while invoices:
        number += 1
        first, until, _ = random.choices(_LATE, [weight for *_, weight in _LATE])[0]
        term = Term(
            invoice=f"{account['id']}-P{number}",
            due_on=due_on,
            amount=f"{invoices[0]['amount']}",
            late_days=random.randint(first, until),
        )
        if max(term.due_on, term.settled_on) >= end:
            return
        yield term
        due_on += dt.timedelta(days=_LONGEST + random.randint(1, 9))


def _tell_term(random: Random, term: Term, account: Document) -> Iterator[Document]:
    """Yield what was said until an invoice was paid, and that it was."""
    sayings = (_CALLS, _COMPLAINT) if DRAWN_FACTS & account.keys() else (_DISPUTE, _CALLS, _COMPLAINT)
    for saying in sayings:
        if _is_said(random, saying, term.late_days):
            yield from (_write(term, kind, day) for kind, day in saying.kinds)
    if not DRAWN_FACTS & account.keys() and _is_said(random, _PROMISE, term.late_days):
        ((kind, day),) = _PROMISE.kinds
        by = max(day + 1, term.late_days - random.choice(_LATE_FOR_PROMISE))
        yield _write(term, kind, day, amount=term.amount, by=f"{term.due_on + dt.timedelta(days=by)}")
    end = "payment" if term.late_days < _LONGEST else "written_off"
    yield _write(term, end, term.late_days, amount=term.amount)


def _is_said(random: Random, saying: Saying, late_days: int) -> bool:
    return random.randrange(100) < saying.percent and late_days >= saying.least_late


def _write(term: Term, kind: str, days: int, **more: object) -> Document:
    on = term.due_on + dt.timedelta(days=days)
    said: Document = {"id": f"{term.invoice}-{kind}", "type": kind, "at": f"{on}T10:00:00Z", "invoice": term.invoice}
    return said | more


def _promise(random: Random, account: Document, invoices: tuple[Document, ...], day: dt.date) -> Iterator[Document]:
    """Yield the promise that some of those make who owe: broken by now, due today, or in some days."""
    latest = f"{day - dt.timedelta(days=_PROMISE_NOW.least_late)}"
    overdue = [each for each in invoices if f"{each['due_on']}" <= latest]
    if overdue and not DRAWN_FACTS & account.keys() and _is_said(random, _PROMISE_NOW, _LONGEST):
        invoice = overdue[0]
        at, by = day - dt.timedelta(days=8), day + dt.timedelta(days=random.choice(_DUE_IN_DAYS))
        said = {"id": f"{invoice['id']}-promise", "type": "promise", "at": f"{at}T10:00:00Z", "by": f"{by}"}
        yield said | {"invoice": invoice["id"], "amount": invoice["open"]}
