"""The values of a program's coordinates at a snapshot."""

from collections.abc import Mapping
from typing import Any

from engine.conditions.sets import Value
from engine.coordinates.coordinate import Reader
from engine.coordinates.snapshot import Snapshot


class Point(dict[str, Value]):
    """Values by key; numbers that history or the days yield are read when one of their kind is first asked for.

    ``readers`` has for each of them what reads its kind.
    """

    __slots__ = ("_readers", "_snapshot")

    def __init__(self, snapshot: Snapshot, readers: Mapping[str, Reader]) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._readers = readers

    def __missing__(self, key: str) -> Value:
        self.update(self._readers[key](self._snapshot))
        return self[key]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  # as a dictionary has it
        """Return a value, read now where it was not yet; the default for what is no coordinate of the program."""
        return self[key] if key in self or key in self._readers else default

    def copy(self) -> "Point":
        """Return another point with the same values."""
        found = Point(self._snapshot, self._readers)
        found.update(self)
        return found
