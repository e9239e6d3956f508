"""Comparing versions off the event loop, one pair at a time, what was compared last kept."""

import asyncio

from api.recent import Recent
from engine.comparison.compare import compare
from engine.comparison.difference import Difference
from engine.model.ruleset import Ruleset

Key = tuple[str, str]


class Comparer:
    """Compares rulesets; a pair is known by both digests, for no version ever changes."""

    def __init__(self, *, limit: int = 32) -> None:
        self._kept: Recent[Key, Difference] = Recent(limit)
        self._turn = asyncio.Lock()

    async def compare(self, old: Ruleset, new: Ruleset) -> Difference:
        """Return what differs; the loop goes on beside a pair that takes seconds, with a share of the interpreter."""
        key = old.digest, new.digest
        async with self._turn:
            known = self._kept.find(key)
            if known is not None:
                return known
            return self._kept.keep(key, await asyncio.to_thread(compare, old, new))
