"""What was asked for last, kept at hand; what falls out is let go of."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Recent(Generic[KeyT, ValueT]):
    """Up to `limit` values by key; each that gives way to a newer one goes to `let_go`."""

    def __init__(self, limit: int, let_go: Callable[[ValueT], object] | None = None) -> None:
        self._limit = limit
        self._let_go = let_go
        self._kept: OrderedDict[KeyT, ValueT] = OrderedDict()

    def find(self, key: KeyT) -> ValueT | None:
        """Return what is kept under a key, which is now the one asked for last."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def take(self, key: KeyT) -> ValueT | None:
        """Hand out what is kept under a key, and keep it no longer."""
        return self._kept.pop(key, None)

    def keep(self, key: KeyT, value: ValueT, *, room: int = 0) -> ValueT:
        """Keep a value; with `room` that many are kept at least, for who needs more at once than the limit."""
        self._kept[key] = value
        while len(self._kept) > max(self._limit, room):
            self._drop()
        return value

    def clear(self) -> None:
        """Let go of all."""
        while self._kept:
            self._drop()

    def _drop(self) -> None:
        _, value = self._kept.popitem(last=False)
        if self._let_go is not None:
            self._let_go(value)
