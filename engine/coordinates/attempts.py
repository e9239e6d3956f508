"""How many payment attempts an attempt limit counts (language.md 5, "attempt_limits")."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box
from engine.conditions.sets import ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.coordinates.standing import Standing
from engine.words.values import say_set


class Attempts(Coordinate, frozen=True, kw_only=True):
    """The attempts of today and the days before, ``per_days`` in all."""

    hangs_on_windows: ClassVar[bool] = True
    index: int
    per_days: int

    @property
    def motion(self) -> Motion:
        """Return that it changes where an attempt leaves the window."""
        return "stepped"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"payment attempts counted by limit {self.index}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the counts."""
        windows = tuple((each.key, each.per_days) for each in coordinates)
        return lambda snapshot: {key: snapshot.count_attempts(per_days) for key, per_days in windows}

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return when attempts leave the window."""
        return standing.attempt_window_ends

    @property
    def unhindered(self) -> ValueSet:
        """Return that none was made."""
        return integers((0, 0))

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that a longer window holds fewer than a shorter one."""
        for longer in beside.of(Attempts):
            if longer.per_days > self.per_days:
                for cut in beside.cuts(self, longer):
                    fewer, more = integers((None, cut - 1)), integers((cut, None))
                    yield Box(sides={self.key: more, longer.key: fewer})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how many there were."""
        return f"payment attempts in {self.per_days} days {say_set(values)}"


def attempts_within(index: int, per_days: int) -> Attempts:
    """Return the payment attempts counted by one attempt limit."""
    return Attempts(
        key=f"@attempts:{index}", kind="integer", universe=integers((0, None)), index=index, per_days=per_days
    )
