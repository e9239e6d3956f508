"""A case: what an account owes in one currency of one due date, from when it is overdue until it is paid or given up.

This is the one place that says when a case opens, what it opened with, when it is closed and what was recovered
(figures.md C1 to C7).
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from engine.evaluation.promises import promises_of
from engine.model.outcome import PROMISE, Promise
from engine.recovery.debtor import Action, Debtor
from engine.recovery.ledger import Ledger
from engine.recovery.lines import Closing, Opened, Part

HAND_OVER = "hand_over"
_COUNTED = frozenset({"complaint", "reached", "not_reached"})
_LEAST = dt.timedelta(microseconds=1)


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """Money of one payment that went to a case; ``returns`` are the days on which some went back, and how much."""

    at: dt.datetime
    day: dt.date
    amount: int
    returns: tuple[tuple[dt.date, int], ...] = ()
    after: Action | None = None
    """The last executed action of the case before it, however long ago."""

    def net(self, last: dt.date | None = None) -> int:
        """Return what is left of it at the end of a local day, None for the day of the figures."""
        if last is not None and self.day > last:
            return 0
        return self.amount - sum(amount for day, amount in self.returns if last is None or day <= last)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a case besides money: complaints, promises as they stand, calls that were answered or not."""

    complaints: int = 0
    promises: tuple[Promise, ...] = ()
    reached: int = 0
    not_reached: int = 0


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was known at the end of a local day; amounts in minor units.

    ``invoices`` are those that it opened with, each with its part of the opened money; ``words`` what its account is
    grouped by, as it was then. ``closed_at`` is None while it is open, also where money that went back opened it again;
    ``paid_on`` is the local day since which all of it is paid. ``actions`` are the executed ones that count for it, by
    instant, ``said`` the complaints, promises and calls that are about it.
    """

    account_id: str
    currency: str
    due_on: dt.date
    opened_at: dt.datetime
    opened_on: dt.date
    opened: int
    invoices: tuple[tuple[str, int], ...]
    words: Mapping[str, str] = {}
    recovered: tuple[Recovered, ...] = ()
    written_off: int = 0
    closed_at: dt.datetime | None = None
    closed_as: Closing | None = None
    paid_on: dt.date | None = None
    actions: tuple[Action, ...] = ()
    said: Said = Said()

    def net(self, days: int | None = None) -> int:
        """Return the money recovered up to so many days after the opening day, that day included; None for all."""
        last = None if days is None else self.opened_on + dt.timedelta(days=days)
        return sum(each.net(last) for each in self.recovered)

    @property
    def is_acted_on(self) -> bool:
        """Tell whether an action was executed before it closed."""
        return any(self.is_before_close(each) for each in self.actions)

    def is_before_close(self, action: Action) -> bool:
        """Tell whether an action was executed before it closed, the same instant included."""
        return self.closed_at is None or action.at <= self.closed_at

    @property
    def handed_over_on(self) -> dt.date | None:
        """The local day on which it was first handed over."""
        return next((each.day for each in self.actions if each.action == HAND_OVER), None)


def cases_of(debtor: Debtor, day: dt.date) -> tuple[Case, ...]:
    """Return the cases of an account, by due date, as they were known at the end of a local day."""
    return cases_in(Ledger(debtor, day))


def cases_in(ledger: Ledger) -> tuple[Case, ...]:
    """Return the cases of an account that was followed, by due date."""
    known = ledger.debtor
    actions = sorted(known.actions, key=lambda each: each.at.astimezone(dt.UTC))
    found = []
    for opened in sorted(ledger.cases.values(), key=lambda each: each.due_on):
        own = tuple(each for each in actions if _counts_for(each, opened, ledger))
        parts = [part for line in opened.lines for part in line.parts if part.counted]
        case = Case(
            account_id=known.id,
            currency=known.currency,
            due_on=opened.due_on,
            opened_at=opened.at,
            opened_on=opened.day,
            opened=sum(line.opened for line in opened.lines),
            invoices=tuple((line.id, line.opened) for line in opened.lines),
            words=opened.words,
            recovered=tuple(_recover(part, own) for part in sorted(parts, key=lambda each: each.at)),
            written_off=sum(line.written for line in opened.lines),
            closed_at=opened.closed_at,
            closed_as=opened.closed_as,
            paid_on=None if opened.paid_at is None else opened.paid_at.astimezone(known.zone).date(),
            actions=own,
        )
        found.append(case)
    return _with_what_is_said(found, ledger)


def _with_what_is_said(cases: Sequence[Case], ledger: Ledger) -> tuple[Case, ...]:
    """Return cases with what is said of them: of the invoice that is named, else of the oldest case not yet closed."""
    counts: Counter[tuple[int, str]] = Counter()
    promises: dict[int, list[Promise]] = {}
    for outcome in ledger.debtor.outcomes:
        if outcome.type in _COUNTED and (place := _find_case(cases, ledger, outcome.invoice, outcome.at)) is not None:
            counts[place, outcome.type] += 1
    if any(outcome.type == PROMISE for outcome in ledger.debtor.outcomes):
        for promise in judge_promises(ledger):
            if (place := _find_case(cases, ledger, promise.invoice, promise.at)) is not None:
                promises.setdefault(place, []).append(promise)
    return tuple(
        msgspec.structs.replace(
            case,
            said=Said(
                complaints=counts[place, "complaint"],
                promises=tuple(promises.get(place, ())),
                reached=counts[place, "reached"],
                not_reached=counts[place, "not_reached"],
            ),
        )
        for place, case in enumerate(cases)
    )


def judge_promises(ledger: Ledger) -> tuple[Promise, ...]:
    """Return an account's promises as they stand at the end of the day; one about nothing is none."""
    known = ledger.debtor
    outcomes = []
    for outcome in known.outcomes:
        amount = ledger.promised.get(outcome.id) if outcome.type == PROMISE else None
        if amount is not None:
            outcomes += [msgspec.structs.replace(outcome, amount=amount)] if amount else []
        else:
            outcomes.append(outcome)
    last = known.end_of(ledger.day) - _LEAST
    return promises_of(outcomes, last.astimezone(known.zone), tolerance_days=known.tolerance_days)


def _find_case(cases: Sequence[Case], ledger: Ledger, invoice: str | None, at: dt.datetime) -> int | None:
    if invoice is not None:
        due_on = ledger.lines[invoice].due_on if invoice in ledger.lines else None
        return next((place for place, case in enumerate(cases) if case.due_on == due_on), None)
    instant = at.astimezone(dt.UTC)
    waiting = (place for place, case in enumerate(cases) if case.closed_at is None or instant <= case.closed_at)
    return next(waiting, None)


def _counts_for(action: Action, case: Opened, ledger: Ledger) -> bool:
    """Tell whether an action counts for a case: it names an invoice of it or, naming none, is of its episode."""
    if action.invoices:
        named = (ledger.lines[each] for each in action.invoices if each in ledger.lines)
        return any(line.due_on == case.due_on for line in named)
    return action.episode == case.due_on


def _recover(part: Part, actions: tuple[Action, ...]) -> Recovered:
    before = [each for each in actions if each.at.astimezone(dt.UTC) <= part.at]
    return Recovered(
        at=part.at,
        day=part.day,
        amount=part.counted,
        returns=tuple(part.returns),
        after=before[-1] if before else None,
    )
