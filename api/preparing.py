"""Versions made ready to decide beside the event loop: a few at once, each once however many wait for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from api.versions import compile_version, make_ready
from engine.evaluation.program import Compiled
from store.rulesets import RulesetVersion

Key = tuple[str, int]
_AT_ONCE = 2


class Preparer:
    """Threads of their own: a version that takes long keeps no other work from the threads that all share."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preparing")
        self._running: dict[Key, asyncio.Future[Compiled]] = {}

    async def prepare(self, version: RulesetVersion) -> Compiled:
        """Make a version ready; raises UnusableVersion. Who stops waiting does not stop the work."""
        key = key_of(version)
        if key not in self._running:
            work = asyncio.get_running_loop().run_in_executor(self._threads, warm_version, version)
            self._running[key] = work
            work.add_done_callback(lambda _: self._running.pop(key))
        return await asyncio.shield(self._running[key])

    async def wake(self, compiled: Compiled) -> None:
        """Build what a version that was read from its form would build at its first question."""
        await asyncio.get_running_loop().run_in_executor(self._threads, make_ready, compiled)

    def close(self) -> None:
        """Begin nothing more; what is under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def warm_version(version: RulesetVersion) -> Compiled:
    """Make a stored version ready to decide at once."""
    compiled = compile_version(version)
    make_ready(compiled)
    return compiled


def key_of(version: RulesetVersion) -> Key:
    """Name a version by its ruleset and number."""
    return version.draft.ruleset_id, version.number
