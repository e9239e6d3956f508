"""Recovery figures over HTTP."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from store.store import Store
from tests.api.examples import REMINDER
from tests.cli.test_worklist_command import answer
from tests.store.test_due import EVER, MANY

pytestmark = pytest.mark.anyio

ACCOUNT = {"currency": "EUR", "invoices": [{"id": "I-1", "due_on": "2026-03-06", "open": "60.00"}]}


async def ask(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    """Return the figures."""
    answer = await client.get(f"/v1/recovery{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def store_paid(client: httpx.AsyncClient) -> None:
    """Store an account of which a part was paid."""
    assert (await client.put("/v1/accounts/R-1", json={"id": "R-1", **ACCOUNT})).status_code in {200, 201}
    paid = {"id": "P-1", "type": "payment", "at": "2026-03-10T09:00:00Z", "amount": "20.00"}
    assert (await client.post("/v1/accounts/R-1/outcomes", json=paid)).status_code in {200, 201}


async def test_figures_are_of_what_is_stored(client: httpx.AsyncClient, published: dict[str, Any]) -> None:
    """Split as asked, with the day on which each version came into use, and when this was read noted."""
    await store_paid(client)
    found = await ask(client, "?by=month&from=2026-03-01")
    (euro,) = found["currencies"]
    assert [(row["key"], row["figures"]["recovered"]) for row in euro["rows"]] == [("2026-03", "20.00")]
    assert (euro["total"]["rate"], euro["portfolio"]["receivables"]) == (33.3, "40.00")
    assert (found["from"], found["by"], found["unreadable"]) == ("2026-03-01", "month", 0)
    assert [(use["ruleset"], use["version"]) for use in found["versions"]] == [
        (published["ruleset"], published["version"])
    ]
    accesses = (await client.get("/v1/audit/accesses")).json()["accesses"]
    assert any("/v1/recovery" in each["what"] for each in accesses)


async def test_who_is_held_out_stands_beside_all_others(client: httpx.AsyncClient, store: Store) -> None:
    """Cases that opened since the version came into use, of accounts that its ruleset answered about."""
    held = REMINDER.replace("nl-consumer", "held").replace("NL", "SE")
    held += "experiments: {courtesy: {variants: {all: 100}, hold_out: 50}}\n"
    published = await client.post("/v1/rulesets", content=held, headers={"Content-Type": "application/yaml"})
    assert published.status_code == 201, published.text
    for number in range(12):
        name = f"H-{number}"
        assert (await client.put(f"/v1/accounts/{name}", json={"id": name, **ACCOUNT})).status_code == 201
        ended = {"id": "E", "type": "dispute_closed", "at": published.json()["published_at"]}
        disputed = [{"id": "D", "type": "dispute_opened", "at": "2026-03-01"}, ended]
        assert (await client.post(f"/v1/accounts/{name}/outcomes", json=disputed)).status_code == 201
    async with store.due.take(EVER, most=MANY) as taken:
        await taken.answer(
            [msgspec.structs.replace(answer(each.account_id), ruleset_id="held") for each in taken.questions]
        )
    (euro,) = (await ask(client, ""))["currencies"]
    sides = {row["key"]: row["figures"]["cases"] for row in euro["hold_outs"]}
    assert set(sides) == {"courtesy: held out", "courtesy: others"}
    assert sum(sides.values()) == 12


async def test_a_past_day_is_of_what_was_known_then(client: httpx.AsyncClient) -> None:
    """The account was stored today, so nothing is known of it before."""
    await store_paid(client)
    before = await ask(client, "?as_of=2026-03-31")
    assert [each["total"]["cases"] for each in before["currencies"]] == [0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?by=colour", "by"),
        ("?from=2026-05-01&to=2026-04-01", "from"),
        ("?from=soon", "from"),
        ("?until=2026-04-01", "until"),
        ("?within_days=366", "within_days"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: httpx.AsyncClient, query: str, said: str) -> None:
    """By the name of the parameter."""
    answer = await client.get(f"/v1/recovery{query}")
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


async def test_figures_are_worked_out_one_at_a_time(client: httpx.AsyncClient) -> None:
    """Who asks meanwhile is told to come again."""
    first, second = await asyncio.gather(client.get("/v1/recovery"), client.get("/v1/recovery"))
    assert sorted((first.status_code, second.status_code)) == [200, 429]
    refused = next(each for each in (first, second) if each.status_code == 429)
    assert "retry-after" in refused.headers
