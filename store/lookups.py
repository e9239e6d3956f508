"""Looking up secrets that nobody here has seen, a few at a time: a flood of wrong ones is no flood of queries."""

import asyncio

import asyncpg

from store.database import Database
from store.errors import Busy, Unavailable

_MOST_WAITING = 100
_AT_ONCE = 2
_SECONDS = 5.0
_LATE = "PostgreSQL did not answer in time; ask again in a moment"


class Lookups:
    """The queries by hashes of secrets that strangers may send."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = 0
        self._is_stalled = False
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def find(self, statement: str, digest: bytes) -> asyncpg.Record | None:
        """Find the row of a digest; raises Busy where many wait, or PostgreSQL does not answer."""
        if self._waiting >= _MOST_WAITING:
            raise Busy("too many unknown secrets wait to be looked up; ask again in a moment")
        if self._is_stalled and self._waiting:  # one at a time finds out whether PostgreSQL is back
            raise Busy(_LATE)
        self._waiting += 1
        try:
            async with asyncio.timeout(_SECONDS), self._turn:
                row = await self._database.fetchrow(statement, digest)
            self._is_stalled = False
        except (TimeoutError, Unavailable):
            self._is_stalled = True
            raise Busy(_LATE) from None
        finally:
            self._waiting -= 1
        return row
