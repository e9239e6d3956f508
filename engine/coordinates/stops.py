"""Which action types the blocks with ``stops`` take out of the running (language.md 5.6)."""

from collections.abc import Sequence

from engine.conditions.sets import Value, booleans
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.snapshot import Snapshot


class Stopped(Coordinate, frozen=True, kw_only=True):
    """Whether a block stops an action type; it is worked out while a decision is made, from the blocks that hold."""

    action: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"stopped by a block: {self.action}"

    @classmethod
    def read_all(cls, coordinates: "Sequence[Coordinate]", _snapshot: Snapshot) -> dict[str, Value]:
        """Return that nothing is stopped yet, by key."""
        return dict.fromkeys((each.key for each in coordinates), False)


def stopped(action: str) -> Stopped:
    """Return "a block stops this action type"."""
    return Stopped(key=f"@stopped:{action}", kind="boolean", universe=booleans(*(False, True)), action=action)
