"""What every kind of coordinate says of itself."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeAlias

from engine.conditions.boxes import Box
from engine.conditions.sets import Dimension, IntegerSet, Value, ValueSet, integers
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing

if TYPE_CHECKING:
    from engine.coordinates.beside import Beside

Reader: TypeAlias = Callable[[Snapshot], dict[str, Value]]
"""Takes a snapshot; returns the values of some coordinates, by key."""

Motion = Literal["fixed", "counted", "stepped"]
"""What passing days do to a coordinate, with nothing executed, paid or changed.

Nothing; count it up or down by one a day; or change it on certain days only.
"""


class Coordinate(Dimension, frozen=True, kw_only=True, tag=True):
    """One thing that a decision can hang on; ``key`` is only its name, and nobody reads anything from it.

    A kind that changes only where a past contact or attempt leaves a window says so by ``hangs_on_windows``, one of
    which the shape of what was executed says all but days by ``is_of_episode`` (see `Executed.shape`), one that
    changes by as much each day, whatever the account, by ``steady_drift``, and one that is worked out while a decision
    is made by ``is_worked_out``.
    """

    hangs_on_windows: ClassVar[bool] = False
    is_of_episode: ClassVar[bool] = False
    steady_drift: ClassVar[int] = 0
    is_worked_out: ClassVar[bool] = False

    # How an account has it

    @property
    def motion(self) -> Motion:
        """Return what passing days do to it."""
        return "fixed"

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

    # What values it can have

    @property
    def possible(self) -> ValueSet:
        """Return the values that some account has."""
        return self.universe

    @property
    def unexecuted(self) -> ValueSet | None:
        """Return the values that it has where nothing was executed in the episode, None where that says nothing."""
        return None

    @property
    def unhindered(self) -> ValueSet | None:
        """Return the values by which it keeps no rule waiting, None where it never does."""
        return None

    @property
    def trend(self) -> int:
        """Return the sign of what passing days do to it, 0 where they do nothing or now this, now that."""
        return self.steady_drift

    def led_into(self, values: ValueSet) -> ValueSet | None:
        """Return the values from which passing days may lead into some, None where any may.

        The days on which a credit begins or a hold ends are none of these: what they change is the account's own.
        """
        if isinstance(values, IntegerSet) and values.intervals and self.trend:
            low, high = values.intervals[0][0], values.intervals[-1][1]
            return integers((None, high) if self.trend > 0 else (low, None), missing=values.missing)
        return None if self.motion == "stepped" or self.is_worked_out else values

    def impossible(self, beside: "Beside") -> Iterator[Box]:
        """Yield boxes of itself and of what stands beside it in which no account is, whatever its history."""
        del beside
        yield from ()

    # Its words

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        raise NotImplementedError

    def say(self, values: ValueSet, currency: str) -> str:
        """Return that it has one of these values, in words that a billing analyst would use."""
        raise NotImplementedError
