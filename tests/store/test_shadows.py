"""What a shadow would have decided is kept for as long as it is that shadow's, and no longer than decisions' facts."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import pytest

from store import erasures, shadows
from store.database import connect
from store.identifiers import first_id_at
from store.rulesets import Provenance, RulesetDraft
from store.shadows import Shadow, ShadowDecision, Step
from store.statements import sql
from store.store import Store
from tests.store.loggers import make_record
from tests.waiting import until

pytestmark = pytest.mark.anyio
UNTIL = dt.datetime(2091, 1, 1, tzinfo=dt.UTC)
STEP = Step(outcome="wait")
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid != pg_backend_pid()"
)

REFUSE_MANY = """
CREATE FUNCTION dunning.refuse_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM gone) > 2 THEN RAISE 'too many at once'; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_many AFTER DELETE ON dunning.shadow_decisions
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION dunning.refuse_many()
"""


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        yield opened


async def begin(store: Store) -> Shadow:
    """Begin a shadow of the one version there is."""
    draft = RulesetDraft(ruleset_id="demo", digest="sha256:a", text="text", canonical="{}")
    await store.rulesets.publish(draft, Provenance(publisher="ann"))
    return await store.shadows.begin("demo", 1, percent=100, until=UNTIL, name="ann")


def decide(decision_id: str) -> ShadowDecision:
    """Decide the same as was decided."""
    return ShadowDecision(
        decision_id=decision_id, champion=STEP, challenger=STEP, is_same=True, currency=None, amount=None
    )


async def test_nothing_of_a_shadow_comes_into_the_one_that_replaces_it(fresh: Store, empty_database_url: str) -> None:
    """What is being recorded while another shadow begins is forgotten with the rest of the old one."""
    decision = make_record()
    await fresh.decision_log.append(decision)
    old = await begin(fresh)
    holder = await connect(empty_database_url)
    held = holder.transaction()
    await held.start()
    await holder.execute("SELECT FROM dunning.decisions WHERE id = $1::text::uuid FOR UPDATE", decision.id)
    recording = asyncio.create_task(fresh.shadows.record(old, [decide(decision.id)]))
    await until(lambda: fresh.database.fetchval(WAITING))
    beginning = asyncio.create_task(begin(fresh))

    async def is_begun_or_waits() -> bool:
        return beginning.done() or bool(await fresh.database.fetchval(WAITING) == 2)

    await until(is_begun_or_waits)
    await held.rollback()
    await holder.close()
    await asyncio.gather(recording, beginning)
    assert await fresh.shadows.summarise("demo") == ()
    await fresh.shadows.record(old, [decide(decision.id)])
    assert await fresh.shadows.summarise("demo") == ()


async def test_a_server_that_names_no_shadow_goes_on_recording(fresh: Store) -> None:
    """Beside the new tables, until it is stopped: what it records is of the shadow that there is, and goes with it."""
    await fresh.decision_log.append(make_record())
    await begin(fresh)
    await fresh.database.fetch(
        "INSERT INTO dunning.shadow_decisions"
        " (ruleset_id, decision_id, account_id, at, champion, challenger, is_same)"
        """ SELECT 'demo', d.id, d.account_id, d.at, '{"outcome":"wait"}', '{"outcome":"wait"}', true"""
        " FROM dunning.decisions d"
    )
    (cell,) = await fresh.shadows.summarise("demo")
    assert (cell.champion, cell.accounts) == (STEP, 1)
    await begin(fresh)
    assert await fresh.shadows.summarise("demo") == ()


async def test_one_that_replaces_another_waits_for_no_erasure(fresh: Store, empty_database_url: str) -> None:
    """Who erases holds the end of the log and waits for rows; who begins a shadow never has both either."""
    decisions = [make_record(number) for number in range(3)]
    await fresh.decision_log.append_many(decisions)
    await fresh.shadows.record(await begin(fresh), [decide(each.id) for each in decisions])
    erasing = await connect(empty_database_url)
    held = erasing.transaction()
    await held.start()
    await erasing.execute("DELETE FROM dunning.shadow_decisions WHERE decision_id = $1::text::uuid", decisions[0].id)
    await begin(fresh)
    assert await fresh.shadows.summarise("demo") == ()
    await held.rollback()
    await erasing.close()
    assert await fresh.database.fetchval("SELECT count(*) FROM dunning.shadow_decisions") == 1
    await begin(fresh)
    assert await fresh.database.fetchval("SELECT count(*) FROM dunning.shadow_decisions") == 0


async def test_what_is_forgotten_goes_in_batches(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a shadow has decided, no statement takes away more than one batch of it."""
    monkeypatch.setattr(shadows, "_BATCH", 2)
    decisions = [make_record(number) for number in range(5)]
    await fresh.decision_log.append_many(decisions)
    await fresh.shadows.record(await begin(fresh), [decide(each.id) for each in decisions])
    async with fresh.database.connection() as connection:
        await connection.execute(REFUSE_MANY)
    await begin(fresh)
    assert await fresh.database.fetchval("SELECT count(*) FROM dunning.shadow_decisions") == 0


async def test_retention_takes_them_in_batches_after_its_line(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fails on the way has said in the log that it began, and the next takes it up; later ones stay."""
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    records = [make_record(number, id=first_id_at(day + dt.timedelta(days=number))) for number in range(7)]
    await fresh.decision_log.append_many(records)
    await fresh.shadows.record(await begin(fresh), [decide(each.id) for each in records])
    async with fresh.database.connection() as connection:
        await connection.execute(REFUSE_MANY)
    before = day + dt.timedelta(days=5)
    with pytest.raises(asyncpg.RaiseError, match="too many at once"):
        _ = [counts async for counts in fresh.erasures.erase_older(before, actor="ann")]
    lines = "SELECT count(*) FROM dunning.log_entries WHERE kind = 'retention'"
    assert await fresh.database.fetchval(lines) == 1
    monkeypatch.setattr(erasures, "_BATCH", 2)
    assert sum([erased async for _, erased in fresh.erasures.erase_older(before, actor="ann")]) == 5
    (cell,) = await fresh.shadows.summarise("demo")
    assert cell.accounts == 2
    assert await fresh.database.fetchval("SELECT min(at) FROM dunning.shadow_decisions") == before


@pytest.mark.parametrize(
    ("index", "statement", "arguments"),
    [
        ("shadow_decisions_by_age", "erasure.erase_aged_shadows", (UNTIL, 10)),
        ("shadow_decisions_last", "shadows.summarise", ("demo",)),
    ],
)
async def test_none_is_looked_for_among_all(
    fresh: Store, index: str, statement: str, arguments: tuple[object, ...]
) -> None:
    """Those of an age, and the last of each account, stand in an order of their own."""
    async with fresh.database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        await connection.execute("SET LOCAL enable_sort = off")
        plan = await connection.fetch(f"EXPLAIN {sql(statement)}", *arguments)
    assert any(index in row[0] for row in plan)
