"""Lines follow each other in time: what does not is not logged, and what was put in past the program is found."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from store.auditlog import append_line
from store.database import connect
from store.decisionrecords import DecisionRecord, columns_of, line_of_decision, prepare
from store.errors import ClockRight, Untimely
from store.findings import Kind
from store.identifiers import first_id_at
from store.loglines import ClockLine, EntryLine, ErasureLine, RetentionLine, VersionEventLine, encode_line
from store.statements import sql
from store.store import Store
from store.verifying import Verification, verify_log
from tests.store.loggers import fill, make_record

pytestmark = pytest.mark.anyio

DAY = dt.timedelta(days=1)
ERASE = (
    "UPDATE dunning.decisions SET answer = NULL, input = NULL, salt = NULL, related = NULL, related_salt = NULL"
    " WHERE salt IS NOT NULL"
)


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own, with something in its log, of a program that keeps to time."""
    async with await Store.open(empty_database_url) as opened:
        await fill(opened, 40)
        async with opened.database.transaction() as connection:
            line = ClockLine(at=await read_clock(connection), actor="command:ann", name="ann", note="time begins")
            await append_line(connection, line)
        yield opened


async def read_clock(connection: asyncpg.Connection) -> dt.datetime:
    """Read PostgreSQL's clock."""
    now: dt.datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


async def make_late(store: Store, by: dt.timedelta) -> DecisionRecord:
    """Make a record that says a time other than now."""
    async with store.database.connection() as connection:
        return make_record(id=first_id_at(await read_clock(connection) + by), account_id="late")


@pytest.mark.parametrize("by", [-60 * DAY, -DAY / 1000, DAY / 1000, 365 * DAY])
async def test_a_decision_of_another_time_is_not_logged(fresh: Store, by: dt.timedelta) -> None:
    """One that lies behind what is logged, or ahead of now, is refused; of the same batch the others are committed."""
    head = await fresh.log.read_head()
    records = [make_record(), await make_late(fresh, by), make_record()]
    answers = await asyncio.gather(*map(fresh.decision_log.append, records), return_exceptions=True)
    assert [isinstance(answer, Untimely) for answer in answers] == [False, True, False]
    assert (await fresh.log.read_head()).size == head.size + 2


async def test_some_seconds_are_no_other_time(fresh: Store) -> None:
    """What waited for the log, or was decided by a server whose clock is a little off, is logged."""
    await fresh.decision_log.append(await make_late(fresh, dt.timedelta(seconds=20)))
    await fresh.decision_log.append(await make_late(fresh, dt.timedelta(seconds=-5)))
    assert (await verify(fresh)).findings == ()


def approve(at: dt.datetime) -> EntryLine:
    """Write an approval."""
    return VersionEventLine(
        kind="approve", at=at, ruleset="nl-consumer", version=1, digest="sha256:a", actor="bob", note=None
    )


def erase(at: dt.datetime) -> EntryLine:
    """Write an erasure."""
    return ErasureLine(at=at, account_id="A-1", actor="ann", decisions_count=1)


def retain(at: dt.datetime) -> EntryLine:
    """Write a retention."""
    return RetentionLine(at=at, before=at - DAY, actor="command:ann")


@pytest.mark.parametrize("write", [approve, erase, retain])
@pytest.mark.parametrize("by", [-DAY, DAY])
async def test_another_line_of_another_time_is_not_logged(
    fresh: Store, write: Callable[[dt.datetime], EntryLine], by: dt.timedelta
) -> None:
    """Approvals, erasures and retentions follow what is logged too."""
    head = await fresh.log.read_head()
    with pytest.raises(Untimely, match="cannot be logged"):
        async with fresh.database.transaction() as connection:
            await append_line(connection, write(await read_clock(connection) + by))
    assert await fresh.log.read_head() == head


async def test_facts_of_days_to_come_are_not_let_go_of(fresh: Store) -> None:
    """A retention reaches at most to the time at which it is made."""
    async with fresh.database.connection() as connection:
        later = await read_clock(connection) + DAY
    with pytest.raises(Untimely, match="yet to come"):
        async for _ in fresh.erasures.erase_older(later, actor="command:ann"):
            pass
    assert (await verify(fresh)).findings == ()


async def test_nothing_is_logged_while_the_clock_is_wrong(fresh: Store) -> None:
    """Decisions are refused, and health says why, until the clocks agree again."""
    now = fresh.clock.read()
    fresh.clock.hear(dt.datetime.fromtimestamp(now, dt.UTC) + DAY, None, asked_at=now)
    with pytest.raises(Untimely):
        await fresh.decision_log.append(make_record())
    with pytest.raises(Untimely):
        await fresh.decision_log.append_many([make_record()])
    assert any("behind that of PostgreSQL" in trouble for trouble in await fresh.health())
    fresh.clock.hear(dt.datetime.fromtimestamp(now, dt.UTC), None, asked_at=now)
    await fresh.decision_log.append(make_record())


async def backdate_decision(connection: asyncpg.Connection) -> None:
    """Append a decision that was never made, two months too early."""
    await put(connection, make_record(id=first_id_at(await read_clock(connection) - 60 * DAY)))


