"""The courier of a process: takes deliveries whose time has come, sends a few at once, and writes down how it went."""

import asyncio
import contextlib
import datetime as dt
import logging
import random
from collections.abc import Callable

from api.sending import Sender
from store.deliveries import Attempt, Deliveries
from store.errors import StoreError

MOST_AT_ONCE = 32
_PAUSE_SECONDS = 1.0
_log = logging.getLogger("dunning.webhooks")

Clock = Callable[[], dt.datetime]


def read_clock() -> dt.datetime:
    """Read the clock."""
    return dt.datetime.now(dt.UTC)


def _shake() -> float:
    return random.uniform(-1, 1)  # noqa: S311  it spreads attempts, and keeps nothing secret


class Courier:
    """What one process sends; `clock` and `jitter` are arguments so that a test needs not wait."""

    def __init__(
        self,
        deliveries: Deliveries,
        sender: Sender,
        *,
        clock: Clock = read_clock,
        jitter: Callable[[], float] = _shake,
    ) -> None:
        self._deliveries = deliveries
        self._sender = sender
        self._clock = clock
        self._jitter = jitter
        self._running: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    async def wake(self) -> None:
        """Look at once for what is to be sent."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is to be sent, until cancelled; what was under way is then another's after its lease."""
        try:
            while True:
                await self._begin_anyhow()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE_SECONDS):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _begin_anyhow(self) -> None:
        """Begin what there is; whatever goes wrong is tried again at the next turn."""
        try:
            await self.begin()
        except StoreError:
            return
        except Exception as problem:  # noqa: BLE001  a fault of ours must not end it for good, and is told
            _log.error("Sending events failed; it goes on", exc_info=problem)

    async def work(self) -> int:
        """Send all whose time has come, and wait until that is done; answers how many were sent."""
        total = 0
        while begun := await self.begin():
            total += begun
            await asyncio.gather(*self._running)
        return total

    async def begin(self) -> int:
        """Begin to send what there is room for; answers how many."""
        room = MOST_AT_ONCE - len(self._running)
        attempts = await self._deliveries.claim(self._clock(), most=room) if room else ()
        for attempt in attempts:
            task = asyncio.create_task(self._send(attempt))
            self._running.add(task)
            task.add_done_callback(self._end)
        return len(attempts)

    async def _send(self, attempt: Attempt) -> None:
        result = await self._sender.send(attempt, self._clock(), jitter=self._jitter())
        with contextlib.suppress(StoreError):  # it is sent again after its lease
            await self._deliveries.note(attempt, result, self._clock())

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()
