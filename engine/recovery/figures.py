"""Figures of some cases of one currency: what was opened, what came of it and when, what it cost to get there."""

import datetime as dt
from fractions import Fraction
from itertools import accumulate

import msgspec
import numpy as np

from engine.model.money import round_half_up
from engine.recovery.columns import CASE, LABEL, MOVE, NEVER, Array, Columns, Numbers, add_up, add_up_by, to_number
from engine.recovery.knowing import DAYS
from engine.recovery.medians import find_median

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


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """What figures are of: the day whose end they are as of, the last opening day, when money is after an action."""

    day: dt.date
    last_on: dt.date
    within_days: int = WITHIN_DAYS


class Cases:
    """Cases of one currency as they were known at the end of a day, and their money."""

    def __init__(self, columns: Columns) -> None:
        self.cases = np.frombuffer(columns.cases, CASE)
        self._moves = np.frombuffer(columns.moves, MOVE)
        self._first_move = _starts(self.cases["moves"])
        self._case_labels = np.frombuffer(columns.case_labels, LABEL)
        self._move_labels = np.frombuffer(columns.move_labels, LABEL)

    def find_by_code(self, codes: Array, picked: Array) -> dict[int, Numbers]:
        """Return the places of the cases that stand in the line of each code, of those that are picked."""
        of_case = np.repeat(np.arange(len(self.cases)), self.cases["labels"])
        is_meant = np.isin(self._case_labels, codes) & picked[of_case]
        labels, places = self._case_labels[is_meant], of_case[is_meant]
        order = np.argsort(labels, kind="stable")
        found, starts = np.unique(labels[order], return_index=True)
        return dict(zip(found.tolist(), np.split(places[order], starts[1:]), strict=False))

    def find_moves(self, code: int) -> Array:
        """Tell of all money whether the action that it came after stands in the line of a code."""
        is_own = np.zeros(len(self._moves), bool)
        is_own[np.repeat(np.arange(len(self._moves)), self._moves["labels"])[self._move_labels == code]] = True
        return is_own

    def figure(self, places: Numbers, cohort: Cohort, own: Array | None = None) -> Figures:
        """Return the figures of some cases; ``own`` tells of all money whether it can be after an action."""
        cases = self.cases[places]
        paid = cases["paid_on"] != NEVER
        moves, counted = self._gather(places, cases)
        curve = _draw_curve(moves)
        is_after = (moves["after_action"] >= 0) & (moves["after_action"] <= cohort.within_days)
        return Figures(
            cases=len(cases),
            opened=add_up(cases["opened"]),
            recovered=add_up(cases["recovered"]),
            written_off=add_up(cases["written_off"]),
            paid=int(paid.sum()),
            given_up=int(cases["is_given_up"].sum()),
            handed_over=int(cases["is_handed_over"].sum()),
            at=tuple(
                At(
                    days=days,
                    recovered=curve[days],
                    paid=int((cases["paid_at"] >> place & 1).sum()),
                    is_mature=cohort.last_on + dt.timedelta(days=days) <= cohort.day,
                )
                for place, days in enumerate(DAYS)
            ),
            median_days=find_median(
                _count((cases["paid_on"] - cases["opened_on"])[paid]),
                _count((to_number(cohort.day) - cases["opened_on"])[~paid]),
            ),
            contacts=add_up(cases["contacts"]),
            fees=add_up(cases["fees"]),
            complaints=add_up(cases["complaints"]),
            promises=Promises(
                open=add_up(cases["promises_open"]),
                kept=add_up(cases["promises_kept"]),
                partly_kept=add_up(cases["promises_partly_kept"]),
                broken=add_up(cases["promises_broken"]),
                withdrawn=add_up(cases["promises_withdrawn"]),
                told=add_up(cases["told"]),
                served=add_up(cases["served"]),
            ),
            reached=add_up(cases["reached"]),
            not_reached=add_up(cases["not_reached"]),
            after=add_up(moves["amount"][is_after if own is None else is_after & own[counted]]),
            with_action=add_up(cases["recovered"][cases["is_acted_on"]]),
            curve=curve,
        )

    def _gather(self, places: Numbers, cases: Array) -> tuple[Array, Numbers]:
        """Return the money of some cases, and its places among all."""
        if len(places) == len(self.cases):
            return self._moves, np.arange(len(self._moves))
        counts = cases["moves"].astype(np.int64)
        counted = np.repeat(self._first_move[places] - _starts(counts), counts) + np.arange(counts.sum())
        return self._moves[counted], counted


def _starts(counts: Array) -> Numbers:
    """Return where each begins, of those that follow each other and count so many."""
    ends: Numbers = np.cumsum(counts, dtype=np.int64)
    return ends - counts


def _count(days: Array) -> dict[int, int]:
    found, counts = np.unique(days, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _draw_curve(moves: Array) -> tuple[int, ...]:
    is_drawn = (moves["after_opening"] >= 0) & (moves["after_opening"] <= DAYS[-1])
    by_day = add_up_by(moves["after_opening"][is_drawn], moves["amount"][is_drawn], DAYS[-1] + 1)
    return tuple(accumulate(by_day))


def share(part: int, whole: int) -> Fraction | None:
    """Return a part of a whole, None of nothing."""
    return Fraction(part, whole) if whole else None
