"""Whether the day of a rule's ``timing`` has come (language.md 5, "timing")."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from engine.conditions.boxes import Box
from engine.conditions.sets import EITHER, NO, YES, Value, ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.businessdays import timing_day
from engine.model.calendar import Calendar
from engine.model.ruleset import Rule, Timing

LATEST_ALIGNED = {None: 0, "end_of_month": 30, "business_day": 366}
"""The most days by which an alignment moves a day; business days are sparse in some calendars."""


class TimingReached(Coordinate, frozen=True, kw_only=True):
    """Whether it has; never without an episode."""

    rule: str
    timing: Timing
    is_retry: bool

    @property
    def motion(self) -> Motion:
        """Return that one day changes it."""
        return "stepped"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"timing reached: {self.rule}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads which have been reached."""

        def read(snapshot: Snapshot) -> dict[str, Value]:
            due_on, calendar = snapshot.standing.oldest_due_on, snapshot.standing.terms.ruleset.calendar
            return {
                each.key: due_on is not None and snapshot.day >= each.reached_on(due_on, calendar)
                for each in coordinates
            }

        return read

    def reached_on(self, due_on: dt.date, calendar: Calendar | None) -> dt.date:
        """Return the first day on which it holds for a debt due on a day."""
        return timing_day(calendar, due_on, self.timing, is_retry=self.is_retry)

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return the day on which it is reached."""
        due_on = standing.oldest_due_on
        return () if due_on is None else (self.reached_on(due_on, standing.terms.ruleset.calendar),)

    @property
    def unhindered(self) -> ValueSet:
        """Return that it has come."""
        return YES

    @property
    def place(self) -> tuple[int, str]:
        """Return where it stands among those of the same alignment."""
        return self.timing.days_after_due, self.key

    @property
    def latest(self) -> int:
        """Return the days overdue by which it is reached at the latest."""
        return self.timing.days_after_due + LATEST_ALIGNED[self.timing.align]

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is reached before its day, without an invoice or after a later one, or is not long after."""
        days = beside.days_overdue
        if days is not None:
            yield Box(sides={self.key: YES, days.key: integers((None, self.timing.days_after_due - 1), missing=True)})
            yield Box(sides={self.key: NO, days.key: integers((self.latest, None))})
        alike = (
            e for e in beside.of(TimingReached) if (e.timing.align, e.is_retry) == (self.timing.align, self.is_retry)
        )
        before = max((each for each in alike if each.place < self.place), key=lambda each: each.place, default=None)
        if before is not None:
            yield Box(sides={self.key: YES, before.key: NO})
            if before.timing.days_after_due == self.timing.days_after_due:
                yield Box(sides={self.key: NO, before.key: YES})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it has come."""
        is_so = values.contains(value=True)
        words = {None: "", "end_of_month": ", end of month", "business_day": ", business day"}
        aligned = ", bank day" if self.is_retry and self.timing.align == "business_day" else words[self.timing.align]
        return f"{self.timing.days_after_due} days after due{aligned} {'reached' if is_so else 'not reached'}"


def timing_reached(rule: Rule) -> TimingReached:
    """Return "the rule's timing is reached", for a rule that has one."""
    return TimingReached(
        key=f"@timing:{rule.id}",
        kind="boolean",
        universe=EITHER,
        rule=rule.id,
        timing=rule.timing or Timing(days_after_due=0),
        is_retry=rule.action.type == "retry_payment",
    )
