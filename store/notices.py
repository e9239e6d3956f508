"""News from other replicas: LISTEN on one connection that comes back by itself, knows how stale it is, and the time."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import asyncpg

from store.clock import Clock
from store.database import PASSING, say
from store.errors import StoreError
from store.statements import sql

_LOGGER = logging.getLogger(__name__)
_CHANNEL = "dunning"
_LONGEST_PAUSE_SECONDS = 2.0

Connector = Callable[[], Awaitable[asyncpg.Connection]]
Listener = Callable[[], Awaitable[None]]


class Notices:
    """Calls those who subscribed to a topic when something of it changed, and after every lost connection."""

    def __init__(self, connect: Connector, clock: Clock, *, ping_seconds: float = 2.0) -> None:
        self._connect = connect
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._listeners: dict[str, list[Listener]] = {}
        self._changed: set[str] = set()
        self._woken = asyncio.Event()
        self._is_current = asyncio.Event()
        self._heard_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    @property
    def silent_seconds(self) -> float:
        """For how long news may have been missed; 0 to a little over the ping's period when all is well."""
        return asyncio.get_running_loop().time() - self._heard_at

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call a listener whenever something of a topic (`rulesets`, `tokens`) may have changed."""
        self._listeners.setdefault(topic, []).append(listener)
        self._note(topic)

    async def start(self, *, patience_seconds: float) -> None:
        """Begin to listen, and wait a little until everything was read once."""
        self._task = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                await self._is_current.wait()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        pause = 0.05
        while True:
            try:
                connection = await self._connect()
                try:
                    await connection.add_listener(_CHANNEL, self._hear)
                    connection.add_termination_listener(lambda _: self._woken.set())
                    self._changed.update(self._listeners)
                    self._woken.set()
                    pause = 0.05
                    await self._attend(connection)
                finally:
                    with contextlib.suppress(Exception):
                        connection.terminate()
            except (StoreError, *PASSING) as problem:
                _LOGGER.warning("News from PostgreSQL are interrupted: %s", say(problem))
            except Exception:
                _LOGGER.exception("A listener failed; everything is read again")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _attend(self, connection: asyncpg.Connection) -> None:
        loop = asyncio.get_running_loop()
        while not connection.is_closed():
            asked_at = loop.time()
            # Notices come before the answer of a later statement: what was committed before the ping has been heard.
            begun = self._clock.read()
            told = await connection.fetchrow(sql("log.read_time"), timeout=self._ping_seconds)
            if told is not None:  # else the log has lost its end, which others say
                self._clock.hear(told["now"], told["latest_at"], asked_at=begun)
            topics, self._changed = self._changed, set()
            try:
                for topic in sorted(topics):
                    for listener in self._listeners.get(topic, ()):
                        await listener()
            except BaseException:
                self._changed |= topics
                raise
            self._heard_at = asked_at
            self._is_current.set()
            with contextlib.suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it swallows a cancellation that meets the event.
                async with asyncio.timeout(self._ping_seconds):
                    await self._woken.wait()
            self._woken.clear()

    def _hear(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        self._note(str(payload))

    def _note(self, topic: str) -> None:
        self._changed.add(topic)
        self._woken.set()
