"""The compiled forms of the ruleset versions in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Compiled = TypeVar("Compiled")


class NetworkCache(Generic[Compiled]):
    """The most recently used compiled things, by version digest.

    An evicted one is only let go: its sessions free themselves when the last user has let go too, so nothing in use
    is ever closed.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("a cache of networks holds at least one")
        self._capacity = capacity
        self._entries: OrderedDict[str, Compiled] = OrderedDict()
        self._lock = Lock()
        self._building = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: str, build: Callable[[], Compiled]) -> Compiled:
        """Return what is compiled for the digest, building it if need be, one at a time."""
        found = self._find(digest)
        if found is not None:
            return found
        with self._building:
            found = self._find(digest)
            return self._keep(digest, build()) if found is None else found

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._entries.clear()

    def _find(self, digest: str) -> Compiled | None:
        with self._lock:
            found = self._entries.get(digest)
            if found is not None:
                self._entries.move_to_end(digest)
            return found

    def _keep(self, digest: str, built: Compiled) -> Compiled:
        with self._lock:
            self._entries[digest] = built
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
        return built
