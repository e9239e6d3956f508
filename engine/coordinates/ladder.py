"""Where an account stands on the ladder (language.md 5, "Ladders")."""

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar, Self

from engine.conditions.sets import Value, ValueSet, integers
from engine.coordinates.coordinate import Coordinate, Motion, Reader

# A turn above every level: nobody waits for a channel.
NO_TURN = 2**31


class Level(Coordinate, frozen=True, kw_only=True):
    """The account's level."""

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


class Rested(Coordinate, frozen=True, kw_only=True):
    """The days since the last executed step of the ladder, repetitions too."""

    steady_drift: ClassVar[int] = 1

    @property
    def motion(self) -> Motion:
        """Return that it counts the days."""
        return "counted"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "days since the last step of the ladder"

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

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return "level that waits for its channel"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads that nobody waits."""
        values: dict[str, Value] = dict.fromkeys((each.key for each in coordinates), NO_TURN)
        return lambda _snapshot: values


LEVEL = Level(key="@level", kind="integer", universe=integers((None, None)))
RESTED = Rested(key="@rested", kind="integer", universe=integers((None, None), missing=True))
TURN = Turn(key="@turn", kind="integer", universe=integers((None, None)))


def days_since(last: dt.date | None, day: dt.date) -> int | None:
    """Count the days since a day, None where there was none."""
    return (day - last).days if last is not None else None
