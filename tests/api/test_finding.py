"""Accounts and decisions are found by what people know of them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.auditing import start
from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = pytest.mark.anyio
TESTED = (
    REMINDER.replace("nl-consumer", "be-consumer")
    .replace("country: NL", "country: BE")
    .replace("days_overdue: 14..", "days_overdue: 14.., experiment: {tone-test: firm}")
    + "experiments: {tone-test: {variants: {friendly: 100, firm: 0}}}\n"
)


@pytest.fixture
async def client(empty_database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A service of the test's own, with two rulesets and five accounts."""
    async with start(empty_database_url) as bench:
        for text in (REMINDER, TESTED):
            yaml = {"Content-Type": "application/yaml"}
            assert (await bench.ann.post("/v1/rulesets", content=text, headers=yaml)).status_code == 201
        for name, words in ACCOUNTS.items():
            answer = await bench.ann.put(f"/v1/accounts/{name}", json=ANNA | {"id": name} | words)
            assert answer.status_code == 201, answer.text
        yield bench.ann


ACCOUNTS: dict[str, dict[str, Any]] = {
    "A-1": {"party": "P-1", "segment": "consumer"},
    "A-2": {"party": "P-1", "country": "BE"},
    "A_3": {"country": "BE", "segment": "consumer"},
    "a-4": {"country": "DE", "channels": ["letter"]},
    "A%5": {"country": 5},
}


async def find(client: httpx.AsyncClient, **asked: object) -> list[str]:
    """Return the ids of the accounts that are found, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/v1/accounts", params={**asked, **cursor, "limit": 2})).json()  # type: ignore[dict-item]
        found += [each["id"] for each in page["accounts"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def test_accounts_are_found(client: httpx.AsyncClient) -> None:
    """By the beginning of their id as it is written, their party, country and segment, and all of that together."""
    assert sorted(await find(client)) == sorted(ACCOUNTS)
    assert sorted(await find(client, prefix="A-")) == ["A-1", "A-2"]
    assert await find(client, prefix="A_") == ["A_3"]
    assert await find(client, prefix="A%") == ["A%5"]
    assert sorted(await find(client, party="P-1")) == ["A-1", "A-2"]
    assert sorted(await find(client, country="BE")) == ["A-2", "A_3"]
    assert sorted(await find(client, segment="consumer")) == ["A-1", "A_3"]
    assert await find(client, party="P-1", country="BE") == ["A-2"]
    assert await find(client, prefix="\N{SNOWMAN}") == []


async def test_what_an_account_is_found_by_follows_its_document(client: httpx.AsyncClient) -> None:
    """However it is written: replaced, patched, imported."""
    await client.put("/v1/accounts/A-1", json=ANNA | {"id": "A-1", "country": "FR"})
    await client.patch("/v1/accounts/A-2", json={"country": "FR"})
    lines = b'{"id": "A_3", "currency": "EUR", "country": "FR"}\n{"id": "A-6", "currency": "EUR", "country": "FR"}'
    await client.post("/v1/accounts:import", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert sorted(await find(client, country="FR")) == ["A-1", "A-2", "A-6", "A_3"]
    stored = await client.get("/v1/accounts/A-1")
    body = ANNA | {"id": "A-1", "country": "LU"}
    assert (await client.put("/v1/accounts/A-1", json=body, headers={"If-Match": stored.headers["ETag"]})).is_success
    assert await find(client, country="LU") == ["A-1"]
    assert (await client.delete("/v1/accounts/A-1")).status_code == 204
    assert await find(client, country="LU") == []


async def test_accounts_are_found_by_when_to_ask(client: httpx.AsyncClient) -> None:
    """Those that changed are to be asked about at once; nobody is due before there was anything to ask."""
    assert sorted(await find(client, due_by="2199-01-01T00:00:00Z")) == sorted(ACCOUNTS)
    assert await find(client, due_by="2026-01-01T00:00:00Z") == []
    listed = (await client.get("/v1/accounts", params={"prefix": "A-1"})).json()["accounts"][0]
    assert [ask["track"] for ask in listed["asks"]] == ["dunning"]


async def test_decisions_are_found_by_what_they_are(client: httpx.AsyncClient) -> None:
    """By rule, action, channel and variant; a variant of another name finds none."""
    for name in ACCOUNTS:
        await client.get(f"/v1/accounts/{name}/next-action", params={"as_of": AS_OF})

    async def list_(**asked: str) -> list[str]:
        answer = await client.get("/v1/decisions", params=asked)
        assert answer.status_code == 200, answer.text
        return sorted(each["account_id"] for each in answer.json()["decisions"])

    acted = ["A-1", "A-2", "A_3"]
    assert await list_(rule="friendly-reminder") == acted
    assert await list_(action="send_reminder") == acted
    assert await list_(action="place_call") == []
    assert await list_(channel="email") == acted
    assert await list_(channel="letter") == []
    assert await list_(variant="tone-test:friendly") == ["A-2", "A_3"]
    assert await list_(variant="tone-test:firm") == []
    assert await list_(variant="tone-test:friendly", channel="email", account="A-2") == ["A-2"]
    await client.delete("/v1/accounts/A-2")
    assert await list_(variant="tone-test:friendly") == ["A_3"]
    assert (await client.get("/v1/decisions", params={"variant": "friendly"})).status_code == 422
    assert (await client.get("/v1/decisions", params={"channel": "pigeon"})).status_code == 422
