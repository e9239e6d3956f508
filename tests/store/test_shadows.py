"""What a shadow would have decided is kept for as long as it is that shadow's, and no longer than decisions' facts."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from store.database import connect
from store.rulesets import Provenance, RulesetDraft
from store.shadows import Shadow, ShadowDecision, Step
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


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store with one published version, on a database of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        draft = RulesetDraft(ruleset_id="demo", digest="sha256:a", text="text", canonical="{}")
        await opened.rulesets.publish(draft, Provenance(publisher="ann"))
        yield opened


async def begin(store: Store) -> Shadow:
    """Begin a shadow, of whatever version."""
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
