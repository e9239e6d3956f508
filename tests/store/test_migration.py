"""Migrations: once, in order, one process at a time."""

import asyncio
import json
import re
from urllib.parse import urlsplit

import asyncpg
import pytest

from engine.model.language import EARLIEST_EDITION
from store import database as database_module
from store.database import Database
from store.decisionrecords import DecisionRecord
from store.errors import MigrationError, Unavailable, UnusableDatabase
from store.migration import Migration, migrate, read_migrations
from store.rulesets import Provenance, RulesetDraft
from store.store import Store
from tests.store.loggers import make_record
from tests.waiting import until

pytestmark = pytest.mark.anyio
OLD, FINDING, SHADOWS_OF_DECISIONS = 10, 14, 32


async def test_a_fresh_database_gets_every_migration_once(empty_database_url: str) -> None:
    """The first run applies all, the second none."""
    database = await Database.open(empty_database_url)
    assert await migrate(database) == len(read_migrations())
    assert await migrate(database) == 0
    await database.close()


async def test_a_step_that_came_between_two_others_is_applied(empty_database_url: str) -> None:
    """Whatever was applied before, what is missing is applied, and nothing twice."""
    one, two, three = (Migration(number=n, name=f"m{n}", text=f"CREATE TABLE dunning.m{n} ()") for n in (1, 2, 3))
    database = await Database.open(empty_database_url)
    assert await migrate(database, (one, three)) == 2
    assert await migrate(database, (one, two, three)) == 1
    assert await database.fetchval("SELECT to_regclass('dunning.m2')::text") == "dunning.m2"
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


MANY = Migration(
    number=1,
    name="many",
    text="CREATE TABLE dunning.many (id integer, count integer DEFAULT 0);"
    " INSERT INTO dunning.many SELECT generate_series(1, 10)",
)
COUNT = Migration(
    number=2,
    name="count",
    text="-- In batches of three.\n"
    "UPDATE dunning.many SET count = count + 1"
    " WHERE id IN (SELECT id FROM dunning.many WHERE count = 0 ORDER BY id LIMIT 3)",
)


async def test_a_step_in_batches_goes_on_where_it_was_interrupted(empty_database_url: str) -> None:
    """What was committed stays and is not done again; the step is remembered when nothing is left."""
    database = await Database.open(empty_database_url)
    await migrate(database, (MANY,))
    await database.fetch("ALTER TABLE dunning.many ADD CONSTRAINT broken CHECK (id <> 8 OR count = 0)")
    with pytest.raises(MigrationError, match=r"0002 \(count\) failed"):
        await migrate(database, (MANY, COUNT))
    counts = "SELECT array_agg(count ORDER BY id) FROM dunning.many"
    assert await database.fetchval(counts) == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert await database.fetchval("SELECT max(number) FROM dunning.migrations") == 1
    await database.fetch("ALTER TABLE dunning.many DROP CONSTRAINT broken")
    assert await migrate(database, (MANY, COUNT)) == 1
    assert await database.fetchval(counts) == [1] * 10
    await database.close()


async def test_a_step_that_waits_for_a_table_lets_others_pass(empty_database_url: str) -> None:
    """While somebody holds the table, those behind the step read it all the same; then the step is applied."""
    database = await Database.open(empty_database_url)
    await migrate(database, (MANY,))
    holder, reader = [await asyncpg.connect(empty_database_url) for _ in range(2)]
    holding = holder.transaction()
    await holding.start()
    await holder.fetch("SELECT * FROM dunning.many")
    widen = Migration(number=2, name="widen", text="ALTER TABLE dunning.many ADD COLUMN more integer")
    migrating = asyncio.create_task(migrate(database, (MANY, widen)))
    waits = "SELECT count(*) FROM pg_locks WHERE relation = 'dunning.many'::regclass AND NOT granted"
    await until(lambda: reader.fetchval(waits))
    assert await reader.fetchval("SELECT count(*) FROM dunning.many") == 10
    assert not migrating.done()
    await holding.rollback()
    assert await migrating == 1
    for connection in (holder, reader):
        await connection.close()
    await database.close()


INDICES = Migration(
    number=2,
    name="indices",
    text="-- Concurrently.\n"
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS many_counts ON dunning.many (count);\n"
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS many_ids ON dunning.many (id);\n",
)
BUILDING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"


async def test_an_index_is_built_beside_whoever_writes(empty_database_url: str) -> None:
    """It waits for a transaction that wrote before it, while others go on writing; who starts meanwhile waits too."""
    database = await Database.open(empty_database_url)
    await migrate(database, (MANY,))
    holder, writer = [await asyncpg.connect(empty_database_url) for _ in range(2)]
    holding = holder.transaction()
    await holding.start()
    await holder.execute("INSERT INTO dunning.many VALUES (11)")
    migrating = [asyncio.create_task(migrate(database, (MANY, INDICES))) for _ in range(2)]
    await until(lambda: writer.fetchval(BUILDING))
    await writer.execute("INSERT INTO dunning.many VALUES (12)")
    assert not any(task.done() for task in migrating)
    await holding.commit()
    assert sorted(await asyncio.gather(*migrating)) == [0, 1]
    valid = "SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'dunning.many'::regclass"
    assert await writer.fetchval(valid)
    for connection in (holder, writer):
        await connection.close()
    await database.close()


