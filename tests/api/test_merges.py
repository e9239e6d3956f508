"""Two accounts of one customer become one: nothing of what was done or came of it is lost, and the log stays whole."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store.verifying import verify_log
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.test_history import check
from tests.store.dumping import dump

pytestmark = pytest.mark.anyio
PAYMENT: dict[str, Any] = {"id": "Z", "type": "payment", "at": "2026-11-03", "amount": "20.00"}
PROMISE: dict[str, Any] = {"id": "P", "type": "promise", "at": "2026-11-02", "by": "2026-11-20", "amount": "30.00"}
WITHDRAWN: dict[str, Any] = {"id": "W", "type": "promise_withdrawn", "at": "2026-11-04", "promise": "P"}


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own, with a ruleset and two accounts, of which each has a past."""
    async with start(empty_database_url) as bench:
        yaml = {"Content-Type": "application/yaml"}
        assert (await bench.ann.post("/v1/rulesets", content=REMINDER, headers=yaml)).status_code == 201
        for name in ("one", "two"):
            await bench.ann.put(f"/v1/accounts/{name}", json=ANNA | {"id": name})
            decided = await bench.ann.get(f"/v1/accounts/{name}/next-action", params={"as_of": AS_OF})
            entry = {"decision_id": decided.json()["decision_id"], "at": "2026-11-08"}
            assert (await bench.ann.post(f"/v1/accounts/{name}/history", json=entry)).status_code == 201
        assert (await bench.ann.post("/v1/accounts/one/outcomes", json=PAYMENT)).status_code == 201
        outcomes = [PROMISE, PAYMENT | {"amount": "9.00"}, WITHDRAWN]
        assert (await bench.ann.post("/v1/accounts/two/outcomes", json=outcomes)).status_code == 201
        yield bench


async def merge(client: httpx.AsyncClient, account: str = "one", other: str = "two") -> httpx.Response:
    """Merge an account into another."""
    return await client.post(f"/v1/accounts/{account}/merge", json={"from": other})


async def are_found(bench: Bench) -> tuple[object, ...]:
    """Prove the log, and return what is wrong with it."""
    async with bench.store.database.connection(60) as connection:
        return (await verify_log(connection)).findings


async def test_what_was_done_and_came_of_it_goes_over(bench: Bench) -> None:
    """Entries and outcomes stand under the other account; an id that is taken is another, wherever it is named."""
    client = bench.ann
    before = [(await client.get(f"/v1/accounts/{each}/history")).json()["history"] for each in ("one", "two")]
    answer = await merge(client)
    assert answer.status_code == 200, answer.text
    assert answer.json().items() >= {"from": "two", "entries_count": 1, "outcomes_count": 3}.items()
    assert (await client.get("/v1/accounts/one/history")).json()["history"] == [*before[0], *before[1]]
    outcomes = (await client.get("/v1/accounts/one/outcomes")).json()["outcomes"]
    assert [(each["id"], each.get("amount")) for each in outcomes] == [
        ("Z", "20.00"),
        ("P", "30.00"),
        ("two/Z", "9.00"),
        ("W", None),
    ]
    check(await client.get("/v1/accounts/two"), 404, "unknown-account")
    again = await merge(client)
    assert (again.status_code, again.json()) == (200, answer.json())
    decided = await client.get("/v1/accounts/one/next-action", params={"as_of": "2026-11-30"})
    assert decided.status_code == 200, decided.text
    assert await are_found(bench) == ()


async def test_what_names_a_renamed_outcome_is_renamed_with_it(bench: Bench) -> None:
    """A withdrawal of the other account's promise goes on withdrawing that one."""
    client = bench.ann
    await client.post("/v1/accounts/one/outcomes", json=PROMISE)
    assert (await merge(client)).status_code == 200
    outcomes = (await client.get("/v1/accounts/one/outcomes")).json()["outcomes"]
    assert [each["promise"] for each in outcomes if each["type"] == "promise_withdrawn"] == ["two/P"]
    assert await are_found(bench) == ()


@pytest.mark.parametrize("has_it", ["one", "two"])
async def test_a_new_name_that_is_taken_is_refused(bench: Bench, has_it: str) -> None:
    """By an outcome of either account: nothing goes over."""
    payment = PAYMENT | {"id": "two/Z"}
    assert (await bench.ann.post(f"/v1/accounts/{has_it}/outcomes", json=payment)).status_code == 201
    check(await merge(bench.ann), 409, "merge-conflict")
    outcomes = (await bench.ann.get("/v1/accounts/two/outcomes")).json()["outcomes"]
    assert {"P", "Z", "W"} <= {each["id"] for each in outcomes}


async def test_what_cannot_stand_in_one_account_is_refused(bench: Bench) -> None:
    """Itself, nobody, another currency, a document that says what promises say: nothing goes over."""
    client = bench.ann
    check(await merge(client, "one", "one"), 422, "invalid-request", "/from")
    check(await merge(client, "one", "three"), 404, "unknown-account")
    check(await merge(client, "three", "two"), 404, "unknown-account")
    check(await client.post("/v1/accounts/one/merge", json={"form": "two"}), 422, "invalid-request", "/form")
    await client.put("/v1/accounts/yen", json={"id": "yen", "currency": "JPY"})
    told = check(await merge(client, "one", "yen"), 409, "merge-conflict")
    assert "JPY" in told["detail"]
    await client.patch("/v1/accounts/one", json={"broken_promises": 1})
    check(await merge(client), 422, "invalid-request", "/broken_promises")
    assert len((await client.get("/v1/accounts/two/history")).json()["history"]) == 1
    assert len((await client.get("/v1/accounts/two/outcomes")).json()["outcomes"]) == 3


async def test_who_is_erased_is_erased_as_whoever_went_over_to_him(bench: Bench, empty_database_url: str) -> None:
    """The decisions that were made about the other account go too, through every merge there was."""
    client = bench.ann
    await client.put("/v1/accounts/zero", json=ANNA | {"id": "zero", "dispute_reason": "marker-zero"})
    await client.get("/v1/accounts/zero/next-action", params={"as_of": AS_OF})
    assert (await merge(client, "two", "zero")).status_code == 200
    assert (await merge(client)).status_code == 200
    assert "marker-zero" in dump(empty_database_url)
    assert (await client.delete("/v1/accounts/one")).status_code == 204
    left = dump(empty_database_url)
    assert "marker-zero" not in left
    assert "49.95" not in left
    assert await are_found(bench) == ()


async def test_a_merge_is_a_line_that_is_held_against_the_tables(bench: Bench) -> None:
    """With who did it and how much went over; what was carried out stays proven by its first line."""
    client = bench.ann
    (entry,) = (await client.get("/v1/accounts/two/history")).json()["history"]
    await merge(client)
    lines = [line.fields async for line in bench.store.log.stream_others() if line.kind == "merge"]
    assert [(each["subject"], each["account_id"], each["entries_count"]) for each in lines] == [("one", "two", 1)]
    found = await bench.store.log.find_executed(entry["decision_id"])
    assert found is not None
    assert b'"account_id":"two"' in found.line
