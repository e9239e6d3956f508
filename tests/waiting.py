"""Waiting for what another task, thread or process does: nothing is measured by it, however slow the machine is."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE_SECONDS = 300.0
"""After so long a test waits in vain and fails, rather than hang: far beyond what any machine needs."""


def wait_for(claim: Callable[[], Any]) -> Any:
    """Wait until something is true of another thread or process; answers what the claim answered then."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not (found := claim()):
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.05)
    return found


async def until(claim: Callable[[], object | Awaitable[object]]) -> None:
    """Let others work until something is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = claim()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.001)