async def test_an_index_that_was_interrupted_is_built_anew(empty_database_url: str) -> None:
    """What is left of it is dropped; one that was finished before stays as it is."""
    database = await Database.open(empty_database_url)
    await migrate(database, (MANY,))
    await database.fetch("INSERT INTO dunning.many VALUES (10)")
    with pytest.raises(MigrationError, match=r"0002 \(indices\) failed: could not create unique index"):
        await migrate(database, (MANY, INDICES))
    found = (
        "SELECT indexrelid::regclass::text, indexrelid, indisvalid FROM pg_index"
        " WHERE indrelid = 'dunning.many'::regclass"
    )
    before = {row[0]: row[1:] for row in map(tuple, await database.fetch(found))}
    assert {name: is_valid for name, (_, is_valid) in before.items()} == {
        "dunning.many_counts": True,
        "dunning.many_ids": False,
    }
    await database.fetch("DELETE FROM dunning.many WHERE id = 10")
    assert await migrate(database, (MANY, INDICES)) == 1
    after = {row[0]: row[1:] for row in map(tuple, await database.fetch(found))}
    assert after["dunning.many_counts"] == before["dunning.many_counts"]
    assert after["dunning.many_ids"][1]
    await database.close()


def test_no_writer_waits_for_an_index_of_a_large_table() -> None:
    """What was there in the last edition may be large: its indices are built concurrently, and nothing else is."""
    tables: set[str] = set()
    for migration in read_migrations():
        if migration.number <= OLD:
            tables |= set(re.findall(r"CREATE TABLE (dunning\.\w+)", migration.text))
            continue
        if migration.is_concurrent:
            started = ("CREATE INDEX CONCURRENTLY IF NOT EXISTS ", "DROP INDEX CONCURRENTLY IF EXISTS dunning.")
            code = [re.sub(r"--.*\n", "", each).strip() for each in migration.statements]
            assert all(each.startswith(started) for each in code), migration.name
        else:
            indexed = set(re.findall(r"CREATE (?:UNIQUE )?INDEX \w+\s+ON (dunning\.\w+)", migration.text))
            assert not indexed & tables, (migration.name, indexed & tables)


async def test_accounts_are_stored_and_decisions_logged_while_tables_change(empty_database_url: str) -> None:
    """A table is widened and rewritten in batches under a server that works: all it acknowledges is there."""
    widen = "ALTER TABLE dunning.accounts ADD COLUMN more integer"
    some = "SELECT id FROM dunning.accounts WHERE more IS NULL LIMIT 5"
    rewrite = f"UPDATE dunning.accounts SET more = 1 WHERE id IN ({some})"  # noqa: S608  constants
    steps = [
        Migration(number=9001, name="widen", text=widen),
        Migration(number=9002, name="rewrite", text=f"-- In batches.\n{rewrite}"),
    ]
    async with await Store.open(empty_database_url) as store:
        names = [f"account-{number}" for number in range(100)]
        for name in names:
            await store.accounts.put(name, b"{}")
        migrating = asyncio.create_task(migrate(store.database, (*read_migrations(), *steps)))
        logged: list[DecisionRecord] = []
        while not migrating.done():
            name = names[len(logged) % len(names)]
            await store.accounts.put(name, b'{"vip": true}')
            logged.append(make_record(len(logged), account_id=name))
            await store.decision_log.append(logged[-1])
        assert await migrating == 2
        assert await store.database.fetchval("SELECT count(*) FROM dunning.accounts WHERE more IS NULL") == 0
        ids = {row[0] for row in await store.database.fetch("SELECT id::text FROM dunning.decisions")}
        assert {record.id for record in logged} == ids


async def test_whoever_publishes_while_the_tables_change_is_told_to_ask_again(empty_database_url: str) -> None:
    """A statement that was made for the table as it was is refused once, like any that meets trouble that passes."""
    widen = Migration(number=9001, name="widen", text="ALTER TABLE dunning.ruleset_versions ADD COLUMN more integer")
    async with await Store.open(empty_database_url) as store:
        drafts = [RulesetDraft(ruleset_id="a", digest=digest, text="", canonical="{}") for digest in ("one", "two")]
        await store.rulesets.publish(drafts[0], Provenance(publisher="ci"))
        await migrate(store.database, (*read_migrations(), widen))
        with pytest.raises(Unavailable, match="cached statement plan is invalid"):
            await store.rulesets.publish(drafts[1], Provenance(publisher="ci"))
        published = await store.rulesets.publish(drafts[1], Provenance(publisher="ci"))
        assert published.version.number == 2


PUBLISH_AS_BEFORE_EDITIONS = (
    "INSERT INTO dunning.ruleset_versions"
    " (ruleset_id, number, digest, text, canonical, holidays, diagnostics, publisher, approval_required)"
    " VALUES ('old', 1, 'sha256:a', 'text', '{}', '[]', '[]', 'ci', false)"
)


