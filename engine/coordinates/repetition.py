"""Whether a rule that was executed may be again (language.md 5, "repeat")."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Self, TypeAlias

from engine.conditions.boxes import Box
from engine.conditions.sets import Value, ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.executions import GIVEN, MISSING, NEVER, SOME, Done, OfTarget, Since, done, since_executed
from engine.coordinates.facts import window_ends
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.businessdays import business_days_after, next_of_months
from engine.model.calendar import Calendar
from engine.model.ruleset import Rule
from engine.words.phrases import count_days
from engine.words.values import say_days_ago, say_set

Unit: TypeAlias = Literal["business day", "month"]

_LONGEST_MONTH = 31
_SHORTEST_MONTH = 28


class Rest(Since, frozen=True, kw_only=True):
    """The days since the rest after the last execution was over; negative before it, missing where there was none.

    What rests so many days is `DaysSince`.
    """

    every: int
    unit: Unit
    is_retry: bool

    def of(self, target: str) -> "Rest":
        """Return the same of another rule."""
        return _rest(target, self.every, self.unit, is_retry=self.is_retry)

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"days since its rest was over: {self.target}"

    @property
    def length(self) -> str:
        """Return how long the rest is, in words."""
        return f"{self.every} {self.unit}{'s' if self.every > 1 else ''}"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how long ago it was over."""
        return say_days_ago(f"the end of the rest of {self.length} of {self.target}", values)

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the days."""

        def read(snapshot: Snapshot) -> dict[str, Value]:
            known, calendar = snapshot.executed.days, snapshot.standing.terms.ruleset.calendar
            executed = ((each, known.get(each.target)) for each in coordinates)
            return {e.key: (snapshot.day - e.over_on(days, calendar)).days if days else None for e, days in executed}

        return read

    def over_on(self, days: Sequence[dt.date], calendar: Calendar | None) -> dt.date:
        """Return the first day after the rest, for a rule that was executed on some days, the first of them first."""
        if self.unit == "month":
            return next_of_months(days[0], days[-1], self.every)
        return business_days_after(calendar, days[-1], self.every, is_retry=self.is_retry)

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that what never was has rested, and rests shorter or longer than they can be."""
        times, since = done(self.target), since_executed(self.target)
        if times in beside:
            yield Box(sides={self.key: GIVEN, times.key: NEVER})
            yield Box(sides={self.key: MISSING, times.key: SOME})
        if since in beside:
            yield Box(sides={self.key: GIVEN, since.key: MISSING})
            yield Box(sides={self.key: MISSING, since.key: GIVEN})
            for cut in {*beside.cuts(self), *(day - self._shortest for day in beside.cuts(since))}:
                yield self._apart(cut, since, cut + self._shortest)
                if self.unit == "month":
                    longest = cut + _LONGEST_MONTH * self.every
                    yield Box(sides={self.key: integers((None, cut - 1)), since.key: integers((longest, None))})
                if self.unit == "month" and times in beside:
                    box = self._apart(cut, since, cut + _SHORTEST_MONTH * self.every)
                    yield Box(sides={**box.sides, times.key: integers((1, 1))})
        for longer in beside.of(Rest):
            if self._is_part_of(longer):
                for cut in beside.cuts(self, longer):
                    yield Box(sides={longer.key: integers((cut, None)), self.key: integers((None, cut - 1))})

    @property
    def _shortest(self) -> int:
        """Return the least days from the last execution to the end of its rest: months are counted from the first."""
        return 1 if self.unit == "month" else self.every

    def _apart(self, over: int, since: Coordinate, executed: int) -> Box:
        """Return that the rest was over so many days ago, and the last execution less than so many."""
        return Box(sides={self.key: integers((over, None)), since.key: integers((None, executed - 1))})

    def _is_part_of(self, other: "Rest") -> bool:
        """Tell whether this rest is over wherever another one is."""
        is_alike = (self.target, self.unit, self.is_retry) == (other.target, other.unit, other.is_retry)
        is_shorter = other.every > self.every
        return is_alike and is_shorter and (self.unit == "business day" or other.every % self.every == 0)


class Recent(OfTarget, frozen=True, kw_only=True):
    """How often it was executed today and on the days before, ``per_days`` in all."""

    per_days: int

    def of(self, target: str) -> "Recent":
        """Return the same of another rule."""
        return recently(target, self.per_days)

    @property
    def motion(self) -> Motion:
        """Return that it changes where an execution leaves the window."""
        return "stepped"

    @property
    def trend(self) -> int:
        """Return that executions are forgotten."""
        return -1

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"times executed in {count_days(self.per_days)}: {self.target}"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how often."""
        return f"executions of {self.target} in {count_days(self.per_days)} {say_set(values)}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the counts."""

        def read(snapshot: Snapshot) -> dict[str, Value]:
            known, day = snapshot.executed.days, snapshot.day
            return {
                each.key: sum((day - other).days < each.per_days for other in known.get(each.target, ()))
                for each in coordinates
            }

        return read

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return when executions leave the window."""
        return window_ends(standing.executed.days.get(self.target, ()), self.per_days)

    @property
    def unexecuted(self) -> ValueSet:
        """Return that it is 0."""
        return NEVER

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield more than in all or in a longer window, none of what was just executed, some long after."""
        times, since = done(self.target), since_executed(self.target)
        for whole in (*((times,) if times in beside else ()), *beside.of(Recent)):
            if isinstance(whole, Done) or self._is_within(whole):
                for cut in {1, *beside.cuts(self, whole)}:
                    yield Box(sides={self.key: integers((cut, None)), whole.key: integers((None, cut - 1))})
        if since in beside:
            late = integers((self.per_days, None), missing=True)
            yield Box(sides={self.key: SOME, since.key: late})
            yield Box(sides={self.key: NEVER, since.key: integers((None, self.per_days - 1))})

    def _is_within(self, other: "Recent") -> bool:
        """Tell whether the other counts all that this one does."""
        return self.target == other.target and self.per_days < other.per_days


def rest_of(rule: Rule) -> tuple[Since, int]:
    """Return what tells whether a rule that may be repeated has rested, and the least number where it has."""
    repeat = rule.repeat
    if repeat is None or repeat.every_days is not None:
        return since_executed(rule.id), (repeat.every_days or 0) if repeat is not None else 0
    if repeat.every_months is not None:
        return _rest(rule.id, repeat.every_months, "month", is_retry=False), 0
    is_retry = rule.action.type == "retry_payment"
    return _rest(rule.id, repeat.every_business_days or 0, "business day", is_retry=is_retry), 0


def _rest(target: str, every: int, unit: Unit, *, is_retry: bool) -> Rest:
    key = f"@rest:{target}:{every} {unit}{' (retry)' if is_retry else ''}"
    universe = integers((None, None), missing=True)
    return Rest(key=key, kind="integer", universe=universe, target=target, every=every, unit=unit, is_retry=is_retry)


def recently(target: str, per_days: int) -> Recent:
    """Return how often a rule was executed in so many days."""
    key = f"@recent:{target}:{per_days}"
    return Recent(key=key, kind="integer", universe=integers((0, None)), target=target, per_days=per_days)
