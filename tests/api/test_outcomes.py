"""What came of a debt is recorded once, judged, and counts in the next decision."""

import datetime as dt
from typing import Any

import httpx
import pytest

from store.store import Store
from store.verifying import verify_log
from tests.api.examples import ANNA, REMINDER
from tests.api.test_history import check

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("promising")]

PROMISING = (
    REMINDER.replace("nl-consumer", "be-consumer")
    .replace("country: NL", "country: BE")
    .replace("Amsterdam", "Brussels")
    .replace(
        "rules:\n",
        "  - {id: promised, when: {promise_to_pay_in_days: -2..}, reason: It was promised.}\n"
        "  - {id: broken, when: {broken_promises: 1..}, reason: A promise was broken.}\nrules:\n",
    )
)
PROMISE: dict[str, Any] = {"id": "P", "type": "promise", "at": "2026-11-06T09:00:00+01:00", "by": "2026-11-10"}


@pytest.fixture(scope="module", name="promising")
async def publish_promising(client: httpx.AsyncClient) -> None:
    """A ruleset that waits for what was promised."""
    answer = await client.post("/v1/rulesets", content=PROMISING, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 201, answer.text


async def store_account(client: httpx.AsyncClient, name: str, **changed: object) -> str:
    """Store an account, and return the path of its outcomes."""
    document = ANNA | {"id": name, "country": "BE"} | changed
    assert (await client.put(f"/v1/accounts/{name}", json=document)).status_code == 201
    return f"/v1/accounts/{name}/outcomes"


async def block_of(client: httpx.AsyncClient, name: str, as_of: str) -> str | None:
    """Ask, and return what blocks."""
    answer = (await client.get(f"/v1/accounts/{name}/next-action", params={"as_of": as_of})).json()
    block: str | None = answer["block"]["id"] if "block" in answer else None
    return block


async def test_a_promise_counts_until_its_tolerance_is_over(client: httpx.AsyncClient) -> None:
    """Open it blocks, broken it blocks otherwise, and the decision knows beforehand when that turns."""
    path = await store_account(client, "counts")
    answer = await client.post(path, json=PROMISE)
    assert answer.status_code == 201, answer.text
    assert answer.json()["outcomes"][0].items() >= (PROMISE | {"amount": "49.95"}).items()
    asked = (await client.get("/v1/accounts/counts/next-action", params={"as_of": "2026-11-12T23:59:59+01:00"})).json()
    assert (asked["block"]["id"], asked["review_on"]) == ("promised", "2026-11-13")
    assert await block_of(client, "counts", "2026-11-13") == "broken"
    paid = {"id": "Z", "type": "payment", "at": "2026-11-12", "amount": 49.95}
    assert (await client.post(path, json=paid)).status_code == 201
    assert await block_of(client, "counts", "2026-11-13") is None


async def test_a_decision_with_outcomes_is_replayed(client: httpx.AsyncClient) -> None:
    """What was drawn is made again from what was logged, whatever was recorded since."""
    path = await store_account(client, "replayed")
    await client.post(path, json=PROMISE)
    asked = await client.get("/v1/accounts/replayed/next-action", params={"as_of": "2026-11-07", "explain": "full"})
    await client.post(path, json={"id": "W", "type": "promise_withdrawn", "at": "2026-11-06T10:00:00+01:00"})
    decision_id = asked.json()["decision_id"]
    replayed = (await client.post(f"/v1/decisions/{decision_id}/replay")).json()
    assert replayed["is_equal"] is True
    logged = (await client.get(f"/v1/decisions/{decision_id}")).json()
    assert [each["id"] for each in logged["input"]["outcomes"]] == ["P"]
    facts = {fact["fact"]: (fact["value"], fact["source"]) for fact in asked.json()["explanation"]["facts"]}
    assert facts["promise_to_pay_in_days"] == ("3", "outcomes")


async def test_what_was_recorded_later_was_not_known(client: httpx.AsyncClient) -> None:
    """As of an instant and as it was known then, an outcome that is recorded since does not count."""
    path = await store_account(client, "late")
    known_at = (await client.get("/v1/accounts/late/next-action")).json()["as_of"]
    await client.post(path, json={"id": "D", "type": "dispute_opened", "at": "2026-11-06"})
    asked = {"as_of": "2026-11-07"}
    now = (await client.get("/v1/accounts/late/next-action", params=asked)).json()
    then = (await client.get("/v1/accounts/late/next-action", params=asked | {"known_at": known_at})).json()
    assert (now["outcome"], now["block"]["id"], then["outcome"]) == ("blocked", "open-dispute", "act")


async def test_an_outcome_is_recorded_once(client: httpx.AsyncClient) -> None:
    """Sent again, however it is written, it is the same; with another content it is refused, with all beside it."""
    path = await store_account(client, "once")
    paid = {"id": "Z", "type": "payment", "at": "2026-11-12T09:00:00+01:00", "amount": 20}
    first = await client.post(path, json=[PROMISE, paid])
    assert first.status_code == 201, first.text
    same = {"id": "Z", "type": "payment", "at": "2026-11-12T08:00:00Z", "amount": "20.00", "invoice": None}
    again = await client.post(path, json=[PROMISE, same])
    assert (again.status_code, again.json()) == (200, first.json())
    for changed in ({"amount": 21}, {"at": "2026-11-12T08:00:01Z"}, {"invoice": "I-1"}, {"origin": "bank"}):
        answer = await client.post(path, json=[{**paid, "id": "Y"}, paid | changed])
        told = check(answer, 409, "outcome-conflict", "/1/id")
        assert next(iter(changed)) in told["detail"]
    check(await client.post(path, json=PROMISE | {"amount": 49.95}), 409, "outcome-conflict", "/id")
    listed = await client.get(path)
    assert (listed.status_code, listed.json()) == (200, first.json())


async def test_ids_are_of_the_account(client: httpx.AsyncClient) -> None:
    """Two accounts may have an outcome of one id."""
    for name in ("mine", "yours"):
        path = await store_account(client, name)
        assert (await client.post(path, json=PROMISE)).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        (PROMISE | {"by": "2026-11-05"}, "/by", "before 2026-11-06"),
        ([PROMISE, {"id": "Q", "type": "paymnet", "at": "2026-11-06"}], "/1/type", "did you mean payment?"),
        (PROMISE | {"amonut": 5}, "/amonut", "did you mean amount?"),
        (PROMISE | {"recorded_at": "2026-11-06"}, "/recorded_at", "the service says itself"),
        (PROMISE | {"at": "2199-01-01", "by": "2199-01-01"}, "/at", "more than a day ahead"),
        ({"id": "Z", "type": "payment", "at": "2026-11-06"}, "/amount", "a payment needs it"),
        ({"id": "Z", "type": "written_off", "at": "2026-11-06", "invoice": "I-9"}, "/amount", "invoice I-9 is open"),
        ({"id": "Z", "type": "dispute_closed", "at": "2026-11-06", "dispute": "D"}, "/dispute", "no dispute_opened"),
        ([PROMISE, PROMISE], "/1/id", "there twice"),
        ("promise", "", "an outcome is a mapping"),
        ([], "", "1 to 1,000 outcomes"),
    ],
)
async def test_what_nobody_could_read_is_refused(
    client: httpx.AsyncClient, body: object, pointer: str, said: str
) -> None:
    """At its place, with what was meant where that can be guessed; and nothing of the request is recorded."""
    path = "/v1/accounts/refused/outcomes"
    await client.put("/v1/accounts/refused", json=ANNA | {"id": "refused", "country": "BE"})
    told = check(await client.post(path, json=body), 422, "invalid-request", pointer)
    assert said in told["detail"]
    assert (await client.get(path)).json() == {"outcomes": []}


