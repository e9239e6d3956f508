"""Connections to PostgreSQL: how they are made, pooled, bounded in time, and how their failures are named."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg

from store.errors import Unavailable, Unstorable, UnusableDatabase
from store.statements import sql

_LOGGER = logging.getLogger(__name__)

OLDEST_VERSION = 15
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 10.0

_SETTINGS = {
    "application_name": "dunning",
    "client_min_messages": "warning",
    "idle_in_transaction_session_timeout": "10s",  # a process that hangs must not hold the log's end for ever
    "jit": "off",
    "synchronous_commit": "on",  # whatever the database was tuned to: an answer given is on disk
    "timezone": "UTC",
}

# What comes again however often it is tried. asyncpg's own DataError (a value it cannot encode) is a ValueError.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)
# What passes when PostgreSQL is back: lost, stopped, starting, full, or a replica for a while. A statement whose table
# was widened under it is prepared anew when it is asked again.
PASSING = (
    OSError,
    TimeoutError,
    asyncpg.exceptions.InterfaceError,
    asyncpg.exceptions.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.InvalidCachedStatementError,
)


async def connect(url: str, *, statement_seconds: float = STATEMENT_SECONDS) -> asyncpg.Connection:
    """Open one connection of its own, outside the pool."""
    settings = _SETTINGS | _limit_statements(statement_seconds)
    connection: asyncpg.Connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings)
    return connection


def _limit_statements(seconds: float) -> dict[str, str]:
    """Let PostgreSQL itself give a statement up, a little before we do: then it has ended."""
    milliseconds = round(seconds * 1000)
    return {"statement_timeout": str(milliseconds * 9 // 10), "lock_timeout": str(milliseconds * 8 // 10)}


class Database:
    """A small pool; every use of it ends within a time and fails with the store's own errors."""

    def __init__(self, url: str, pool: asyncpg.Pool, *, patience_seconds: float) -> None:
        self.url = url
        self._pool = pool
        self._patience_seconds = patience_seconds

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 4, patience_seconds: float = 5.0) -> "Database":
        """Connect, and check that this PostgreSQL can be used."""
        # A plan made for the values at hand: one statement serves every mix of filters.
        settings = _SETTINGS | _limit_statements(patience_seconds) | {"plan_cache_mode": "force_custom_plan"}
        try:
            # No connection is kept in reserve: asyncpg would log a traceback at each try to restore one.
            pool = await asyncpg.create_pool(
                url, min_size=0, max_size=pool_size, timeout=CONNECT_SECONDS, server_settings=settings
            )
            database = cls(url, pool, patience_seconds=patience_seconds)
            await database.check()
        except UnusableDatabase:
            await database.close()
            raise
        except (Unavailable, Unstorable, *PASSING, *REFUSED, asyncpg.exceptions.PostgresError) as problem:
            message = f"PostgreSQL at {describe(url)} cannot be used: {say(problem)}"
            raise UnusableDatabase(message) from problem
        return database

    async def check(self) -> None:
        """Refuse a PostgreSQL that is too old, does not store UTF-8, or does not take a session's settings."""
        row = await self.fetchrow(sql("connections.look"))
        version, encoding, commits, times_out, writes_through = row or (0, "", "", "", "")
        if version < OLDEST_VERSION * 10_000:
            found = f"PostgreSQL at {describe(self.url)} is version {version // 10_000}"
            raise UnusableDatabase(f"{found}; {OLDEST_VERSION} or later is needed")
        if encoding != "UTF8":
            raise UnusableDatabase(f"the database at {describe(self.url)} stores {encoding}; UTF8 is needed")
        if commits == "off" or times_out == "0":
            raise UnusableDatabase(
                f"what answers at {describe(self.url)} drops a session's settings: synchronous_commit is {commits},"
                f" statement_timeout {times_out}; let the pooler in between hand them on"
            )
        if writes_through == "off":
            _LOGGER.warning("PostgreSQL runs with fsync off: what was answered is lost when its machine stops")

    @contextlib.asynccontextmanager
    async def connection(self, seconds: float | None = None) -> AsyncIterator[asyncpg.Connection]:
        """Borrow a connection for at most `seconds`; one that does not answer by then is given up."""
        limit = seconds or self._patience_seconds
        with naming_failures():
            async with asyncio.timeout(limit):
                connection = await self._pool.acquire()
                try:
                    if seconds is not None:  # until it is given back, which resets it
                        limits = _limit_statements(seconds)
                        await connection.execute(sql("connections.limit"), *limits.values())
                    yield cast("asyncpg.Connection", connection)
                except asyncio.CancelledError:
                    connection.terminate()  # else giving it back would wait until a stalled PostgreSQL goes on
                    raise
                finally:
                    await self._pool.release(connection, timeout=limit)

    @contextlib.asynccontextmanager
    async def transaction(self, seconds: float | None = None) -> AsyncIterator[asyncpg.Connection]:
        """Borrow a connection for one transaction of at most `seconds`."""
        async with self.connection(seconds) as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
            except asyncio.CancelledError:  # the connection is given up, and the transaction with it
                raise
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()

    async def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run one statement and answer its rows."""
        async with self.connection() as connection:
            return cast("list[asyncpg.Record]", await connection.fetch(statement, *arguments))

    async def fetchrow(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        """Run one statement and answer its first row, if any."""
        async with self.connection() as connection:
            return cast("asyncpg.Record | None", await connection.fetchrow(statement, *arguments))

    async def fetchval(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401  a value of any column
        """Run one statement and answer the first value of its first row."""
        row = await self.fetchrow(statement, *arguments)
        return row[0] if row else None

    async def close(self) -> None:
        """Close the pool, by force where PostgreSQL does not answer."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._pool.close()
        except (TimeoutError, *PASSING):
            self._pool.terminate()


async def announce(connection: asyncpg.Connection, topic: str) -> None:
    """Tell every replica, when this transaction commits, that something of a topic changed."""
    await connection.execute(sql("notices.announce"), topic)


@contextlib.contextmanager
def naming_failures() -> Iterator[None]:
    """Turn the driver's many failures into the store's few."""
    try:
        yield
    except (asyncpg.DataError, UnicodeError) as problem:
        raise Unstorable(str(problem)) from problem
    except PASSING as problem:
        if isinstance(problem, ValueError):
            raise Unstorable(str(problem)) from problem
        raise Unavailable(f"PostgreSQL does not answer: {say(problem)}") from problem


def say(problem: BaseException) -> str:
    """Put a failure into words, also one that has none (a time-out)."""
    return str(problem).partition("\n")[0] or type(problem).__name__


def describe(url: str) -> str:
    """Name a database without its password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the given address"
    if not parts.scheme:
        return "the given address"
    return f"{parts.hostname or 'a local socket'}{parts.path}"
