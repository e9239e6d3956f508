"""GET /v1/events."""

import datetime as dt
from typing import Any

import httpx
import pytest

from store.events import PromiseBroken, RunFinished
from store.outbox import tell
from store.store import Store

pytestmark = pytest.mark.anyio


async def _write(store: Store, *runs: str) -> None:
    async with store.database.transaction() as connection:
        await tell(connection, *(RunFinished(run=run) for run in runs))


async def _read(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def test_an_event_is_a_cloudevent(client: httpx.AsyncClient, store: Store) -> None:
    """What is answered has the attributes of CloudEvents 1.0, and ids in its data."""
    before = (await _read(client, limit="1000"))["next_after"]
    async with store.database.transaction() as connection:
        await tell(connection, PromiseBroken(account_id="A-1", promise="P-1"))
    (event,) = (await _read(client, after=before))["events"]
    assert dt.datetime.fromisoformat(event.pop("time")).tzinfo is not None
    assert len(event.pop("id")) == 36
    assert event == {
        "specversion": "1.0",
        "source": "urn:dunning",
        "type": "promise.broken",
        "subject": "accounts/A-1",
        "datacontenttype": "application/json",
        "sequence": f"{int(before) + 1:019}",
        "data": {"account_id": "A-1", "promise": "P-1"},
    }


async def test_a_reader_goes_on_where_it_was(client: httpx.AsyncClient, store: Store) -> None:
    """`next_after` asks for what follows; where nothing does, it is what was asked."""
    after = (await _read(client, limit="1000"))["next_after"]
    await _write(store, "one", "two", "three")
    first = await _read(client, after=after, limit="2")
    assert [event["data"]["run"] for event in first["events"]] == ["one", "two"]
    second = await _read(client, after=first["next_after"], limit="2")
    assert [event["data"]["run"] for event in second["events"]] == ["three"]
    assert await _read(client, after=second["next_after"]) == {"events": [], "next_after": second["next_after"]}
    assert await _read(client, after=str(int(second["next_after"]))) == {
        "events": [],
        "next_after": second["next_after"],
    }


async def test_publishing_is_told(client: httpx.AsyncClient, published: dict[str, Any]) -> None:
    """A version that was published over HTTP is told with its number and digest."""
    events = (await _read(client, limit="1000"))["events"]
    told = {event["type"]: event["data"] for event in events if event["subject"] == "rulesets/nl-consumer/versions/1"}
    named = {"ruleset": "nl-consumer", "version": 1, "digest": published["digest"]}
    assert told == {"ruleset.published": named, "ruleset.in_use": named}


@pytest.mark.parametrize("after", ["x", "-1", "9" * 19, "1" * 20, "1.5"])
async def test_a_place_that_is_none_is_refused(client: httpx.AsyncClient, after: str) -> None:
    """What no event's place can be is refused by name."""
    answer = await client.get("/v1/events", params={"after": after})
    assert (answer.status_code, answer.json()["problems"][0]["parameter"]) == (422, "after")


async def test_events_need_their_scope(client: httpx.AsyncClient, store: Store) -> None:
    """A token for other things reads no events."""
    secret = (await store.tokens.create("decides", frozenset({"decide"}))).secret
    answer = await client.get("/v1/events", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403


async def test_forgotten_events_are_said(client: httpx.AsyncClient, store: Store) -> None:
    """Whoever asks from before what is kept is told to read anew, and can begin without `after`."""
    await _write(store, "old", "older")
    await _read(client)
    await store.outbox.forget(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    answer = await client.get("/v1/events", params={"after": "1"})
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:dunning:problem:events-forgotten")
    assert (await _read(client))["events"] == []
