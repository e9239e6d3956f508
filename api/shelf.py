"""Published versions made ready to decide again, the ones used last kept at hand."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from api.rulesets_live import UnusableVersion, compile_version
from engine.evaluation.compiled import Compiled
from store.rulesets import Rulesets

Key = tuple[str, int]


class Shelf:
    """Compiled versions by ruleset and number; as many are kept as one question may name, at least."""

    def __init__(self, rulesets: Rulesets, *, limit: int = 64) -> None:
        self._rulesets = rulesets
        self._limit = limit
        self._kept: OrderedDict[Key, Compiled] = OrderedDict()

    async def take(self, keys: Sequence[Key]) -> tuple[Compiled, ...]:
        """Return these versions; raises UnusableVersion for one that is not there or that this program cannot read."""
        found = tuple([await self._take_one((ruleset, number)) for ruleset, number in keys])
        while len(self._kept) > max(self._limit, len(keys)):
            self._kept.popitem(last=False)[1].close()
        return found

    def close(self) -> None:
        """Let go of all."""
        for compiled in self._kept.values():
            compiled.close()
        self._kept.clear()

    async def _take_one(self, key: Key) -> Compiled:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        version = await self._rulesets.read_version(*key)
        if version is None:
            raise UnusableVersion(f"{key[0]} version {key[1]} is not stored")
        compiled = self._kept[key] = await asyncio.to_thread(compile_version, version)
        return compiled
