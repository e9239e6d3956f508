"""The decision log, listed."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]


@pytest.fixture(scope="module")
async def decided(client: httpx.AsyncClient, published: dict[str, Any]) -> list[str]:
    """Ten decisions about one account, one of them blocked."""
    del published
    ids = []
    for number in range(10):
        account = ANNA | {"id": "listed", "disputed": number == 3}
        answer = await client.post("/v1/next-action", json={"account": account, "as_of": AS_OF})
        ids.append(answer.json()["decision_id"])
    return ids


async def list_ids(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    """List the ids of this module's account."""
    answer = await client.get("/v1/decisions", params={"account": "listed"} | filters)
    assert answer.status_code == 200, answer.text
    return [one["decision_id"] for one in answer.json()["decisions"]]


async def test_pages_follow_each_other(client: httpx.AsyncClient, decided: list[str]) -> None:
    """The cursor of each page asks for the next one, newest first, until it is null."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"account": "listed", "limit": "4"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/decisions", params=parameters)).json()
        found += [one["decision_id"] for one in page["decisions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == decided[::-1]


async def test_filters_narrow_the_list(client: httpx.AsyncClient, decided: list[str]) -> None:
    """By outcome, rule, ruleset, version and period."""
    assert await list_ids(client, outcome="blocked") == [decided[3]]
    assert len(await list_ids(client, rule="friendly-reminder", ruleset="nl-consumer", version=1)) == 9
    assert await list_ids(client, ruleset="other") == []
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()  # noqa: TID251  ids carry the time
    assert await list_ids(client, since=tomorrow) == []
    assert len(await list_ids(client, until=tomorrow)) == 10


async def test_a_wrong_filter_is_refused(client: httpx.AsyncClient) -> None:
    """A parameter of the wrong form is a 422 that names it."""
    wrong = {"cursor": "x", "limit": "0", "outcome": "maybe", "since": "2026-11-01T00:00:00", "version": "one"}
    for name, value in wrong.items():
        answer = await client.get("/v1/decisions", params={name: value})
        assert answer.status_code == 422, name
        assert answer.json()["problems"][0]["parameter"] == name
