"""What every kind of coordinate says of itself."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Literal, Self, TypeAlias

from engine.conditions.sets import Dimension, Value, ValueSet
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing

Reader: TypeAlias = Callable[[Snapshot], dict[str, Value]]
"""Takes a snapshot; returns the values of some coordinates, by key."""

Motion = Literal["fixed", "counted", "stepped"]
"""What passing days do to a coordinate, with nothing executed, paid or changed.

Nothing; count it up or down by one a day; or change it on certain days only.
"""


class Coordinate(Dimension, frozen=True, kw_only=True):
    """One thing that a decision can hang on; ``key`` is only its name, and nobody reads anything from it.

    A kind that changes only where a past contact or attempt leaves a window says so by ``hangs_on_windows``, and one
    that changes by as much each day, whatever the account, by ``steady_drift``.
    """

    hangs_on_windows: ClassVar[bool] = False
    steady_drift: ClassVar[int] = 0

    @property
    def motion(self) -> Motion:
        """Return what passing days do to it."""
        return "fixed"

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        raise NotImplementedError

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads some coordinates of this kind; a program makes it once and asks it at every decision."""
        raise NotImplementedError

    def read(self, snapshot: Snapshot) -> Value:
        """Return the value of this one."""
        return self.reader((self,))(snapshot)[self.key]

    def drift(self, standing: Standing) -> int:
        """Return by how much a counted coordinate changes a day, 0 where this account's stands still."""
        raise NotImplementedError

    def days_of_change(self, standing: Standing) -> Iterable[dt.date]:
        """Return the days on which a stepped coordinate of this account may change; others may be among them."""
        raise NotImplementedError

    @property
    def unexecuted(self) -> ValueSet | None:
        """Return the values that it has where nothing was executed in the episode, None where that says nothing."""
        return None
