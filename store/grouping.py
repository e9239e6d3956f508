"""Grouped reads: one task and one statement read what many requests wait for."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

import asyncpg

from store.database import PASSING, REFUSED, naming_failures
from store.errors import StoreError, Unavailable
from store.waiting import Waiting, WaitingLine

ValueT = TypeVar("ValueT")

_LOGGER = logging.getLogger(__name__)
_MOST_KEYS = 1000
_READ_SECONDS = 10.0

Connector = Callable[[], Awaitable[asyncpg.Connection]]


class GroupedReader(Generic[ValueT]):
    """Reads values by key over one connection; the keys that wait while a read is under way are the next read."""

    def __init__(
        self,
        connect: Connector,
        read: Callable[[asyncpg.Connection, list[str]], Awaitable[Mapping[str, ValueT]]],
        *,
        limit: int = 5000,
        deadline_seconds: float = 5.0,
    ) -> None:
        self._connect = connect
        self._read = read
        self._line: WaitingLine[str, ValueT | None] = WaitingLine(limit=limit, deadline_seconds=deadline_seconds)
        self._connection: asyncpg.Connection | None = None
        self._task = asyncio.create_task(self._serve())
        self._task.add_done_callback(self._end)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be read now."""
        return self._line.trouble

    async def read(self, key: str) -> ValueT | None:
        """Read the value of a key, or None where there is none."""
        if not is_storable(key):
            return None
        return await self._line.join(key)

    async def close(self) -> None:
        """Stop reading; who still waits is refused."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    async def _serve(self) -> None:
        while True:
            batch = await self._line.take(_MOST_KEYS)
            is_served = False
            try:
                values = await self._fetch(sorted({waiting.item for waiting in batch}))
                is_served = True
            except StoreError as problem:
                _LOGGER.warning("A grouped read failed: %s", problem)
                _fail(batch, problem)
                await asyncio.sleep(0.05)
            else:
                for waiting in batch:
                    waiting.resolve(values.get(waiting.item))
            finally:
                self._line.finish(batch, is_served=is_served)

    async def _fetch(self, keys: list[str]) -> Mapping[str, ValueT]:
        """Read the keys, once more on a new connection where the old one was lost."""
        try:
            return await self._fetch_once(keys)
        except (*PASSING, *REFUSED):
            self._drop()
        with naming_failures():
            try:
                return await self._fetch_once(keys)
            except BaseException:
                self._drop()
                raise

    async def _fetch_once(self, keys: list[str]) -> Mapping[str, ValueT]:
        async with asyncio.timeout(_READ_SECONDS):
            if self._connection is None:
                self._connection = await self._connect()
            return await self._read(self._connection, keys)

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.terminate()
            self._connection = None

    def _end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (problem := task.exception()) is not None:
            _LOGGER.error("Grouped reading stopped", exc_info=problem)
        self._line.close("reading has stopped")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold a text: no NUL, no half surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _fail(batch: list[Waiting[str, ValueT]], problem: Exception) -> None:
    for waiting in batch:
        waiting.fail(Unavailable(str(problem)))
