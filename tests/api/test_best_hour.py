"""Calls at the best hour: what is recorded of calls counts for everybody like the account, and stands in the input."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.runs import RunWorker
from store.store import StoreSettings
from tests.api.asking import Asking, start

pytestmark = pytest.mark.anyio

CALLING = """
ruleset: calling
title: Calls when they are answered
currency: EUR
timezone: Europe/Amsterdam
calendar: {weekend: [], hours: {phone: "10:00-20:00"}}
rules:
  - {id: call, when: {days_overdue: 1..}, then: {action: place_call, channel: phone, schedule: {time: best}}}
"""
PLAIN = CALLING.replace(", schedule: {time: best}", "")
OVERDUE = {"currency": "EUR", "channels": ["phone"], "invoices": [{"id": "I-1", "due_on": "2026-03-01", "open": 49.95}]}
# Of these accounts none is explored on 4 March 2026: their numbers are 8568, 4208 and 6763.
AS_OF = {"as_of": "2026-03-04T09:00:00+01:00"}
_HELD_SECONDS = 600.0  # longer than the test


@pytest.fixture(name="asking")
async def open_service(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service with a ruleset whose calls wait."""
    async with start(empty_database_url) as asking:
        await asking.publish(CALLING)
        yield asking


async def put(client: httpx.AsyncClient, name: str, **facts: Any) -> None:
    """Store an account."""
    answer = await client.put(f"/v1/accounts/{name}", json={"id": name} | OVERDUE | facts)
    assert answer.is_success, answer.text


async def call(client: httpx.AsyncClient, name: str, *instants: str, kind: str = "reached") -> None:
    """Record calls."""
    calls = [{"id": f"{kind}-{at}", "type": kind, "at": at} for at in instants]
    answer = await client.post(f"/v1/accounts/{name}/outcomes", json=calls)
    assert answer.is_success, answer.text


async def ask(client: httpx.AsyncClient, name: str) -> Any:
    """Ask, and return the whole decision."""
    answer = await client.get(f"/v1/accounts/{name}/next-action", params=AS_OF)
    assert answer.is_success, answer.text
    return answer.json()


@contextlib.asynccontextmanager
async def hold_all_but_one(asking: Asking) -> AsyncIterator[None]:
    """Hold the connections of the pool but for one."""
    async with contextlib.AsyncExitStack() as held:
        for _ in range(StoreSettings().pool_size - 1):
            await held.enter_async_context(asking.store.database.connection(_HELD_SECONDS))
        yield


async def test_the_calls_of_others_count(asking: Asking) -> None:
    """By the hour of each one's own zone, and by its segment; sent again, a call counts once."""
    client = asking.client
    await put(client, "B-1", segment="smb")
    await put(client, "B-2", segment="smb", timezone="America/New_York")
    await put(client, "B-3", segment="consumer")
    assert "best_hour" not in (await ask(client, "B-1"))["action"]
    await call(client, "B-2", "2026-03-02T16:30:00-05:00", "2026-03-03T17:30:00-05:00")
    await call(client, "B-2", "2026-03-02T16:30:00-05:00", "2026-03-03T17:30:00-05:00")
    await call(client, "B-2", "2026-03-01T16:00:00-05:00", kind="not_reached")
    await call(client, "B-3", "2026-03-03T12:00:00+01:00")
    says = "16–18 h: 0 of 0 answered; people like this 67 %"
    assert (await ask(client, "B-1"))["action"]["best_hour"]["says"] == "12–14 h: 0 of 0 answered; all accounts 100 %"
    await call(client, "B-1", "2026-03-03T12:00:00+01:00", kind="not_reached")
    action = (await ask(client, "B-1"))["action"]
    assert (action["best_hour"]["says"], action["scheduled_for"]) == (says, "2026-03-04T16:00:00+01:00")


async def test_the_figures_stand_in_the_input(asking: Asking) -> None:
    """A decision is replayed with the figures of its time, whatever was recorded since."""
    client = asking.client
    await put(client, "B-1")
    await call(client, "B-1", "2026-03-03T12:00:00+01:00")
    decision = await ask(client, "B-1")
    await call(client, "B-1", "2026-03-03T11:00:00+01:00", kind="not_reached")
    replayed = (await client.post(f"/v1/decisions/{decision['decision_id']}/replay")).json()
    assert replayed["is_equal"] is True
    logged = (await client.get(f"/v1/decisions/{decision['decision_id']}")).json()["input"]
    assert logged["account"]["call_hours"] == [{"window": "12-14", "of": "all", "answered": 1, "calls": 1}]


