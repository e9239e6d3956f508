"""Which action types the blocks with ``stops`` take out of the running (language.md 5.6)."""

from engine.conditions.sets import EITHER, ValueSet
from engine.coordinates.flags import Flag


class Stopped(Flag, frozen=True, kw_only=True):
    """Whether a block stops an action type; it is worked out while a decision is made, from the blocks that hold."""

    action: str

    @property
    def subject(self) -> str:
        """Return how an explanation names it."""
        return f"stopped by a block: {self.action}"

    def say(self, values: ValueSet, _currency: str) -> str:
        """Return whether one does."""
        return (
            f"{self.action.replace('_', ' ')} {'stopped' if values.contains(value=True) else 'not stopped'} by a block"
        )


def stopped(action: str) -> Stopped:
    """Return "a block stops this action type"."""
    return Stopped(key=f"@stopped:{action}", kind="boolean", universe=EITHER, action=action)
