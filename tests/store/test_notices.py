"""News from other replicas."""

import asyncio
from math import isfinite

import pytest

from store.clock import Clock
from store.database import announce, connect
from store.notices import Notices
from store.store import Store

pytestmark = pytest.mark.anyio


async def test_after_a_lost_connection_everything_is_read_again(store: Store, database_url: str) -> None:
    """What was missed while the connection was down is made up for: listeners are called once it is back."""
    calls: asyncio.Queue[str] = asyncio.Queue()
    notices = Notices(lambda: connect(database_url), Clock())

    async def hear() -> None:
        calls.put_nowait("heard")

    notices.subscribe("topic", hear)
    await notices.start(patience_seconds=5)
    await calls.get()
    await store.database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert await calls.get() == "heard"
    await notices.close()


async def test_only_the_topic_that_changed_is_told(store: Store, database_url: str) -> None:
    """A notice reaches the listeners of its topic and no others."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    notices = Notices(lambda: connect(database_url), Clock())

    async def hear(topic: str) -> None:
        heard.put_nowait(topic)

    notices.subscribe("one", lambda: hear("one"))
    notices.subscribe("two", lambda: hear("two"))
    await notices.start(patience_seconds=5)
    assert [await heard.get(), await heard.get()] == ["one", "two"]
    for topics in (("unknown", "two"), ("one",)):
        async with store.database.transaction() as connection:
            for topic in topics:
                await announce(connection, topic)
        assert await heard.get() == topics[-1]
    assert heard.empty()
    await notices.close()


async def test_a_listener_that_fails_is_called_again(database_url: str) -> None:
    """A listener's failure costs nothing but time: it is called again until it succeeds."""
    calls: list[str] = []
    done = asyncio.Event()
    notices = Notices(lambda: connect(database_url), Clock())

    async def hear() -> None:
        calls.append("call")
        if len(calls) < 3:
            raise ArithmeticError
        done.set()

    notices.subscribe("topic", hear)
    await notices.start(patience_seconds=5)
    await done.wait()
    assert len(calls) == 3
    assert isfinite(notices.silent_seconds)  # it has heard
    await notices.close()
