"""Figures are added up from what is known of accounts as columns, which can be thrown away and made anew."""

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from api import knowing
from api.app import create_app
from api.debtors import read_terms
from api.knowing import know, work_off_marks
from api.recovering import Made, make_stored_report
from api.service import Settings
from engine.recovery.debtor import Debtor
from engine.recovery.grouping import BYS, By
from engine.recovery.knowing import Piece, Words, list_pieces
from engine.recovery.report import Asked, Report
from store import known as known_store
from store.known import KnownKeeper, KnownSource, Marked, count_faults, has_marks, keeping
from store.outcomes import NewOutcome
from store.recovery import open_source
from store.rulesets import Provenance, RulesetDraft
from store.statements import sql
from store.store import Store
from tests.recovery.generate import make_debtor
from tests.recovery.stored import write_debtors
from tests.store.dumping import dump
from tests.waiting import until

pytestmark = pytest.mark.anyio

_ACCOUNTS = "SELECT * FROM dunning.known_accounts ORDER BY number"
TABLES = ("known_accounts", "known_pieces", "known_marks")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_PIECES = "SELECT * FROM dunning.known_pieces ORDER BY account, currency, due_on, from_on"
DOCUMENT = (
    b'{"id": "A-1", "currency": "EUR", "segment": "marker-word",'
    b' "invoices": [{"id": "I-1", "due_on": "2026-11-06", "open": 60}]}'
)
SHOP = RulesetDraft(
    ruleset_id="shop", digest="sha256:a", text="text", canonical='{"timezone": "Pacific/Auckland", "tolerance_days": 3}'
)
PAID = b'{"id": "late", "type": "payment", "at": "2026-11-10T09:00:00Z", "amount": 5}'
LATE = dt.date(2099, 12, 31)  # after whatever is recorded when the test runs


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        yield opened


async def pay(store: Store, account_id: str) -> None:
    """Record a payment that came long after the others."""
    at = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)
    await store.outcomes.record(account_id, lambda _: [NewOutcome(id="late", type="payment", at=at, outcome=PAID)])


async def let_shop_answer(store: Store) -> None:
    """Let a ruleset be the one that answered about every account."""
    async with store.database.transaction() as connection:
        await connection.execute("UPDATE dunning.due SET ruleset_id = 'shop'")


async def list_stale(store: Store) -> Sequence[str]:
    """List the marks, and the accounts that are known by other terms than those of now."""
    async with open_source(store.database.url) as source:
        return await KnownSource(source.connection, (await read_terms(source)).made_by).list_stale()


async def read_notices(store: Store) -> list[str]:
    """Read what a server has to say that is in the way of nothing."""
    app = create_app(Settings(due=False), store)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx's looser types
        async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test") as client:
            notices: list[str] = (await client.get("/readyz")).json()["notices"]
            return notices


async def read_known(store: Store) -> list[list[tuple[Any, ...]]]:
    """Read all that is known."""
    return [[tuple(row) for row in await store.database.fetch(statement)] for statement in (_ACCOUNTS, _PIECES)]


async def report(store: Store, day: dt.date = LATE, by: By | None = None) -> Made:
    """Make a report of everything."""
    return await make_stored_report(store.database.url, Asked(as_of=day, by=by))


async def report_all(store: Store) -> list[Report]:
    """Make a report of some days, each split by something else."""
    days = (dt.date(2026, 3, 20), dt.date(2026, 4, 15), dt.date(2026, 6, 30), LATE)
    return [(await report(store, *each)).report for each in zip(days, BYS, strict=False)]


async def make_anew(store: Store) -> None:
    """Throw away what is known, but for the numbers of accounts, and make it anew."""
    async with store.database.transaction() as connection:
        await connection.execute("TRUNCATE dunning.known_pieces")
        await connection.execute("UPDATE dunning.known_accounts SET words = '{}', currencies = '{}', made_by = ''")
    await work_off_marks(store.database.url)


