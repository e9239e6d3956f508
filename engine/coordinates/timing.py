"""Whether the day of a rule's ``timing`` has come (language.md 5, "timing")."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Self

from engine.conditions.sets import Value, booleans
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.businessdays import timing_day
from engine.model.calendar import Calendar
from engine.model.ruleset import Rule, Timing


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


def timing_reached(rule: Rule) -> TimingReached:
    """Return "the rule's timing is reached", for a rule that has one."""
    return TimingReached(
        key=f"@timing:{rule.id}",
        kind="boolean",
        universe=booleans(*(False, True)),
        rule=rule.id,
        timing=rule.timing or Timing(days_after_due=0),
        is_retry=rule.action.type == "retry_payment",
    )
