"""Promises judged by outcomes alone, never by what the books say is open; money serves a promise once."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from engine.model.outcome import PAYMENT, PROMISE, RETURNS, WITHDRAWN, Outcome, Promise, PromiseState

# At one instant a promise is there before the money, and money before it goes back or the promise does.
_RANKS = {PROMISE: 0, PAYMENT: 1, "refund": 2, "chargeback": 2, WITHDRAWN: 3}


class _Running:
    """A promise on its way."""

    def __init__(self, outcome: Outcome, tolerance_days: int) -> None:
        if outcome.by is None or outcome.amount is None:
            raise ValueError(f"promise {outcome.id} has no day or no amount")
        self.outcome = outcome
        self.by: dt.date = outcome.by
        self.amount: int = outcome.amount
        self.ends_on = outcome.by + dt.timedelta(days=tolerance_days)
        self.paid = 0
        self.is_withdrawn = False

    def can_change(self, day: dt.date) -> bool:
        """Tell whether money that comes or goes on a day changes anything."""
        return day <= self.ends_on and not self.is_withdrawn

    def is_open(self, day: dt.date) -> bool:
        """Tell whether it can be paid or withdrawn on a day."""
        return self.can_change(day) and self.paid < self.amount

    def is_served_by(self, money: Outcome) -> bool:
        """Tell whether money is for what was promised: one of them may name no invoice."""
        return self.outcome.invoice is None or money.invoice in {None, self.outcome.invoice}

    @property
    def order(self) -> tuple[dt.date, dt.datetime, str]:
        """Return which promise money serves first."""
        return self.by, self.outcome.at, self.outcome.id

    def judge(self, day: dt.date) -> Promise:
        """Return it as it stands on a day."""
        return Promise(
            id=self.outcome.id,
            at=self.outcome.at,
            by=self.by,
            amount=self.amount,
            invoice=self.outcome.invoice,
            paid=self.paid,
            ends_on=self.ends_on,
            state=self._state_on(day),
        )

    def _state_on(self, day: dt.date) -> PromiseState:
        if self.is_withdrawn:
            return "withdrawn"
        if self.paid >= self.amount:
            return "kept"
        if day <= self.ends_on:
            return "open"
        return "partly_kept" if self.paid else "broken"


class _Account:
    """All promises of an account, outcome by outcome; ``served`` is what served which, the last money last."""

    def __init__(self, tolerance_days: int) -> None:
        self.promises: list[_Running] = []
        self._served: list[tuple[_Running, int]] = []
        self._tolerance_days = tolerance_days

    def take(self, outcome: Outcome) -> None:
        """Take in the next outcome."""
        if outcome.type == PROMISE:
            self.promises.append(_Running(outcome, self._tolerance_days))
        elif outcome.type == PAYMENT:
            self._serve(outcome)
        elif outcome.type in RETURNS:
            self._take_back(outcome)
        elif outcome.type == WITHDRAWN:
            self._withdraw(outcome)

    def _serve(self, money: Outcome) -> None:
        left = money.amount or 0
        waiting = (each for each in self.promises if each.is_open(money.day) and each.is_served_by(money))
        for promise in sorted(waiting, key=lambda each: each.order):
            part = min(left, promise.amount - promise.paid)
            if part:
                promise.paid += part
                left -= part
                self._served.append((promise, part))

    def _take_back(self, money: Outcome) -> None:
        left = money.amount or 0
        for place in range(len(self._served) - 1, -1, -1):
            promise, part = self._served[place]
            if left and promise.can_change(money.day) and promise.is_served_by(money):
                back = min(left, part)
                promise.paid -= back
                left -= back
                self._served[place] = promise, part - back

    def _withdraw(self, outcome: Outcome) -> None:
        for promise in self.promises:
            is_named = promise.outcome.id == outcome.promise
            if outcome.promise is None:
                is_named = outcome.invoice in {None, promise.outcome.invoice}
            if is_named and promise.is_open(outcome.day):
                promise.is_withdrawn = True


def promises_of(outcomes: Iterable[Outcome], as_of: dt.datetime, *, tolerance_days: int) -> tuple[Promise, ...]:
    """Return an account's promises as they stand at an instant of its zone, in the order they were recorded.

    The outcomes come in the order they were recorded; those not yet known at the instant are not seen.
    """
    known = [each for each in outcomes if each.is_known_at(as_of)]
    if not known:
        return ()
    account = _Account(tolerance_days)
    for outcome in sorted(known, key=lambda each: (each.at, _RANKS.get(each.type, 0))):
        account.take(outcome)
    places = {outcome.id: place for place, outcome in enumerate(known)}
    judged = [promise.judge(as_of.date()) for promise in account.promises]
    return tuple(sorted(judged, key=lambda each: places[each.id]))


def judge_on(promises: Iterable[Promise], day: dt.date) -> tuple[Promise, ...]:
    """Return promises as they stand on a later day if nothing more happens: the open ones of the past are told."""
    return tuple(
        _told(promise) if promise.state == "open" and promise.ends_on < day else promise for promise in promises
    )


def _told(promise: Promise) -> Promise:
    return msgspec.structs.replace(promise, state="partly_kept" if promise.paid else "broken")


def open_promise(promises: Iterable[Promise]) -> Promise | None:
    """Return the open promise that is meant: the one made last and, of equals, recorded last."""
    found: Promise | None = None
    for promise in promises:
        if promise.state == "open" and (found is None or promise.at >= found.at):
            found = promise
    return found


def count_broken(promises: Iterable[Promise]) -> int:
    """Count the promises of which nothing was paid in time."""
    return sum(promise.state == "broken" for promise in promises)


def to_be_collected(overdue: int, promises: Iterable[Promise]) -> int:
    """Return what is left to ask for of an overdue and undisputed amount: what is promised is waited for."""
    return max(0, overdue - sum(promise.left for promise in promises if promise.state == "open"))
