"""Published versions made ready to decide again, the ones used last kept at hand."""

import asyncio
from collections.abc import Sequence

from api.recent import Recent
from api.versions import UnusableVersion, compile_version
from engine.evaluation.program import Compiled
from store.rulesets import Rulesets

Key = tuple[str, int]


class Shelf:
    """Compiled versions by ruleset and number; as many are kept as one question may name, at least."""

    def __init__(self, rulesets: Rulesets, *, limit: int = 64) -> None:
        self._rulesets = rulesets
        self._kept: Recent[Key, Compiled] = Recent(limit, Compiled.close)

    async def take(self, keys: Sequence[Key]) -> tuple[Compiled, ...]:
        """Return these versions; raises UnusableVersion for one that is not there or that this program cannot read."""
        return tuple([await self._take_one((ruleset, number), len(keys)) for ruleset, number in keys])

    def close(self) -> None:
        """Let go of all."""
        self._kept.clear()

    async def _take_one(self, key: Key, room: int) -> Compiled:
        known = self._kept.find(key)
        if known is not None:
            return known
        version = await self._rulesets.read_version(*key)
        if version is None:
            raise UnusableVersion(f"{key[0]} version {key[1]} is not stored")
        return self._kept.keep(key, await asyncio.to_thread(compile_version, version), room=room)