async def test_an_amount_that_is_left_out_is_what_is_owed_when_it_is_recorded(client: httpx.AsyncClient) -> None:
    """Overdue and undisputed, else all that is open; it stays when the account changes."""
    overdue, ahead = (
        {"id": "I-1", "due_on": "2026-11-01", "open": 30},
        {"id": "I-2", "due_on": "2199-01-01", "open": 12},
    )
    path = await store_account(client, "owes", invoices=[overdue, ahead])
    for number, (body, amount) in enumerate(
        [
            ({"type": "promise", "by": "2199-01-01"}, "30.00"),
            ({"type": "promise", "by": "2199-01-01", "invoice": "I-2"}, "12.00"),
            ({"type": "written_off"}, "42.00"),
            ({"type": "dispute_opened", "invoice": "I-1"}, None),
            ({"type": "promise", "by": "2199-01-01"}, "12.00"),
            ({"type": "written_off", "invoice": "I-1"}, "30.00"),
        ]
    ):
        answer = await client.post(path, json={"id": f"X{number}", "at": "2026-11-20"} | body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["outcomes"][0].get("amount") == amount
    before = (await client.get(path)).json()
    await client.patch("/v1/accounts/owes", json={"invoices": []})
    assert (await client.get(path)).json() == before
    empty = {"id": "E", "type": "promise", "at": "2026-11-20", "by": "2199-01-01"}
    check(await client.post(path, json=empty), 422, "invalid-request", "/amount")


@pytest.mark.parametrize("fact", ["broken_promises", "promise_to_pay_in_days"])
async def test_promises_and_their_facts_exclude_each_other(client: httpx.AsyncClient, fact: str) -> None:
    """The later of the two writes is refused, however the document comes; other outcomes and facts go beside."""
    given = await store_account(client, f"given-{fact}", **{fact: 1})
    told = check(await client.post(given, json=PROMISE), 422, "invalid-request", "/type")
    assert fact in told["detail"]
    paid = {"id": "Z", "type": "payment", "at": "2026-11-06", "amount": 5}
    assert (await client.post(given, json=paid)).status_code == 201
    name = f"promised-{fact}"
    path = await store_account(client, name)
    assert (await client.post(path, json=PROMISE)).status_code == 201
    document = ANNA | {"id": name, "country": "BE", fact: 0}
    check(await client.put(f"/v1/accounts/{name}", json=document), 422, "invalid-request", f"/{fact}")
    check(await client.patch(f"/v1/accounts/{name}", json={fact: 2}), 422, "invalid-request", f"/{fact}")
    stored = await client.get(f"/v1/accounts/{name}")
    headers = {"If-Match": stored.headers["ETag"]}
    check(await client.put(f"/v1/accounts/{name}", json=document, headers=headers), 422, "invalid-request")
    assert fact not in (await client.get(f"/v1/accounts/{name}")).json()
    lines = httpx.Request("POST", "http://x", json=document).content + b"\n"
    imported = (
        await client.post("/v1/accounts:import", content=lines, headers={"Content-Type": "application/x-ndjson"})
    ).json()
    assert (imported["refused_count"], imported["problems"][0]["pointer"]) == (1, f"/{fact}")
    assert (await client.put(f"/v1/accounts/{name}", json=ANNA | {"id": name, "disputed": False})).status_code == 200


async def test_outcomes_are_of_a_stored_account(client: httpx.AsyncClient) -> None:
    """There is nothing to record them for."""
    check(await client.post("/v1/accounts/nobody/outcomes", json=PROMISE), 404, "unknown-account")
    check(await client.get("/v1/accounts/nobody/outcomes"), 404, "unknown-account")


async def test_each_recorded_outcome_is_a_line_of_the_log(client: httpx.AsyncClient, store: Store) -> None:
    """With who recorded it and what kind it is, never how much; what is sent again is none."""
    path = await store_account(client, "logged")
    for _ in range(2):
        await client.post(path, json=PROMISE)
    lines = [line.fields async for line in store.log.stream_others() if line.kind == "outcome"]
    (line,) = [line for line in lines if line["account_id"] == "logged"]
    assert (line["outcome"], line["name"]) == ("promise", "tests")
    assert dt.datetime.fromisoformat(str(line["happened_at"])) == dt.datetime.fromisoformat(PROMISE["at"])
    assert "amount" not in line
    async with store.database.connection(60) as connection:
        assert (await verify_log(connection)).findings == ()
