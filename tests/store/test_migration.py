"""Migrations: once, in order, one process at a time."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from store import database as database_module
from store.database import Database
from store.errors import MigrationError, UnusableDatabase
from store.migration import Migration, migrate, read_migrations

pytestmark = pytest.mark.anyio


async def test_a_fresh_database_gets_every_migration_once(empty_database_url: str) -> None:
    """The first run applies all, the second none."""
    database = await Database.open(empty_database_url)
    assert await migrate(database) == len(read_migrations())
    assert await migrate(database) == 0
    await database.close()


async def test_processes_that_migrate_at_once_apply_each_step_once(empty_database_url: str) -> None:
    """Of several that start together one applies the migrations and the others wait for it."""
    databases = [await Database.open(empty_database_url) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(database) for database in databases))
    assert sorted(applied) == [0, 0, 0, len(read_migrations())]
    for database in databases:
        await database.close()


async def test_a_database_newer_than_the_program_is_refused(empty_database_url: str) -> None:
    """A migration that this program does not know makes it stop before it touches anything."""
    database = await Database.open(empty_database_url)
    later = Migration(number=9999, name="from_the_future", text="SELECT 1")
    await migrate(database, (*read_migrations(), later))
    with pytest.raises(MigrationError, match=r"9999 \(from_the_future\), which is newer"):
        await migrate(database)
    await database.close()


async def test_an_edited_migration_is_noticed(empty_database_url: str) -> None:
    """A released file whose text was changed is refused by name."""
    database = await Database.open(empty_database_url)
    await migrate(database, (Migration(number=1, name="one", text="SELECT 1"),))
    with pytest.raises(MigrationError, match=r"0001 \(one\) was applied with another text"):
        await migrate(database, (Migration(number=1, name="one", text="SELECT 2"),))
    await database.close()


async def test_a_failed_migration_leaves_nothing_behind(empty_database_url: str) -> None:
    """A step that fails half-way is undone whole."""
    database = await Database.open(empty_database_url)
    broken = Migration(number=1, name="broken", text="CREATE TABLE dunning.half (x int); SELECT 1 / 0")
    with pytest.raises(MigrationError, match=r"0001 \(broken\) failed: division by zero"):
        await migrate(database, (broken,))
    assert await database.fetchval("SELECT to_regclass('dunning.half')") is None
    await database.close()


async def test_a_database_that_does_not_store_utf8_is_refused(empty_database_url: str) -> None:
    """A database in another encoding would lose letters, so it is refused by name."""
    name = urlsplit(empty_database_url).path.removeprefix("/")
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(f"CREATE DATABASE {name}_l ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(UnusableDatabase, match="stores LATIN1; UTF8 is needed"):
        await Database.open(empty_database_url.replace(name, f"{name}_l"))
    await connection.execute(f"DROP DATABASE {name}_l WITH (FORCE)")
    await connection.close()


@pytest.mark.parametrize(
    "url", ["postgresql://u:secret@127.0.0.1:1/x", "mysql://u:secret@host/x", "postgresql://u:secret@[/x"]
)
async def test_an_unusable_address_is_named_without_its_password(url: str) -> None:
    """What cannot be reached is named, and the password is not."""
    with pytest.raises(UnusableDatabase) as caught:
        await Database.open(url)
    assert "secret" not in str(caught.value)


async def test_a_postgresql_that_is_too_old_is_refused(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version found and the version needed are both named."""
    monkeypatch.setattr(database_module, "OLDEST_VERSION", 99)
    with pytest.raises(UnusableDatabase, match=r"is version \d+; 99 or later is needed"):
        await Database.open(empty_database_url)


async def test_a_role_without_rights_is_told_so(empty_database_url: str) -> None:
    """Where the tables may not be made the message says what failed and why."""
    database = await Database.open(empty_database_url)
    forbidden = Migration(number=1, name="forbidden", text="SET ROLE pg_monitor; CREATE TABLE dunning.x ()")
    with pytest.raises(MigrationError, match=r"0001 \(forbidden\) failed: permission denied for schema dunning"):
        await migrate(database, (forbidden,))
    await database.close()
