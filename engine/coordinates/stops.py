"""Which action types the blocks with ``stops`` take out of the running (language.md 5.6)."""

from collections.abc import Sequence
from typing import Self

from engine.conditions.sets import Value, booleans
from engine.coordinates.coordinate import Coordinate, Reader


class Stopped(Coordinate, frozen=True, kw_only=True):
    """Whether a block stops an action type; it is worked out while a decision is made, from the blocks that hold."""

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


def stopped(action: str) -> Stopped:
    """Return "a block stops this action type"."""
    return Stopped(key=f"@stopped:{action}", kind="boolean", universe=booleans(*(False, True)), action=action)
