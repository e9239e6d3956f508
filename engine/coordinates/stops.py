"""Which action types the blocks with ``stops`` take out of the running (language.md 5.6)."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box, BudgetExceeded, Region, complement
from engine.conditions.sets import EITHER, NO, YES, Dimension, Value, ValueSet
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Reader

_FEW_STEPS = 500


class Stopped(Coordinate, frozen=True, kw_only=True):
    """Whether a block stops an action type; it is worked out while a decision is made, from the blocks that hold."""

    is_worked_out: ClassVar[bool] = True
    action: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"stopped by a block: {self.action}"

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads that nothing is stopped yet."""
        values: dict[str, Value] = dict.fromkeys((each.key for each in coordinates), False)
        return lambda _snapshot: values

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it is stopped where no block that stops it holds, or is not where one does."""
        if self.key in beside.holds:
            yield from holds_just_in(self, beside.holds[self.key], beside.dimensions)

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether one does."""
        return (
            f"{self.action.replace('_', ' ')} {'stopped' if values.contains(value=True) else 'not stopped'} by a block"
        )


def stopped(action: str) -> Stopped:
    """Return "a block stops this action type"."""
    return Stopped(key=f"@stopped:{action}", kind="boolean", universe=EITHER, action=action)


def holds_just_in(coordinate: Coordinate, region: Region, dimensions: Mapping[str, Dimension]) -> Iterator[Box]:
    """Yield where something worked out is not as its region says."""
    yes, no = YES, NO
    yield from (Box(sides={**box.sides, coordinate.key: no}) for box in region)
    with contextlib.suppress(BudgetExceeded):  # without these boxes more is thought possible, never less
        outside = complement(region, dimensions, budget=_FEW_STEPS)
        yield from (Box(sides={**box.sides, coordinate.key: yes}) for box in outside)
