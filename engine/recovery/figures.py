"""Figures of some cases of one currency: what was opened, what came of it and when, what it cost to get there."""

import datetime as dt
from collections import Counter
from fractions import Fraction

import msgspec

from engine.model.money import round_half_up
from engine.recovery.cases import Case
from engine.recovery.grouping import By, keys_of_action
from engine.recovery.medians import find_median

DAYS = (7, 14, 30, 60, 90)
WITHIN_DAYS = 14


class At(msgspec.Struct, frozen=True, kw_only=True):
    """What was recovered up to so many days after the opening day of each case; ``paid`` counts those paid in full.

    It is mature when the last case that can still open had so many days.
    """

    days: int
    recovered: int
    paid: int
    is_mature: bool


class Promises(msgspec.Struct, frozen=True, kw_only=True):
    """Promises by how they stand.

    ``told`` is the money of those that are kept, partly kept or broken, ``served`` what of it was paid.
    """

    open: int = 0
    kept: int = 0
    partly_kept: int = 0
    broken: int = 0
    withdrawn: int = 0
    told: int = 0
    served: int = 0

    @property
    def kept_rate(self) -> Fraction | None:
        """The share of the promises told that were kept."""
        return share(self.kept, self.kept + self.partly_kept + self.broken)

    @property
    def served_rate(self) -> Fraction | None:
        """The share of the money of promises told that was paid for them."""
        return share(self.served, self.told)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of some cases; money in minor units, net of what went back.

    ``after`` was paid within the days of an executed action, the last one before it; ``with_action`` is all money of
    cases with an action before they closed. Neither says that the action was the cause.
    """

    cases: int
    opened: int
    recovered: int
    written_off: int
    paid: int
    given_up: int
    handed_over: int
    at: tuple[At, ...]
    median_days: int | None
    contacts: int
    fees: int
    complaints: int
    promises: Promises
    reached: int
    not_reached: int
    after: int
    with_action: int
    curve: tuple[int, ...] = ()
    """What was recovered on day 0, up to day 1, and so on to day 90."""

    @property
    def fees_a_case(self) -> int | None:
        """What a case was charged on average, rounded to the minor unit, a half away from zero."""
        average = share(self.fees, self.cases)
        return None if average is None else round_half_up(average)

    @property
    def reach_rate(self) -> Fraction | None:
        """The share of calls that were answered."""
        return share(self.reached, self.reached + self.not_reached)


class Tally:
    """Figures on their way, case by case; ``day`` is the day of the figures, ``last_on`` the last opening day."""

    def __init__(self, day: dt.date, last_on: dt.date, *, within_days: int = WITHIN_DAYS) -> None:
        self._day = day
        self._last_on = last_on
        self._within = dt.timedelta(days=within_days)
        self._counts: Counter[str] = Counter()
        self._paid_after: Counter[int] = Counter()
        self._waiting: Counter[int] = Counter()
        self._moves: Counter[int] = Counter()
        self._paid_at: Counter[int] = Counter()

    def add(self, case: Case, by: By | None = None, key: str | None = None) -> None:
        """Take in a case, for the line of a key where they are split by something."""
        counts = self._counts
        counts["cases"] += 1
        counts["opened"] += case.opened
        counts["written_off"] += case.written_off
        counts["given_up"] += case.closed_as == "written_off"
        counts["handed_over"] += case.handed_over_on is not None
        counts["contacts"] += sum(len(each.contacts) for each in case.actions)
        counts["fees"] += sum(each.fee for each in case.actions)
        counts["complaints"] += case.said.complaints
        counts["reached"] += case.said.reached
        counts["not_reached"] += case.said.not_reached
        for promise in case.said.promises:
            counts[f"promise {promise.state}"] += 1
            if promise.state in {"kept", "partly_kept", "broken"}:
                counts["told"] += promise.amount
                counts["served"] += promise.paid
        if case.paid_on is None:
            self._waiting[(self._day - case.opened_on).days] += 1
        else:
            self._paid_after[(case.paid_on - case.opened_on).days] += 1
        self._add_money(case, by, key)

    def _add_money(self, case: Case, by: By | None, key: str | None) -> None:
        net = case.net()
        self._counts["recovered"] += net
        self._counts["with_action"] += net if case.is_acted_on else 0
        for each in case.recovered:
            self._moves[(each.day - case.opened_on).days] += each.amount
            for day, amount in each.returns:
                self._moves[(day - case.opened_on).days] -= amount
            if each.after is not None and each.day - each.after.day <= self._within:
                is_own = by is None or key is None or not _is_of_actions(by) or key in keys_of_action(each.after, by)
                self._counts["after"] += each.net() if is_own else 0
        for days in DAYS:
            self._paid_at[days] += case.net(days) == case.opened

    def finish(self) -> Figures:
        """Return the figures."""
        counts = self._counts
        curve, sum_ = [], 0
        for day in range(DAYS[-1] + 1):
            sum_ += self._moves[day]
            curve.append(sum_)
        return Figures(
            cases=counts["cases"],
            opened=counts["opened"],
            recovered=counts["recovered"],
            written_off=counts["written_off"],
            paid=self._paid_after.total(),
            given_up=counts["given_up"],
            handed_over=counts["handed_over"],
            at=tuple(
                At(
                    days=days,
                    recovered=curve[days],
                    paid=self._paid_at[days],
                    is_mature=self._last_on + dt.timedelta(days=days) <= self._day,
                )
                for days in DAYS
            ),
            median_days=find_median(self._paid_after, self._waiting),
            contacts=counts["contacts"],
            fees=counts["fees"],
            complaints=counts["complaints"],
            promises=Promises(
                open=counts["promise open"],
                kept=counts["promise kept"],
                partly_kept=counts["promise partly_kept"],
                broken=counts["promise broken"],
                withdrawn=counts["promise withdrawn"],
                told=counts["told"],
                served=counts["served"],
            ),
            reached=counts["reached"],
            not_reached=counts["not_reached"],
            after=counts["after"],
            with_action=counts["with_action"],
            curve=tuple(curve),
        )


def share(part: int, whole: int) -> Fraction | None:
    """Return a part of a whole, None of nothing."""
    return Fraction(part, whole) if whole else None


def _is_of_actions(by: By) -> bool:
    return by in {"rule", "version", "channel", "variant"}
