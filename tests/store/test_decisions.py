"""The decision log."""

import asyncio
import contextlib
import datetime as dt
import itertools
from typing import Any

import asyncpg
import pytest

from store.clock import Clock
from store.database import connect
from store.decisionlog import DecisionLog
from store.decisionrecords import DecisionRecord, LoggedDecision
from store.decisions import DecisionFilter
from store.errors import Busy, Unavailable, Unstorable
from store.identifiers import first_id_at, instant_of, make_id
from store.loglines import commit_to
from store.statements import sql
from store.store import Store
from tests.waiting import until

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def record(**more: Any) -> DecisionRecord:
    """Make a record of which only the named parts matter."""
    base: dict[str, Any] = {"id": make_id(), "account_id": "A", "track": "dunning", "outcome": "act", "as_of": AT}
    base |= {"answer": b'{"answer": "\xe2\x82\xac 10.10"}', "input": b"{}"} | more
    return DecisionRecord(at=instant_of(base["id"]), **base)


async def test_a_full_disk_is_said_and_passes(store: Store) -> None:
    """Readiness names it while it lasts, whoever waited is told to come again, and nothing has to be restarted."""
    full = "RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'"
    await store.database.fetch(f"CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {full}; END $$")
    await store.database.fetch(
        "CREATE TRIGGER fill BEFORE INSERT ON dunning.decisions FOR EACH STATEMENT EXECUTE FUNCTION fill()"
    )
    log = DecisionLog(lambda: connect(store.database.url), Clock(), deadline_seconds=0.5)

    async def is_said(trouble: str | None) -> bool:
        """Whether the log says so after another try, which is refused or answered."""
        with contextlib.suppress(Busy):
            await log.append(record())
        return log.trouble == trouble

    await until(lambda: is_said("a batch cannot be committed: no space left on device"))
    await store.database.fetch("DROP FUNCTION fill CASCADE")
    await until(lambda: log.trouble is None)  # nobody asks a server that is not ready
    await until(lambda: is_said(None))
    await log.close()


async def test_a_logged_decision_has_the_columns_of_its_table(store: Store) -> None:
    """The record that rows are read into and written from names every column, in the table's order."""
    table = "SELECT attname FROM pg_attribute WHERE attrelid = 'dunning.decisions'::regclass AND attnum > 0"
    rows = await store.database.fetch(f"{table} ORDER BY attnum")
    assert tuple(row[0] for row in rows) == LoggedDecision.__struct_fields__


async def test_a_decision_is_read_back_as_it_was_logged(store: Store) -> None:
    """Every part comes back, the answer byte for byte, at the instant in its id."""
    given = record(
        ruleset_id="nl", version=7, digest="sha256:a", rule="letter", action="send_dunning_notice", channel="letter"
    )
    await store.decision_log.append(given)
    read = await store.decisions.read(given.id)
    assert isinstance(read, LoggedDecision)
    same = set(given.__struct_fields__) & set(read.__struct_fields__)
    assert {name: getattr(read, name) for name in same} == {name: getattr(given, name) for name in same}
    assert read.at == instant_of(given.id)


@pytest.mark.parametrize("name", ["", "nonsense", "\0", "01a1ffc8-0154-76a0-b31c-66090b7cefe2"])
async def test_an_unknown_decision_is_none(store: Store, name: str) -> None:
    """What was never logged, or is no id at all, is not found."""
    assert await store.decisions.read(name) is None


async def test_many_at_once_are_all_committed(store: Store) -> None:
    """Thousands of decisions appended together are all in the log when they are answered."""
    records = [record(account_id="crowd") for _ in range(3000)]
    await asyncio.gather(*(store.decision_log.append(each) for each in records[:2000]))
    await store.decision_log.append_many(records[2000:])
    await store.decision_log.append_many([])
    count = await store.database.fetchval("SELECT count(*) FROM dunning.decisions WHERE account_id = 'crowd'")
    assert count == 3000


async def test_a_batch_sent_again_is_logged_once(store: Store) -> None:
    """A record that is in the log already is left as it was."""
    given = record()
    await store.decision_log.append(given)
    await store.decision_log.append(given)
    await store.decision_log.append(record(id=given.id, answer=b'"other"'))
    read = await store.decisions.read(given.id)
    assert read is not None
    assert read.answer == given.answer


async def test_one_record_that_cannot_be_stored_spoils_no_other(store: Store) -> None:
    """Of a batch with one bad record the bad one is refused by name and the others are committed."""
    records = [record(account_id="bad\0" if number == 5 else "spoiled") for number in range(10)]
    answers = await asyncio.gather(*(store.decision_log.append(each) for each in records), return_exceptions=True)
    assert [isinstance(answer, Unstorable) for answer in answers] == [number == 5 for number in range(10)]
    page = await store.decisions.list(DecisionFilter(account_id="spoiled"))
    assert len(page.decisions) == 9


async def test_a_lost_connection_is_made_again_without_anybody_noticing(store: Store) -> None:
    """Writers whose connections are cut go on over new ones; every answered decision is there."""
    records = [record(account_id="cut") for _ in range(400)]

    async def cut() -> None:
        for _ in range(5):
            await store.database.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT dunning.append%'"
            )

    async def append() -> None:
        for each in records:
            await store.decision_log.append(each)

    await asyncio.gather(append(), cut())
    count = await store.database.fetchval("SELECT count(*) FROM dunning.decisions WHERE account_id = 'cut'")
    assert count == 400


