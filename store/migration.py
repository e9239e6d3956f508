"""Bring a database to this program's tables, while servers use it: numbered SQL files, one process at a time.

A file is one transaction. Where its first line says `-- In batches`, it is run again and again, each time as a
transaction of its own, until its last statement changes or answers no row: what is done then stays done, whatever
happens. Where it says `-- Concurrently`, its statements build and drop indices one by one, outside of transactions, for
as long as that takes and with nobody waiting for it; an index that was interrupted is built anew.
"""

import asyncio
import hashlib
import re
from importlib import resources

import asyncpg
import msgspec

from store.database import Database
from store.errors import MigrationError
from store.statements import sql

_LOCK = (7310562, 1)
_SECONDS = 600.0  # a migration of a large table may take a while, and others wait for it
_LONGEST_SECONDS = 7 * 86_400.0  # an index may take longer, and nobody waits for it
_PAUSE_SECONDS = 0.5
_IN_BATCHES = "-- In batches"
_CONCURRENTLY = "-- Concurrently"
_INDEX = re.compile(r"INDEX CONCURRENTLY IF NOT EXISTS (\w+)")
# What was interrupted leaves an index that nothing uses and every write has to keep.
_UNFINISHED = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'dunning'::regnamespace AND NOT i.indisvalid AND c.relname = ANY($1::text[])
"""
# Whoever comes after one that waits for a lock waits too, so it waits for a moment only, and tries again.
_WAIT_BRIEFLY = "SET LOCAL lock_timeout = '2s'"
# Somebody held what was needed: tried again.
_WAITS = (asyncpg.exceptions.LockNotAvailableError, asyncpg.exceptions.DeadlockDetectedError)
_REMEMBER = "INSERT INTO dunning.migrations (number, name, checksum) VALUES ($1, $2, $3)"

_PREPARE = """
CREATE SCHEMA IF NOT EXISTS dunning;
CREATE TABLE IF NOT EXISTS dunning.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class Migration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One numbered step of the tables."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """What the database remembers, so that a released file that was edited is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_in_batches(self) -> bool:
        """Whether it is to be run until it changes nothing more."""
        return self.text.startswith(_IN_BATCHES)

    @property
    def is_concurrent(self) -> bool:
        """Whether its statements build and drop indices beside whoever writes."""
        return self.text.startswith(_CONCURRENTLY)

    @property
    def statements(self) -> tuple[str, ...]:
        """Its statements one by one; a semicolon stands nowhere else in it."""
        return tuple(part.strip() for part in self.text.split(";") if part.strip())


def read_migrations() -> tuple[Migration, ...]:
    """Read migrations/NNNN_name.sql in order of number."""
    files = [file for file in resources.files("store").joinpath("migrations").iterdir() if file.name.endswith(".sql")]
    return tuple(
        Migration(number=int(file.name[:4]), name=file.name[5:-4], text=file.read_text("utf-8"))
        for file in sorted(files, key=lambda file: file.name)
    )


async def migrate(database: Database, migrations: tuple[Migration, ...] | None = None) -> int:
    """Apply what is missing and answer how many were applied; refuse a database this program does not know."""
    wanted = read_migrations() if migrations is None else migrations
    async with database.connection(_LONGEST_SECONDS) as connection:
        async with asyncio.timeout(_SECONDS):
            while not await _lock(connection):
                pass
        try:
            return await _apply(connection, wanted)
        finally:
            if not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1, $2)", *_LOCK)


async def _apply(connection: asyncpg.Connection, wanted: tuple[Migration, ...]) -> int:
    # Asked first: a role that may not create anything can still use a database that is up to date.
    if await connection.fetchval("SELECT to_regclass('dunning.migrations')") is None:
        await _execute(connection, _PREPARE, "the schema dunning cannot be made")
    rows = await connection.fetch("SELECT number, name, checksum FROM dunning.migrations ORDER BY number")
    known = {migration.number: migration for migration in wanted}
    for number, name, checksum in rows:
        if number not in known:
            raise MigrationError(f"the database has migration {number:04} ({name}), which is newer than this program")
        if checksum != known[number].checksum:
            raise MigrationError(f"migration {number:04} ({name}) was applied with another text than this program has")
    applied = {row["number"] for row in rows}
    missing = [migration for migration in wanted if migration.number not in applied]
    for migration in missing:
        if migration.is_concurrent:
            while not await _build(connection, migration):
                pass
            continue
        async with asyncio.timeout(_SECONDS):
            await _limit(connection, _SECONDS)
            while not await _step(connection, migration):
                pass
    return len(missing)


async def _lock(connection: asyncpg.Connection) -> bool:
    """Take the lock of migrations, if nobody has it; else rest a little.

    Whoever waited for it in a statement would be waited for by who has it and builds an index.
    """
    is_taken = bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", *_LOCK))
    if not is_taken:
        await asyncio.sleep(_PAUSE_SECONDS)
    return is_taken


async def _limit(connection: asyncpg.Connection, seconds: float) -> None:
    """Give each statement so long; 0 is for ever."""
    milliseconds = str(round(seconds * 1000 * 0.9))
    await connection.execute(sql("connections.limit"), milliseconds, milliseconds)


async def _build(connection: asyncpg.Connection, migration: Migration) -> bool:
    """Build and drop the indices that are not yet; tells whether it is over, and then remembers it."""
    await _limit(connection, 0)
    names = _INDEX.findall(migration.text)
    failure = f"migration {migration.number:04} ({migration.name}) failed"
    try:
        for row in await connection.fetch(_UNFINISHED, names):
            await _execute(connection, f'DROP INDEX CONCURRENTLY IF EXISTS dunning."{row["relname"]}"', failure)
        for statement in migration.statements:
            await _execute(connection, statement, failure)
    except _WAITS:
        await asyncio.sleep(_PAUSE_SECONDS)
        return False
    await connection.execute(_REMEMBER, migration.number, migration.name, migration.checksum)
    return True


async def _step(connection: asyncpg.Connection, migration: Migration) -> bool:
    """Apply a migration, or a batch of it; tells whether it is over, and then remembers it."""
    try:
        async with connection.transaction():
            await connection.execute(_WAIT_BRIEFLY)
            failure = f"migration {migration.number:04} ({migration.name}) failed"
            told = await _execute(connection, migration.text, failure)
            is_over = not migration.is_in_batches or told.split()[-1] == "0"  # as in `UPDATE 0` or `SELECT 0`
            if is_over:
                await connection.execute(_REMEMBER, migration.number, migration.name, migration.checksum)
    except _WAITS:
        await asyncio.sleep(_PAUSE_SECONDS)
        return False
    return is_over


async def _execute(connection: asyncpg.Connection, script: str, failure: str) -> str:
    try:
        return str(await connection.execute(script))
    except _WAITS:
        raise
    except asyncpg.exceptions.PostgresError as problem:
        raise MigrationError(f"{failure}: {problem}") from problem
