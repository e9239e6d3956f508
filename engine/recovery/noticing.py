"""Cases: what an account owes of one currency and due date, from when it is overdue until it is paid or written off.

A case hangs on what was open when it opened and on outcomes, never on the books after.
"""

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from engine.coordinates.credits import open_on
from engine.coordinates.terms import Terms
from engine.evaluation.drawing import dispute, find_dispute_ends, list_open_disputes
from engine.model.account import Account
from engine.model.businessdays import ONE_DAY, first_moment_of
from engine.model.outcome import PAYMENT, RETURNS, WRITTEN_OFF, Outcome

_MONEY = {PAYMENT: 0, WRITTEN_OFF: 1, **dict.fromkeys(RETURNS, 2)}
"""What moves a case; of things at one instant money that comes goes first."""
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What was owed of a due date when it opened: what was open of each invoice, in minor units, by its id."""

    due_on: dt.date
    opened_at: dt.datetime
    invoices: Mapping[str, int]

    @property
    def opened(self) -> int:
        """The opened money."""
        return sum(self.invoices.values())


def find_overdue(
    account: Account,
    terms: Terms,
    outcomes: Iterable[Outcome],
    as_of: dt.datetime,
    *,
    known: Container[dt.date] = (),
) -> tuple[Case, ...]:
    """Return a case for each due date of which something is overdue and undisputed at an instant, by that date.

    It opened at the first moment at which that was so, by what is known of the account now. While the account itself is
    disputed, all that it owes is. Due dates that are ``known`` are passed over.
    """
    told = [each for each in outcomes if each.is_known_at(as_of)]
    ends: Mapping[str | None, dt.datetime] = {}
    if told:
        if any(each.invoice is None for each in list_open_disputes(told)):
            return ()
        account, ends = dispute(account, told, as_of), find_dispute_ends(told)
    settled_at = ends.get(None, _EARLIEST)
    today = as_of.astimezone(account.zone).date()
    found = open_on(account, today, ignore_below=terms.edition.ignore_below)
    invoices: dict[dt.date, dict[str, int]] = {}
    opened: dict[dt.date, dt.datetime] = {}
    for invoice in found.overdue(today) if found is not None else ():
        if invoice.due_on in known:
            continue
        day = max(invoice.due_on + ONE_DAY, invoice.held_until or dt.date.min)
        at = max(first_moment_of(day, account.zone), settled_at, ends.get(invoice.id, _EARLIEST))
        invoices.setdefault(invoice.due_on, {})[invoice.id] = invoice.open
        opened[invoice.due_on] = min(at, opened.get(invoice.due_on, at))
    return tuple(
        Case(due_on=due_on, opened_at=opened[due_on].astimezone(dt.UTC), invoices=owed)
        for due_on, owed in invoices.items()
    )


def find_next_opening(account: Account, as_of: dt.datetime) -> dt.date | None:
    """Return the next day on which, with nothing paid or changed, an invoice becomes overdue, or its hold ends."""
    today = as_of.astimezone(account.zone).date()
    found: dt.date | None = None
    for each in account.invoices or ():
        if not each.open or each.disputed:
            continue
        day = each.due_on + ONE_DAY if each.held_until is None else max(each.due_on + ONE_DAY, each.held_until)
        if day > today and (found is None or day < found):
            found = day
    return found


def find_closed(cases: Iterable[Case], outcomes: Iterable[Outcome], as_of: dt.datetime) -> frozenset[dt.date]:
    """Return the due dates of the cases that are closed at an instant: paid or written off to the last cent.

    ``cases`` are all of the account, and outcomes come in the order they were recorded.
    """
    known = [each for each in outcomes if each.type in _MONEY and each.is_known_at(as_of)]
    if not known:  # what opened a case is more than nothing
        return frozenset()
    money = _Money(sorted(cases, key=lambda case: case.due_on))
    for outcome in sorted(known, key=lambda each: (each.at, _MONEY[each.type])):
        money.take(outcome)
    return money.find_closed()


class _Part:
    """An invoice of a case, and what became of it."""

    def __init__(self, case: Case, invoice: str) -> None:
        self.case = case
        self.invoice = invoice
        self.amount = case.invoices[invoice]
        self.paid = self.written_off = 0

    @property
    def unpaid(self) -> int:
        """What money may still pay, written off or not."""
        return self.amount - self.paid

    @property
    def left(self) -> int:
        """What is neither paid nor written off."""
        return max(0, self.unpaid - self.written_off)


class _Money:
    """All cases of an account, outcome by outcome; ``_taken`` is what paid which, the last money last."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._parts = [_Part(case, invoice) for case in cases for invoice in sorted(case.invoices)]
        self._taken: list[tuple[_Part, int]] = []

    def take(self, outcome: Outcome) -> None:
        """Take in the next outcome."""
        if outcome.type == PAYMENT:
            self._pay(outcome)
        elif outcome.type == WRITTEN_OFF:
            self._write_off(outcome)
        else:
            self._take_back(outcome)

    def find_closed(self) -> frozenset[dt.date]:
        """Return the due dates of which nothing is left."""
        return frozenset(part.case.due_on for part in self._parts) - {p.case.due_on for p in self._parts if p.left}

    def _pay(self, money: Outcome) -> None:
        """Pay what is owed longest first; what was paid before a case opened was not open then."""
        left = money.amount or 0
        for part in self._find_open(money):
            paid = min(left, part.unpaid)
            if paid:
                part.paid += paid
                left -= paid
                self._taken.append((part, paid))

    def _write_off(self, outcome: Outcome) -> None:
        left = outcome.amount or 0
        for part in self._find_open(outcome):
            gone = min(left, part.left)
            part.written_off += gone
            left -= gone

    def _take_back(self, money: Outcome) -> None:
        left = money.amount or 0
        for place in range(len(self._taken) - 1, -1, -1):
            part, paid = self._taken[place]
            if left and money.invoice in {None, part.invoice}:
                back = min(left, paid)
                part.paid -= back
                left -= back
                self._taken[place] = part, paid - back

    def _find_open(self, outcome: Outcome) -> Iterator[_Part]:
        """Yield the invoices that an outcome is about, of the cases that had opened by then."""
        for part in self._parts:
            if part.case.opened_at <= outcome.at and outcome.invoice in {None, part.invoice}:
                yield part
