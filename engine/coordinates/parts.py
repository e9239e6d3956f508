"""Parts of conditions that are coordinates of their own, so that a condition need not be the product of its parts.

Thirteen conditions of two alternatives each, all of which must hold, are 8,192 boxes, or one box over thirteen parts.
"""

import hashlib

from engine.conditions.boxes import Region
from engine.conditions.sets import ValueSet, booleans
from engine.coordinates.flags import Flag


class Part(Flag, frozen=True, kw_only=True):
    """Whether a part of the conditions holds; it is worked out while a decision is made, from its region."""

    name: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return self.name

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether it holds."""
        return f"{self.name} {'holds' if values.contains(value=True) else 'does not hold'}"


def part(region: Region, name: str) -> Part:
    """Return "this part of the conditions holds"; the same region is the same part, whoever reads it."""
    digest = hashlib.sha256(repr(region).encode()).hexdigest()[:16]
    return Part(key=f"@part:{digest}", kind="boolean", universe=booleans(*(False, True)), name=name)
