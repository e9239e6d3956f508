"""What a process may hold is bounded as it is set: decisions that wait, decisions in a commit, connections."""

import asyncio

import asyncpg
import pytest

from store.clock import Clock
from store.database import connect
from store.decisionlog import DecisionLog
from store.errors import Busy, Unavailable
from store.store import Store, StoreSettings
from tests.store.loggers import make_record
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio
SETTINGS = StoreSettings(patience_seconds=PATIENCE_SECONDS, log_deadline_seconds=PATIENCE_SECONDS)
CONNECTIONS_COUNT = SETTINGS.writer_count + SETTINGS.pool_size + 2  # one for news, one for reading accounts


async def test_one_more_than_may_wait_is_refused() -> None:
    """At once, while as many as may wait for PostgreSQL; those inside are not given up for it."""

    async def never() -> asyncpg.Connection:
        await asyncio.Event().wait()
        raise AssertionError

    log = DecisionLog(never, Clock(), queue_limit=SETTINGS.queue_limit, deadline_seconds=PATIENCE_SECONDS)
    inside = asyncio.create_task(log.append_many([make_record()] * SETTINGS.queue_limit))
    await asyncio.wait([inside], timeout=0)
    assert log.waiting_count == SETTINGS.queue_limit
    with pytest.raises(Busy, match="too much waits"):
        await log.append(make_record())
    assert not inside.done()
    inside.cancel()
    await asyncio.gather(inside, return_exceptions=True)
    with pytest.raises(Unavailable):
        await asyncio.gather(log.close(), log.append(make_record()))


async def test_a_commit_has_so_many_decisions_at_most(store: Store) -> None:
    """Of more that wait together the first make one transaction, the rest another."""
    log = DecisionLog(
        lambda: connect(store.database.url),
        Clock(),
        writer_count=1,
        batch_limit=SETTINGS.batch_limit,
        deadline_seconds=PATIENCE_SECONDS,
    )
    await asyncio.gather(*(log.append(make_record(number)) for number in range(SETTINGS.batch_limit + 200)))
    await log.close()
    each = "SELECT count(*) FROM dunning.decisions GROUP BY xmin::text"
    counts = f"SELECT array_agg(count ORDER BY count) FROM ({each}) transactions"  # noqa: S608  constant
    assert await store.database.fetchval(counts) == [200, SETTINGS.batch_limit]


async def test_a_process_holds_a_few_connections(empty_database_url: str) -> None:
    """However much is asked of it at once."""
    async with await Store.open(empty_database_url, settings=SETTINGS) as store:
        await store.accounts.put("anna", b"{}")
        asked = [store.accounts.read("anna") for _ in range(100)]
        logged = [store.decision_log.append(make_record(number)) for number in range(100)]
        listed = [store.database.fetchval("SELECT pg_sleep(0.01)") for _ in range(100)]
        await asyncio.gather(*asked, *logged, *listed)
        held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert await store.database.fetchval(held) == CONNECTIONS_COUNT == 8
