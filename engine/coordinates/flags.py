"""Coordinates that hold just in a region of others, and are worked out while a decision is made."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box, BudgetExceeded, Region, complement
from engine.conditions.sets import NO, YES, Dimension, Value
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Reader

_FEW_STEPS = 500


class Flag(Coordinate, frozen=True, kw_only=True):
    """Whether an account lies in a region that the plan knows by the flag's key."""

    is_worked_out: ClassVar[bool] = True

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads that nothing is worked out yet."""
        values: dict[str, Value] = dict.fromkeys((each.key for each in coordinates), False)
        return lambda _snapshot: values

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it holds outside its region, or does not inside."""
        if self.key in beside.holds:
            yield from holds_just_in(self, beside.holds[self.key], beside.dimensions)


def holds_just_in(coordinate: Coordinate, region: Region, dimensions: Mapping[str, Dimension]) -> Iterator[Box]:
    """Yield where something worked out is not as its region says."""
    yes, no = YES, NO
    yield from (Box(sides={**box.sides, coordinate.key: no}) for box in region)
    with contextlib.suppress(BudgetExceeded):  # without these boxes more is thought possible, never less
        outside = complement(region, dimensions, budget=_FEW_STEPS)
        yield from (Box(sides={**box.sides, coordinate.key: yes}) for box in outside)