async def test_every_way_of_asking_has_them(asking: Asking) -> None:
    """One, many and the worklist decide alike, and the list of the work says what is known of the hour."""
    client = asking.client
    asking.now = dt.datetime(2090, 3, 3, 8, tzinfo=dt.UTC)
    await put(client, "B-1")
    await call(client, "B-1", "2026-03-03T12:00:00+01:00")
    says = "12–14 h: 1 of 1 answered; all accounts 100 %"
    many = (await client.post("/v1/next-actions", json={"items": [{"account_id": "B-1"} | AS_OF]})).json()
    assert many["items"][0]["decision"]["action"]["best_hour"]["says"] == says
    await asking.ask_all()
    assert str((await asking.read("B-1")).reason).endswith(says)


async def test_whoever_holds_accounts_waits_for_no_other_connection(asking: Asking) -> None:
    """Those who write to accounts that are asked about wait for their answers, and may hold all the others by then."""
    client = asking.client
    await put(client, "B-1")
    asking.now = dt.datetime.fromisoformat(AS_OF["as_of"])
    run_id = (await client.post("/v1/runs", json=AS_OF)).json()["id"]
    worker = RunWorker(asking.service)
    async with hold_all_but_one(asking):
        while await worker.take_turn():
            pass
    for deed in ("approve", "release"):
        assert (await client.post(f"/v1/runs/{run_id}/{deed}", json={})).is_success
    async with hold_all_but_one(asking):
        while await worker.take_turn():
            pass
    assert (await client.get(f"/v1/runs/{run_id}")).json()["state"] == "released"
    asking.now = dt.datetime(2090, 3, 3, 8, tzinfo=dt.UTC)
    async with hold_all_but_one(asking):
        await asking.ask_all()
    assert (await asking.read("B-1")).decided_at == asking.now


async def test_who_knows_better_is_believed(asking: Asking) -> None:
    """An account that says itself how calls are answered keeps its own figures."""
    own = [{"window": "14-16", "of": "segment", "answered": 1, "calls": 2}]
    await put(asking.client, "B-1", call_hours=own)
    await put(asking.client, "B-2")
    await call(asking.client, "B-2", "2026-03-03T12:00:00+01:00")
    assert (await ask(asking.client, "B-1"))["action"]["best_hour"]["window"] == "14-16"


async def test_who_is_erased_stays_counted(asking: Asking) -> None:
    """What is left of an account that is erased are numbers that name nobody."""
    client = asking.client
    await put(client, "B-2", segment="smb")
    await call(client, "B-2", "2026-03-03T12:00:00+01:00")
    assert (await client.delete("/v1/accounts/B-2")).is_success
    await put(client, "B-1", segment="smb")
    assert (await ask(client, "B-1"))["action"]["best_hour"][
        "says"
    ] == "12–14 h: 0 of 0 answered; people like this 100 %"


async def test_nothing_is_told_where_nobody_waits(asking: Asking) -> None:
    """Where no call waits for its hour, the input is the account as it was stored."""
    client = asking.client
    await put(client, "B-1")
    await call(client, "B-1", "2026-03-03T12:00:00+01:00")
    await asking.publish(PLAIN)
    decision = await ask(client, "B-1")
    logged = (await client.get(f"/v1/decisions/{decision['decision_id']}")).json()["input"]
    assert "call_hours" not in logged["account"]


async def test_a_run_is_told_the_same(asking: Asking) -> None:
    """What is proposed, and what is released of it, is scheduled as a single question would be."""
    client = asking.client
    await put(client, "B-1", segment="smb")
    await put(client, "B-2", segment="smb")
    await call(client, "B-2", "2026-03-02T16:30:00+01:00", "2026-03-03T17:30:00+01:00")
    asking.now = dt.datetime.fromisoformat(AS_OF["as_of"])
    expected = (await ask(client, "B-1"))["action"]["scheduled_for"]
    assert expected == "2026-03-04T16:00:00+01:00"
    run_id = (await client.post("/v1/runs", json=AS_OF)).json()["id"]
    worker = RunWorker(asking.service)
    while await worker.take_turn():
        pass
    items = (await client.get(f"/v1/runs/{run_id}/items")).json()["items"]
    assert {item["account_id"]: item["scheduled_for"] for item in items}["B-1"] == expected
    for deed in ("approve", "release"):
        assert (await client.post(f"/v1/runs/{run_id}/{deed}", json={})).is_success
    while await worker.take_turn():
        pass
    items = (await client.get(f"/v1/runs/{run_id}/items", params={"state": "released"})).json()["items"]
    released = {item["account_id"]: item["decision_id"] for item in items}
    logged = (await client.get(f"/v1/decisions/{released['B-1']}")).json()
    assert logged["action"]["scheduled_for"] == expected
