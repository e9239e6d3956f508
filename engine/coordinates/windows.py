"""Windows of countdowns: from when on a rule's executions count, in the place of the episode (language.md 5.4b)."""

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from engine.model.vocabulary import Fact, Value


class Countdown(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that counts down, and the highest value for which a rule holds."""

    fact: Fact
    highest: int

    def begin(self, given: Mapping[str, Value], facts_on: dt.date, day: dt.date) -> dt.date | None:
        """Return the first day on which it was at most that, moving to what it is on a day; None if it is missing.

        What is given moves with the days, so that this day stays; a default does not, and it moves with them.
        """
        value = given.get(self.fact.name)
        if isinstance(value, int):
            return _shift(facts_on, value - self.highest)
        default = self.fact.default
        return _shift(day, default - self.highest) if isinstance(default, int) else None

    def end(self, given: Mapping[str, Value], executed_on: dt.date) -> dt.date | None:
        """Return the day from which on an execution counts no more by passing days alone; None where it stays."""
        default = self.fact.default
        if self.fact.name in given or not isinstance(default, int):
            return None
        return _shift(executed_on, self.highest - default + 1)


Window: TypeAlias = tuple[Countdown, ...]
"""The countdowns of a rule; of several the latest first day holds."""
Windows: TypeAlias = Mapping[str, Window]
"""The windows by rule; one without has none."""
NO_WINDOWS: Windows = {}


def begins_of(windows: Windows, given: Mapping[str, Value], facts_on: dt.date, day: dt.date) -> dict[str, dt.date]:
    """Return for each rule that has a window on a day the first day of it."""
    found: dict[str, dt.date] = {}
    for rule, window in windows.items():
        begins = [begin for each in window if (begin := each.begin(given, facts_on, day)) is not None]
        if begins:
            found[rule] = max(begins)
    return found


def _shift(day: dt.date, days: int) -> dt.date:
    """Return a day so many days later, the first or last of all days where there is none."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max if days > 0 else dt.date.min


def say_window(window: Window) -> str:
    """Say when a window begins: with an episode, or where each countdown reaches its highest value."""
    countdowns = " and ".join(f"each time {each.fact.name} comes down to {each.highest}" for each in window)
    return countdowns or "with each episode"
