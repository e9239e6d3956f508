"""What the service asks of its sessions in PostgreSQL, and what becomes of statements that nobody waits for."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from store.database import Database, connect
from store.errors import Unavailable, UnusableDatabase
from tests.waiting import until

pytestmark = pytest.mark.anyio
SLOW = "SELECT pg_sleep(600)"
RUNNING = f"SELECT count(*) FROM pg_stat_activity WHERE query = '{SLOW}' AND state = 'active'"  # noqa: S608  constant


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database that is closed again."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


async def test_commits_wait_for_the_disk_whatever_the_database_was_tuned_to(empty_database_url: str) -> None:
    """A database set to answer before it has written does not lose a decision that was answered."""
    owner = await asyncpg.connect(empty_database_url)
    name = await owner.fetchval("SELECT quote_ident(current_database())")
    await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    async with opened(empty_database_url) as database:
        for _ in range(2):  # a session that was given back is reset
            assert await database.fetchval("SHOW synchronous_commit") == "on"
    alone = await connect(empty_database_url)
    assert await alone.fetchval("SHOW synchronous_commit") == "on"
    await alone.close()
    await owner.close()


async def test_a_statement_that_was_given_up_ends(empty_database_url: str) -> None:
    """PostgreSQL does not go on with what nobody waits for: as many as come, they leave no session behind."""
    async with opened(empty_database_url) as database, opened(empty_database_url) as beside:
        for _ in range(5):
            with pytest.raises(Unavailable):
                async with database.connection(0.2) as connection:
                    await connection.execute(SLOW)

        async def is_over() -> bool:
            return not await beside.fetchval(RUNNING)

        await until(is_over)


async def test_whoever_asks_for_more_time_has_it_and_nobody_after(empty_database_url: str) -> None:
    """The limit is that of the borrower; a connection given back has the usual one again."""
    async with opened(empty_database_url) as database:
        async with database.transaction(60) as connection:
            assert await connection.fetchval("SHOW statement_timeout") == "54s"
            assert await connection.fetchval("SHOW lock_timeout") == "48s"
        assert await database.fetchval("SHOW statement_timeout") == "4500ms"
    alone = await connect(empty_database_url)
    assert await alone.fetchval("SHOW statement_timeout") == "9s"
    await alone.close()


async def test_a_pooler_that_drops_the_settings_of_a_session_is_refused(
    empty_database_url: str, tmp_path: Path
) -> None:
    """Without them an answer could be lost and statements pile up, so the service does not start."""
    parts = urlsplit(empty_database_url)
    name, server = parts.path.removeprefix("/"), parse_qs(parts.query)["host"][0]
    pooler = await asyncio.start_unix_server(
        lambda reader, writer: drop_settings(f"{server}/.s.PGSQL.5432", reader, writer), tmp_path / ".s.PGSQL.5432"
    )
    async with pooler:
        with pytest.raises(UnusableDatabase, match=r"drops a session.s settings"):
            await Database.open(f"postgresql://postgres@/{name}?host={quote(str(tmp_path))}")


async def drop_settings(server: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Stand between a client and PostgreSQL: of how a session starts, hand on user and database only."""
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    version, told = struct.unpack(f"!4s{length - 8}s", await reader.readexactly(length - 4))
    words = told.split(b"\0")
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    start = version + b"".join(b"%b\0%b\0" % (key, pairs[key]) for key in (b"user", b"database")) + b"\0"
    beyond, onward = await asyncio.open_unix_connection(server)
    onward.write(struct.pack("!i", len(start) + 4) + start)
    async with asyncio.TaskGroup() as both:
        both.create_task(hand_on(reader, onward))
        both.create_task(hand_on(beyond, writer))


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until no more does."""
    while part := await reader.read(1 << 16):
        writer.write(part)
    writer.close()