async def misname_decision(connection: asyncpg.Connection) -> None:
    """Append a decision of now whose id is of another time."""
    now = await read_clock(connection)
    await put(connection, make_record(id=first_id_at(now - 60 * DAY), at=now))


async def postdate_decision(connection: asyncpg.Connection) -> None:
    """Append a decision of next year."""
    await put(connection, make_record(id=first_id_at(await read_clock(connection) + 365 * DAY)))


async def backdate_approval(connection: asyncpg.Connection) -> None:
    """Let a version have been approved before it was used, as an afterthought."""
    event = (
        "INSERT INTO dunning.ruleset_events (ruleset_id, number, kind, actor, note, digest, at)"
        " VALUES ('nl-consumer', 1, 'approve', 'bob', NULL, 'sha256:a', $1) RETURNING at"
    )
    at = await connection.fetchval(event, await read_clock(connection) - 60 * DAY)
    await append(connection, approve(at))


async def retain_the_future(connection: asyncpg.Connection) -> None:
    """Take out the facts of every decision, and explain it by a retention up to next year."""
    now = await read_clock(connection)
    line = RetentionLine(at=now, before=now + 365 * DAY, actor="command:root")
    await append(connection, line, before=now + 365 * DAY)
    await connection.execute(ERASE)


async def retain_in_the_future(connection: asyncpg.Connection) -> None:
    """Take out the facts of every decision, and explain it by a retention that says it was made next year."""
    at = await read_clock(connection) + 365 * DAY
    await append(connection, RetentionLine(at=at, before=at, actor="command:root"), before=at)
    await connection.execute(ERASE)


async def retain_by_nobody(connection: asyncpg.Connection) -> None:
    """Take out the facts of every decision, and explain it by a retention that nobody known made."""
    now = await read_clock(connection)
    await append(connection, RetentionLine(at=now, before=now, actor="nobody"), before=now)
    await connection.execute(ERASE)


async def put(connection: asyncpg.Connection, record: DecisionRecord) -> None:
    """Log a decision as the database takes any, whatever its time."""
    decision = prepare(record)
    lines = [encode_line(line_of_decision(decision))]
    await connection.execute(sql("decisions.append"), [columns_of(decision)], lines, 1000 * DAY)


async def append(connection: asyncpg.Connection, line: EntryLine, before: dt.datetime | None = None) -> None:
    """Log another line as the database takes any, whatever its time."""
    await connection.execute(sql("log.append"), line.kind, encode_line(line).decode(), None, before)


async def verify(store: Store) -> Verification:
    """Prove a store's log."""
    async with store.database.connection(60) as connection:
        return await verify_log(connection)


FORGED: list[tuple[Callable[[asyncpg.Connection], Awaitable[None]], Kind, str]] = [
    (backdate_decision, "insertion", "a line in front of it is 60 days later, so it was put in afterwards"),
    (misname_decision, "edit", "its id was made at"),
    (postdate_decision, "edit", "by PostgreSQL's clock that is 365 days ahead of now"),
    (backdate_approval, "insertion", "a line in front of it is 60 days later"),
    (retain_the_future, "edit", "its facts are gone, and no erasure in the log says why"),
    (retain_by_nobody, "edit", "its facts are gone, and no erasure in the log says why"),
    (retain_in_the_future, "edit", "365 days ahead of now"),
]


@pytest.mark.parametrize(("forge", "kind", "words"), FORGED)
async def test_a_line_of_another_time_is_found(
    fresh: Store, empty_database_url: str, forge: Callable[[asyncpg.Connection], Awaitable[None]], kind: str, words: str
) -> None:
    """Put in past the program, with a tree that fits: a time that does not follow is told, and explains nothing."""
    connection = await connect(empty_database_url)
    await connection.execute("ALTER TABLE dunning.decisions DISABLE TRIGGER USER")
    await forge(connection)
    await connection.close()
    findings = (await verify(fresh)).findings
    assert any(each.kind == kind and words in each.message for each in findings), findings


async def test_after_a_clock_that_was_ahead_time_begins_anew(fresh: Store, empty_database_url: str) -> None:
    """A line of next year keeps all others out until the log says that times were wrong; verify tells it for good."""
    with pytest.raises(ClockRight, match="yet to come"):
        await fresh.log.begin_time_anew(actor="command:ann", name="ann", note="nothing")
    connection = await connect(empty_database_url)
    await postdate_decision(connection)
    await connection.close()
    with pytest.raises(Untimely):
        await fresh.decision_log.append(make_record())
    with pytest.raises(Untimely, match="365 days later"):
        await fresh.erasures.erase("A-1", actor="ann")
    place = await fresh.log.begin_time_anew(actor="command:ann", name="ann", note="the time server was wrong")
    await fresh.decision_log.append(make_record())
    assert await fresh.erasures.erase("A-1", actor="ann")
    note = (await verify(fresh)).notes[-1]
    assert note.startswith(f"line {place} says that times before it were wrong, up to ")
    assert "the time server was wrong (ann, " in note