async def test_pages_follow_each_other_without_gap_or_repetition(store: Store) -> None:
    """Newest first, page by page, every decision comes once, also while new ones are logged."""
    records = [record(account_id="paged", rule=f"rule-{number % 2}") for number in range(25)]
    await store.decision_log.append_many(records)
    found: list[str] = []
    cursor = None
    for size in itertools.repeat(10):
        page = await store.decisions.list(DecisionFilter(account_id="paged"), cursor=cursor, limit=size)
        found += [each.id for each in page.decisions]
        await store.decision_log.append(record(account_id="paged"))
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == sorted((each.id for each in records), reverse=True)
    with pytest.raises(ValueError, match="no cursor"):
        await store.decisions.list(DecisionFilter(), cursor="x")


async def test_decisions_are_found_by_what_they_were(empty_database_url: str) -> None:
    """Each filter, and all together, finds exactly what it names; a period includes its start and not its end."""
    async with await Store.open(empty_database_url) as store:  # whose log takes decisions of a day that is gone
        await check_filters(store)


async def check_filters(store: Store) -> None:
    """Log some decisions and find them."""
    day = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    hits = [
        record(
            id=first_id_at(day + dt.timedelta(days=number))[:-4] + f"{number:04x}",
            account_id="filtered",
            ruleset_id=f"ruleset-{number % 2}",
            version=number % 3,
            digest="sha256:a",
            rule=f"rule-{number % 2}",
            outcome=("act", "wait")[number % 2],
        )
        for number in range(6)
    ]
    await store.decision_log.append_many(hits)

    async def numbers(**wanted: Any) -> list[int]:
        page = await store.decisions.list(DecisionFilter(account_id="filtered", **wanted))
        return sorted((each.at - day).days for each in page.decisions)

    assert await numbers() == [0, 1, 2, 3, 4, 5]
    assert await numbers(ruleset_id="ruleset-1") == [1, 3, 5]
    assert await numbers(ruleset_id="ruleset-1", version=0) == [3]
    assert await numbers(rule="rule-0") == [0, 2, 4]
    assert await numbers(outcome="wait") == [1, 3, 5]
    assert await numbers(since=day + dt.timedelta(days=1), until=day + dt.timedelta(days=4)) == [1, 2, 3]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dunning.decisions SET outcome = 'none'",
        "UPDATE dunning.decisions SET answer = 'other'",
        "UPDATE dunning.decisions SET answer = NULL, input = NULL, salt = NULL, rule = 'other'",
        "DELETE FROM dunning.decisions",
        "TRUNCATE dunning.decisions",
    ],
)
async def test_the_log_cannot_be_changed_by_the_tables_owner(store: Store, statement: str) -> None:
    """Nothing but an erasure of the personal facts, whole, is let through by the database."""
    await store.decision_log.append(record())
    with pytest.raises(asyncpg.RestrictViolationError):
        await store.database.fetch(statement)


async def test_the_line_commits_to_what_may_be_erased(store: Store) -> None:
    """The commitment is of the salt, the answer and the input, and another salt gives another commitment."""
    given = record()
    await store.decision_log.append(given)
    row = await store.database.fetchrow("SELECT commitment, salt FROM dunning.decisions WHERE id = $1", given.id)
    assert row is not None
    assert row["commitment"] == commit_to(row["salt"], given.answer, given.input)
    assert row["commitment"] != commit_to(b"other", given.answer, given.input)


async def test_a_log_without_database_refuses_within_the_deadline() -> None:
    """When PostgreSQL cannot be reached a decision is refused after the deadline, and the next ones at once."""

    async def fail() -> asyncpg.Connection:
        raise ConnectionRefusedError

    log = DecisionLog(fail, Clock(), writer_count=1, deadline_seconds=0.02)

    async def is_told() -> bool:
        with pytest.raises(Busy, match="in time"):
            await log.append(record())
        return log.trouble is not None

    await until(is_told)
    await log.close()


async def test_a_dead_writer_fails_its_callers_and_readiness() -> None:
    """A writer that dies of a bug leaves nobody hanging, and the log says that it is out of order."""

    async def die() -> asyncpg.Connection:
        raise LookupError("a bug")

    log = DecisionLog(die, Clock(), writer_count=2)
    with pytest.raises(Unavailable, match="writer of the decision log died"):
        await log.append(record())
    assert "died" in str(log.trouble)
    with pytest.raises(Unavailable):
        await log.append(record())
    await log.close()


async def test_closing_commits_what_waits(store: Store, database_url: str) -> None:
    """Decisions that wait when the service stops are committed and answered first; later ones are refused."""
    log = DecisionLog(lambda: connect(database_url), Clock(), writer_count=1)
    waiting = [asyncio.create_task(log.append(record(account_id="closing"))) for _ in range(50)]
    await asyncio.wait(waiting, timeout=0)
    await log.close()
    await asyncio.gather(*waiting)
    with pytest.raises(Unavailable, match="stopping"):
        await log.append(record())
    assert len((await store.decisions.list(DecisionFilter(account_id="closing"))).decisions) == 50


@pytest.mark.parametrize("name", ["list", "page"])
@pytest.mark.parametrize("account_id", [None, "A"])
async def test_a_page_is_read_along_an_index(store: Store, name: str, account_id: str | None) -> None:
    """However long the log, a page costs what it has: nothing is sorted to find it."""
    async with store.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_sort = off")
        arguments = (account_id, *[None] * 9, make_id(), 100)
        plan = await connection.fetch(f"EXPLAIN {sql(f'decisions.{name}')}", *arguments)
    assert "Sort" not in "\n".join(row[0] for row in plan)