async def test_random_companies_are_known_as_they_are_when_made_anew(
    fresh: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change by change or all at once, and the figures are those of what was written, on every day; read in parts."""
    monkeypatch.setattr(known_store, "_PART", 7)
    numbers = random.Random("companies")
    debtors = [make_debtor(numbers, f"A-{number}") for number in range(60)]
    async with fresh.database.connection(60) as connection:
        await write_debtors(connection, debtors)
    from_log = await report_all(fresh)
    assert await work_off_marks(fresh.database.url) == len(debtors)
    assert await report_all(fresh) == from_log
    for debtor in debtors[:20]:
        await pay(fresh, debtor.id)
    changed = await report_all(fresh)
    assert changed[:3] == from_log[:3]
    assert changed[3] != from_log[3]
    assert await work_off_marks(fresh.database.url) == 20
    assert await report_all(fresh) == changed
    known = await read_known(fresh)
    await make_anew(fresh)
    assert await read_known(fresh) == known


async def test_whatever_is_written_marks_its_account(fresh: Store) -> None:
    """Documents, entries and outcomes; a document that says the same to figures does not."""
    await fresh.accounts.put("A-1", DOCUMENT)
    assert await work_off_marks(fresh.database.url) == 1
    await fresh.accounts.put("A-1", DOCUMENT.replace(b'"id"', b'"vip": true, "id"', 1))
    assert await work_off_marks(fresh.database.url) == 0
    await fresh.accounts.put("A-1", DOCUMENT.replace(b"60", b"70"))
    assert await work_off_marks(fresh.database.url) == 1
    await pay(fresh, "A-1")
    assert await work_off_marks(fresh.database.url) == 1
    at = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)
    await fresh.history.record("A-1", b'{"at": "2026-11-10T09:00:00Z", "rule": "call", "episode": "2026-11-06"}', at=at)
    assert await work_off_marks(fresh.database.url) == 1
    (euro,) = (await report(fresh, by="rule")).report.currencies
    assert ([row.key for row in euro.rows], euro.total.recovered) == (["call"], 500)


async def test_an_account_that_answers_to_another_ruleset_is_known_by_its_terms(fresh: Store) -> None:
    """Also where only the terms of the ruleset changed: nobody marks its accounts then."""
    await fresh.accounts.put("A-1", DOCUMENT)
    await work_off_marks(fresh.database.url)
    await let_shop_answer(fresh)
    assert await work_off_marks(fresh.database.url) == 1
    async with fresh.database.transaction() as connection:
        await connection.execute("UPDATE dunning.known_accounts SET made_by = 'terms of before'")
    before = await report(fresh)
    assert before.report.accounts == 1
    assert await work_off_marks(fresh.database.url) == 1
    assert await report(fresh) == before


async def test_an_account_whose_ruleset_is_published_later_is_known_by_its_terms(fresh: Store) -> None:
    """By those of nobody until then, as often as they change, and not again and again."""
    await fresh.accounts.put("A-1", DOCUMENT)
    await let_shop_answer(fresh)
    assert await work_off_marks(fresh.database.url) == 1
    assert await work_off_marks(fresh.database.url) == 0
    await fresh.rulesets.publish(SHOP, Provenance(publisher="ann"))
    assert await list_stale(fresh) == ["", "A-1"]
    assert await work_off_marks(fresh.database.url) == 1
    assert await list_stale(fresh) == []


async def test_terms_that_change_while_columns_are_made_hold_from_the_next_batch_on(
    fresh: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made by those of before is made anew, and what comes after at once by those of now."""
    monkeypatch.setattr(knowing, "_BATCH", 1)
    take = KnownKeeper.take

    async def publish_and_take(keeper: KnownKeeper, most: int) -> Sequence[Marked]:
        if await fresh.database.fetchval("SELECT count(*) FROM dunning.known_accounts"):
            await fresh.rulesets.publish(SHOP, Provenance(publisher="ann"))
        return await take(keeper, most)

    monkeypatch.setattr(KnownKeeper, "take", publish_and_take)
    for name in ("A-1", "A-2"):
        await fresh.accounts.put(name, DOCUMENT.replace(b"A-1", name.encode()))
    await let_shop_answer(fresh)
    assert await work_off_marks(fresh.database.url) == 3
    assert await list_stale(fresh) == []


async def test_nothing_is_known_of_an_account_that_was_erased(fresh: Store, empty_database_url: str) -> None:
    """Its words neither, nor that it was marked; and what another process is about to write of it is not."""
    await fresh.accounts.put("A-1", DOCUMENT)
    await work_off_marks(empty_database_url)
    assert "marker-word" in dump(empty_database_url)
    await pay(fresh, "A-1")
    async with keeping(empty_database_url) as keeper:
        assert keeper is not None
        (marked,) = await keeper.take(10)
        (account,) = await keeper.source.read(["A-1"])
        known = know(marked, account, await read_terms(keeper.source))
        assert await fresh.erasures.erase("A-1", actor="ann")
        await keeper.keep([marked], [known])
    for table in TABLES:
        assert not await fresh.database.fetch(f"SELECT * FROM dunning.{table}")  # noqa: S608  names of our own
    assert "marker-word" not in dump(empty_database_url)
    assert (await report(fresh)).report.accounts == 0


async def test_an_erasure_waits_for_what_is_being_written_of_its_account(fresh: Store, empty_database_url: str) -> None:
    """Neither waits for the other in turn: both are done, and nothing is known afterwards."""
    await fresh.accounts.put("A-1", DOCUMENT)
    async with keeping(empty_database_url) as keeper:
        assert keeper is not None
        (marked,) = await keeper.take(10)
        (account,) = await keeper.source.read(["A-1"])
        known = know(marked, account, await read_terms(keeper.source))
        async with keeper.source.connection.transaction():
            await keeper.source.connection.fetch(sql("known.hold_accounts"), ["A-1"])
            erasing = asyncio.create_task(fresh.erasures.erase("A-1", actor="ann"))
            await until(lambda: fresh.database.fetchval(WAITING))
            await keeper.keep([marked], [known])
        assert await erasing
    for table in TABLES:
        assert not await fresh.database.fetch(f"SELECT * FROM dunning.{table}")  # noqa: S608  names of our own


async def test_an_account_that_columns_cannot_be_made_of_holds_up_no_other(
    fresh: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, is read from what was written, and is tried again when something is written of it."""
    for name in ("A-1", "A-2", "A-3"):
        await fresh.accounts.put(name, DOCUMENT.replace(b"A-1", name.encode()))
    before = await report(fresh)

    def fail(number: int, debtors: Sequence[Debtor], words: Words) -> list[Piece]:
        if debtors[0].id == "A-2":
            raise OverflowError
        return list_pieces(number, debtors, words)

    with monkeypatch.context() as broken:
        broken.setattr(knowing, "list_pieces", fail)
        assert await work_off_marks(fresh.database.url) == 3
        assert await work_off_marks(fresh.database.url) == 0
    assert "Account A-2 was left aside" in caplog.text
    assert (await count_faults(fresh.database), await list_stale(fresh)) == (1, ["A-2"])
    assert "figures of 1 accounts are read from what was written each time" in (await read_notices(fresh))[-1]
    assert await report(fresh) == before
    await pay(fresh, "A-2")
    assert await work_off_marks(fresh.database.url) == 1
    assert (await count_faults(fresh.database), await list_stale(fresh)) == (0, [])


async def test_what_ends_the_process_undoes_seconds_of_its_work(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the whole batch: accounts before the one at which it ended are known."""
    for name in ("A-1", "A-2", "A-3"):
        await fresh.accounts.put(name, DOCUMENT.replace(b"A-1", name.encode()))
    monkeypatch.setattr(knowing, "_KEPT_SECONDS", -1.0)

    def end(number: int, debtors: Sequence[Debtor], words: Words) -> list[Piece]:
        if debtors[0].id == "A-3":
            raise asyncio.CancelledError
        return list_pieces(number, debtors, words)

    with monkeypatch.context() as ending:
        ending.setattr(knowing, "list_pieces", end)
        with pytest.raises(asyncio.CancelledError):
            await work_off_marks(fresh.database.url)
    assert await list_stale(fresh) == ["A-3"]
    assert await work_off_marks(fresh.database.url) == 1


async def test_an_account_that_would_take_long_is_read_from_what_was_written(
    fresh: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody makes columns of it, and nobody calls it a fault; what was known of it before is forgotten."""
    await fresh.accounts.put("A-1", DOCUMENT)
    await fresh.accounts.put("A-2", b'{"id": "A-2", "currency": "EUR"}')
    await work_off_marks(fresh.database.url)
    assert await fresh.database.fetch(_PIECES)
    await pay(fresh, "A-1")
    before = await report(fresh)
    monkeypatch.setattr(knowing, "_MOST_WORK", 20)
    assert await work_off_marks(fresh.database.url) == 1
    assert await work_off_marks(fresh.database.url) == 0
    assert (await count_faults(fresh.database), await list_stale(fresh)) == (0, ["A-1"])
    assert await report(fresh) == before
    assert not await fresh.database.fetch(_PIECES)


async def test_one_process_at_a_time_keeps_what_is_known(fresh: Store, empty_database_url: str) -> None:
    """Another one leaves it to that one, and finds the marks afterwards."""
    await fresh.accounts.put("A-1", DOCUMENT)
    assert await has_marks(fresh.database)
    async with keeping(empty_database_url):
        assert not await has_marks(fresh.database)
        assert await work_off_marks(empty_database_url) == 0
    assert await work_off_marks(empty_database_url) == 1
    assert not await has_marks(fresh.database)


async def test_what_cannot_be_read_is_told_with_its_reason_known_or_not(fresh: Store) -> None:
    """In the order of ids, and counted in no figure."""
    for name in ("B", "A", "C"):
        await fresh.accounts.put(name, b'{"currency": "XXX"}' if name != "C" else DOCUMENT)
    before = await report(fresh)
    assert (before.unreadable, [each.account_id for each in before.unreadable_first]) == (2, ["A", "B"])
    await work_off_marks(fresh.database.url)
    assert await report(fresh) == before
    await fresh.accounts.put("A", b'{"currency": "XXX", "segment": "smb"}')
    assert await report(fresh) == before
    assert before.report.accounts == 1
