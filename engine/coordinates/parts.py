"""Parts of conditions that are coordinates of their own, so that a condition need not be the product of its parts.

Thirteen conditions of two alternatives each, all of which must hold, are 8,192 boxes, or one box over thirteen parts.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from engine.conditions.boxes import Box, Region
from engine.conditions.sets import Value, ValueSet, booleans
from engine.coordinates.beside import Beside
from engine.coordinates.coordinate import Coordinate, Reader
from engine.coordinates.stops import holds_just_in


class Part(Coordinate, frozen=True, kw_only=True):
    """Whether a part of the conditions holds; it is worked out while a decision is made, from its region."""

    is_worked_out: ClassVar[bool] = True
    name: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return self.name

    @classmethod
    def reader(cls, coordinates: Sequence[Self]) -> Reader:
        """Return what reads that nothing is worked out yet."""
        values: dict[str, Value] = dict.fromkeys((each.key for each in coordinates), False)
        return lambda _snapshot: values

    def impossible(self, beside: Beside) -> Iterator[Box]:
        """Yield that it holds outside its region, or does not inside."""
        if self.key in beside.holds:
            yield from holds_just_in(self, beside.holds[self.key], beside.dimensions)

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it holds."""
        return f"{self.name} {'holds' if values.contains(value=True) else 'does not hold'}"


def part(region: Region, name: str) -> Part:
    """Return "this part of the conditions holds"; the same region is the same part, whoever reads it."""
    digest = hashlib.sha256(repr(region).encode()).hexdigest()[:16]
    return Part(key=f"@part:{digest}", kind="boolean", universe=booleans(*(False, True)), name=name)
