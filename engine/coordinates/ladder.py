"""Where an account stands on the ladder (language.md 5, "Ladders")."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box
from engine.conditions.sets import NO, Value, ValueSet, integers
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Motion, Reader
from engine.words.values import say_days_ago, say_set

# A turn above every level: nobody waits for a channel.
NO_TURN = 2**31
SINCE = integers((0, None), missing=True)


class Level(Coordinate, frozen=True, kw_only=True):
    """The account's level."""

    is_of_episode: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "dunning level"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the level."""
        keys = tuple(each.key for each in coordinates)
        return lambda snapshot: dict.fromkeys(keys, snapshot.executed.level)

    @property
    def unexecuted(self) -> ValueSet:
        """Return that it is 0."""
        return integers((0, 0))

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is not the fact of that name."""
        fact = beside.fact("dunning_level")
        if fact is None:
            return
        for cut in beside.cuts(self, fact):
            below, above = integers((None, cut - 1)), integers((cut, None))
            yield Box(sides={self.key: below, fact.key: above})
            yield Box(sides={self.key: above, fact.key: below})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return which."""
        return f"level {say_set(values)}"


class Rested(Coordinate, frozen=True, kw_only=True):
    """The days since the last executed step of the ladder, repetitions too."""

    is_of_episode: ClassVar[bool] = True
    steady_drift: ClassVar[int] = 1

    @property
    def motion(self) -> Motion:
        """Return that it counts the days."""
        return "counted"

    @property
    def possible(self) -> ValueSet:
        """Return that the last step lies in the past."""
        return SINCE

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "days since the last step of the ladder"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return how long ago that was."""
        return say_days_ago("last step of the ladder", values.intersection(SINCE))

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads the days."""
        keys = tuple(each.key for each in coordinates)
        return lambda snapshot: dict.fromkeys(keys, days_since(snapshot.executed.last_levelled_on, snapshot.day))

    @property
    def unexecuted(self) -> ValueSet:
        """Return that it is missing."""
        return integers(missing=True)


class Turn(Coordinate, frozen=True, kw_only=True):
    """The lowest level of which a rule waits only for a channel over its limit.

    It is worked out while a decision is made, from where rules keep their turn.
    """

    is_worked_out: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "level that waits for its channel"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads that nobody waits."""
        values: dict[str, Value] = dict.fromkeys((each.key for each in coordinates), NO_TURN)
        return lambda _snapshot: values

    @property
    def unhindered(self) -> ValueSet:
        """Return that nobody waits."""
        return integers((NO_TURN, NO_TURN))

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is the turn of a level of which no rule waits for a channel over its limit."""
        levels = sorted(beside.waiting) if beside.limits else []
        turns = integers((NO_TURN, NO_TURN), *((level, level) for level in levels))
        yield Box(sides={self.key: integers((None, None)).difference(turns)})
        no = NO
        for level, limited in beside.waiting.items():
            yield Box(sides={self.key: integers((level, level)), **dict.fromkeys(limited, no)})

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whose turn it is."""
        return f"turn of level {say_set(values)}"


LEVEL = Level(key="@level", kind="integer", universe=integers((None, None)))
RESTED = Rested(key="@rested", kind="integer", universe=integers((None, None), missing=True))
TURN = Turn(key="@turn", kind="integer", universe=integers((None, None)))


def days_since(last: dt.date | None, day: dt.date) -> int | None:
    """Count the days since a day, None where there was none."""
    return (day - last).days if last is not None else None
