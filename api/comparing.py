"""Comparing versions off the event loop, one pair at a time, what was compared last kept."""

import asyncio
from collections import OrderedDict

from engine.comparison.compare import compare
from engine.comparison.difference import Difference
from engine.model.ruleset import Ruleset

Key = tuple[str, str]


class Comparer:
    """Compares rulesets; a pair is known by both digests, for no version ever changes."""

    def __init__(self, *, limit: int = 32) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, Difference] = OrderedDict()
        self._turn = asyncio.Lock()

    async def compare(self, old: Ruleset, new: Ruleset) -> Difference:
        """Return what differs; the loop goes on beside a pair that takes seconds, with a share of the interpreter."""
        key = old.digest, new.digest
        async with self._turn:
            if key not in self._kept:
                self._kept[key] = await asyncio.to_thread(compare, old, new)
            self._kept.move_to_end(key)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
            return self._kept[key]