async def test_a_server_of_before_editions_goes_on_publishing(empty_database_url: str) -> None:
    """Beside the new tables it names no edition, until it is stopped: what it publishes is of the second."""
    async with await Store.open(empty_database_url) as store:
        await store.database.fetch(PUBLISH_AS_BEFORE_EDITIONS)
        version = await store.rulesets.read_version("old", 1)
        assert version is not None
        assert version.draft.language_edition == EARLIEST_EDITION


WORDS = "SELECT id, country, segment FROM dunning.accounts ORDER BY id"


async def test_a_server_of_before_the_words_goes_on_storing(empty_database_url: str) -> None:
    """Beside the new tables it writes documents only: accounts are found by what those say, as by a server of now."""
    documents = {
        "both": '{"country": "NL", "segment": "smb", "name": "\\ud83d\\ude00"}',
        "long": json.dumps({"country": "x" * 64, "segment": "x" * 65}),
        "none": '{"country": 3, "segment": ["smb"]}',
        "nul": '{"country": "NL", "name": "\\u0000"}',
    }
    found = [("both", "NL", "smb"), ("long", "x" * 64, None), ("none", None, None), ("nul", None, None)]
    put = (
        "INSERT INTO dunning.accounts (id, document) VALUES ($1, $2)"
        " ON CONFLICT (id) DO UPDATE SET document = excluded.document"
    )
    async with await Store.open(empty_database_url) as store:
        for name, document in documents.items():
            await store.database.fetch(put, name, '{"country": "BE"}')
            await store.database.fetch("UPDATE dunning.accounts SET country = NULL WHERE id = 'nul'")
            await store.database.fetch(put, name, document)
        assert [tuple(row) for row in await store.database.fetch(WORDS)] == found
        for name, document in documents.items():
            await store.accounts.put(name, document.encode())
        found[-1] = ("nul", "NL", None)
        assert [tuple(row) for row in await store.database.fetch(WORDS)] == found


async def test_accounts_of_before_the_words_are_found_by_them(empty_database_url: str) -> None:
    """What was stored is filled in, batch by batch; nothing of it is another revision, and nobody is asked again."""
    before = [each for each in read_migrations() if each.number < FINDING]
    database = await Database.open(empty_database_url)
    await migrate(database, tuple(before))
    await database.fetch(
        "INSERT INTO dunning.accounts (id, document)"
        """ SELECT 'A-' || n, CASE WHEN n % 2 = 0 THEN '{"country": "NL"}' ELSE '{}' END"""
        " FROM generate_series(1, 4001) n"
    )
    await database.fetch("UPDATE dunning.due SET ask_at = NULL")
    told = "SELECT array_agg(revision ORDER BY id) FROM dunning.accounts"
    revisions = await database.fetchval(told)
    await migrate(database)
    counts = (
        "SELECT count(*) FILTER (WHERE country = 'NL'), count(*) FILTER (WHERE country IS NULL) FROM dunning.accounts"
    )
    assert tuple(await database.fetchrow(counts) or ()) == (2000, 2001)
    assert await database.fetchval(told) == revisions
    assert await database.fetchval("SELECT count(*) FROM dunning.due WHERE ask_at IS NOT NULL") == 0
    await database.close()


async def test_what_shadows_decided_before_is_of_the_one_that_there_is(empty_database_url: str) -> None:
    """It is filled in batch by batch, also after an interruption; of a ruleset without a shadow it is of none."""
    database = await Database.open(empty_database_url)
    await migrate(database, tuple(each for each in read_migrations() if each.number < SHADOWS_OF_DECISIONS))
    await database.fetch(PUBLISH_AS_BEFORE_EDITIONS)
    await database.fetch("INSERT INTO dunning.shadows VALUES ('old', 1, 100, '2091-01-01', '2090-01-01', 'ann')")
    await database.fetch(
        "INSERT INTO dunning.shadow_decisions"
        " SELECT r.id, gen_random_uuid(), 'A-1', now(), '{}', '{}', true"
        " FROM generate_series(1, 2001), (VALUES ('gone'), ('old')) r (id)"
    )
    await database.fetch(
        "ALTER TABLE dunning.shadow_decisions ADD CONSTRAINT broken CHECK (ruleset_id = 'gone') NOT VALID"
    )
    with pytest.raises(MigrationError, match=r"0040 \(shadows_of_before\) failed"):
        await migrate(database)
    await database.fetch("ALTER TABLE dunning.shadow_decisions DROP CONSTRAINT broken")
    await migrate(database)
    told = await database.fetch(
        "SELECT ruleset_id, count(*), count(*) FILTER (WHERE begun_at = '2090-01-01'), count(DISTINCT xmin::text) > 1"
        " FROM dunning.shadow_decisions GROUP BY ruleset_id ORDER BY ruleset_id"
    )
    assert [tuple(row) for row in told] == [("gone", 2001, 0, False), ("old", 2001, 2001, True)]
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
