"""The next action of one account, asked with the account or by its id, and of many at once."""

import json
import threading
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from api import deciding
from api.errors import MOST_PROBLEMS
from api.service import STATE_KEY, Service
from engine.evaluation.decide import Answered
from engine.evaluation.decide import answer as decide
from tests.api.examples import ANNA, AS_OF

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]


async def ask(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    """Ask about Anna."""
    return await client.post("/v1/next-action", json={"account": ANNA, "as_of": AS_OF} | changes)


async def test_an_account_sent_along_is_decided(client: httpx.AsyncClient, published: dict[str, Any]) -> None:
    """A decision names the rule, the ruleset's version and digest, and the action."""
    answer = await ask(client)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    decision = answer.json()
    assert decision["outcome"] == "act"
    assert decision["rule"]["id"] == "friendly-reminder"
    assert decision["ruleset"]["version"] == 1
    assert decision["ruleset"]["digest"] == published["digest"]
    assert decision["action"]["channel"] == "email"
    assert decision["review_on"] is None


async def test_a_decision_can_be_read_back(client: httpx.AsyncClient) -> None:
    """The log holds the decision as it was answered, with the account, the options and the versions used."""
    decision = (await ask(client)).json()
    answer = await client.get(f"/v1/decisions/{decision['decision_id']}")
    logged = answer.json()
    assert {key: logged[key] for key in decision} == decision
    assert logged["input"]["account"] == ANNA
    assert logged["input"]["rulesets"] == [["nl-consumer", 1]]
    assert logged["logged_at"]


async def test_a_stored_account_is_decided(client: httpx.AsyncClient) -> None:
    """GET answers for the stored account and its recorded history."""
    await client.put("/v1/accounts/anna", json=ANNA)
    first = (await client.get("/v1/accounts/anna/next-action", params={"as_of": AS_OF})).json()
    assert first["rule"]["id"] == "friendly-reminder"
    recorded = await client.post("/v1/accounts/anna/history", json={"decision_id": first["decision_id"], "at": AS_OF})
    assert recorded.status_code == 201, recorded.text
    second = (await client.get("/v1/accounts/anna/next-action", params={"as_of": AS_OF})).json()
    assert second["outcome"] == "wait"
    assert second["upcoming"] == {"rule": "notice", "on": "2026-11-15"}
    assert second["sent_before"] == 1


async def test_amounts_keep_every_digit(client: httpx.AsyncClient) -> None:
    """A number in JSON is read exactly, never as a float."""
    text = json.dumps({"account": ANNA, "as_of": AS_OF}).replace("49.95", "90071992547409.91")
    answer = await client.post("/v1/next-action", content=text, headers={"Content-Type": "application/json"})
    decision = msgspec.json.Decoder(float_hook=Decimal).decode(answer.content)
    assert decision["claim"]["amount"] == {"amount": "90071992547409.91", "currency": "EUR"}


async def test_many_are_answered_in_order(client: httpx.AsyncClient) -> None:
    """A batch answers each question with its decision or its own problem, in the order asked."""
    items: list[dict[str, Any]] = [{"account": ANNA | {"id": f"a-{n}"}, "as_of": AS_OF} for n in range(250)]
    items[3] = {"account": ANNA | {"currency": 3}, "as_of": AS_OF}
    items[5] = {"nothing": True}
    answer = await client.post("/v1/next-actions", json={"items": items})
    assert answer.status_code == 200, answer.text
    answered = answer.json()["items"]
    assert [item["decision"]["account_id"] for item in answered if "decision" in item] == [
        f"a-{n}" for n in range(250) if n not in {3, 5}
    ]
    assert answered[3]["problem"]["type"] == "urn:dunning:problem:invalid-account"
    assert answered[3]["problem"]["problems"][0]["pointer"] == "/account/currency"
    assert answered[5]["problem"]["status"] == 422
    logged = await client.get(f"/v1/decisions/{answered[249]['decision']['decision_id']}")
    assert logged.json()["account_id"] == "a-249"


async def test_more_than_a_thousand_at_once_are_refused(client: httpx.AsyncClient) -> None:
    """A batch holds 1 to 1,000 questions."""
    for items in ([], [{"account": ANNA}] * 1001):
        answer = await client.post("/v1/next-actions", json={"items": items})
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["pointer"] == "/items"


async def test_a_repeated_key_repeats_the_answer(client: httpx.AsyncClient) -> None:
    """The same Idempotency-Key answers byte for byte the same, and another request under it is refused."""
    headers = {"Idempotency-Key": "order-66"}
    body = {"account": ANNA, "as_of": AS_OF}
    first = await client.post("/v1/next-action", json=body, headers=headers)
    second = await client.post("/v1/next-action", json=body, headers=headers)
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    other = await client.post("/v1/next-action", json=body | {"track": "other"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:dunning:problem:idempotency-conflict"


async def test_a_failed_request_does_not_use_up_its_key(client: httpx.AsyncClient) -> None:
    """After a refusal the same request can be sent again under the same key."""
    headers = {"Idempotency-Key": "later"}
    for _ in range(2):
        answer = await client.get("/v1/accounts/nobody/next-action", headers=headers)
        assert answer.status_code == 404
        bad = await client.post("/v1/next-action", json={"account": {"id": "x"}}, headers=headers)
        assert bad.status_code == 422


async def test_every_level_of_explanation_is_answered(client: httpx.AsyncClient) -> None:
    """Explain none leaves the reason out; rules and full carry an explanation."""
    none, reason, rules, full = [
        (await ask(client, explain=level)).json() for level in ("none", "reason", "rules", "full")
    ]
    assert none["reason"] is None
    assert reason["reason"]
    assert "explanation" not in reason
    assert "facts" not in rules["explanation"]
    assert full["explanation"]["facts"]


async def test_a_pinned_version_is_asked_whatever_is_live(client: httpx.AsyncClient) -> None:
    """Ruleset and version together ask that version; an unknown one is a 404, a version alone a 422."""
    pinned = await ask(client, ruleset="nl-consumer", version=1)
    assert pinned.json()["ruleset"]["version"] == 1
    unknown = await ask(client, ruleset="nl-consumer", version=99)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:dunning:problem:unknown-ruleset")
    alone = await ask(client, version=1)
    assert (alone.status_code, alone.json()["problems"][0]["pointer"]) == (422, "/version")


async def test_an_account_nobody_covers_is_not_covered(client: httpx.AsyncClient) -> None:
    """Another country, currency or track is an answer that names it, not an error, and logged like any other."""
    for change, said in (
        ({"account": ANNA | {"country": "BE"}}, "of “applies_to”, “country: NL” does not hold"),
        ({"account": ANNA | {"currency": "SEK"}}, "the account is in SEK, and the ruleset in EUR"),
        ({"track": "renewal"}, "No ruleset is of the track “renewal”"),
    ):
        answer = await ask(client, **change)
        assert answer.status_code == 200, answer.text
        assert answer.json()["outcome"] == "not_covered"
        assert answer.json()["ruleset"] is None
        assert said in answer.json()["reason"]


async def test_nothing_passes_as_of_that_is_no_instant(client: httpx.AsyncClient) -> None:
    """A naive instant, nonsense, and years no calendar reaches are refused at their place."""
    for as_of in ("2026-11-06T09:00:00", "tomorrow", "", "0001-01-01", "9999-12-31T23:59:59+00:00", "2026-13-01"):
        answer = await ask(client, as_of=as_of)
        assert answer.status_code == 422, as_of
        assert answer.json()["problems"], as_of


async def test_outcomes_may_be_sent_along(client: httpx.AsyncClient) -> None:
    """Alone and in a batch, with when they were recorded; the decision that was logged with them is replayed."""
    opened = {"id": "D", "type": "dispute_opened", "at": "2026-11-04"}
    answer = await ask(client, outcomes=[opened])
    assert (answer.status_code, answer.json()["outcome"]) == (200, "blocked")
    late = opened | {"recorded_at": "2026-11-07T00:00:00+01:00"}
    items = [{"account": ANNA, "as_of": AS_OF, "outcomes": each} for each in ([opened], [late], [])]
    decided = (await client.post("/v1/next-actions", json={"items": items})).json()["items"]
    assert [item["decision"]["outcome"] for item in decided] == ["blocked", "act", "act"]
    for decision in (answer.json(), *(item["decision"] for item in decided)):
        replayed = await client.post(f"/v1/decisions/{decision['decision_id']}/replay")
        assert replayed.json()["is_equal"], replayed.text


@pytest.mark.parametrize(
    ("outcomes", "pointer"),
    [
        ({}, "/outcomes"),
        ([5], "/outcomes/0"),
        ([{"id": "D", "type": "dispute_opened"}], "/outcomes/0/at"),
        ([{"id": "D", "type": "dispute_opened", "at": "2026-11-04", "amuont": 5}], "/outcomes/0/amuont"),
    ],
)
async def test_what_is_wrong_with_outcomes_is_pointed_at(
    client: httpx.AsyncClient, outcomes: object, pointer: str
) -> None:
    """Nothing of them is passed over."""
    answer = await ask(client, outcomes=outcomes)
    assert (answer.status_code, answer.json()["problems"][0]["pointer"]) == (422, pointer)


async def test_what_is_wrong_with_an_account_is_pointed_at(client: httpx.AsyncClient) -> None:
    """Each problem has a JSON pointer and, where it is about one, the fact."""
    wrong: dict[str, dict[str, Any]] = {
        "/account/channels": {"channels": None},
        "/account/shoe_size": {"shoe_size": 44},
        "/account/disputed": {"disputed": "yes"},
        "/account/invoices/0/open": {"invoices": [{"id": "1", "due_on": "2026-11-01", "open": "1.234"}]},
        "/account/timezone": {"timezone": "Mars/Olympus"},
        "/account/days_overdue": {"days_overdue": 3},
    }
    for pointer, change in wrong.items():
        answer = await ask(client, account=ANNA | change)
        assert answer.status_code == 422, answer.text
        body = answer.json()
        assert body["type"] == "urn:dunning:problem:invalid-account"
        assert pointer in [problem["pointer"] for problem in body["problems"]]
    missing = (await ask(client, account=ANNA | {"channels": None})).json()
    assert missing["problems"][0]["fact"] == "channels"


async def test_too_many_batches_at_once_are_told_to_wait(app: Litestar, client: httpx.AsyncClient) -> None:
    """While as many batches or imports as allowed are running another gets 429; neither holds the other up."""
    service: Service = app.state[STATE_KEY]
    ndjson = {"Content-Type": "application/x-ndjson"}
    batch: dict[str, Any] = {"url": "/v1/next-actions", "json": {"items": [{"account": ANNA}]}}
    lines: dict[str, Any] = {"url": "/v1/accounts:import", "content": json.dumps(ANNA), "headers": ndjson}
    for places, full, free in ((service.batches, batch, lines), (service.imports, lines, batch)):
        for _ in range(service.settings.most_batches):
            await places.acquire()
        answer = await client.post(**full)
        assert (answer.status_code, answer.json()["type"]) == (429, "urn:dunning:problem:too-many-requests")
        assert int(answer.headers["retry-after"]) >= 1
        assert (await client.post(**free)).status_code == 200
        for _ in range(service.settings.most_batches):
            places.release()
        assert (await client.post(**full)).status_code == 200


async def test_an_account_of_very_many_invoices_is_decided_beside_the_loop(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone or in a batch; a small one stays where it is quickest."""
    threads: list[int] = []

    def note(*args: Any, **more: Any) -> Answered:
        threads.append(threading.get_ident())
        return decide(*args, **more)

    monkeypatch.setattr(deciding, "answer", note)
    invoices = [{"id": f"I-{number}", "due_on": "2026-11-01", "open": 1} for number in range(10_000)]
    large = {"account": ANNA | {"invoices": invoices}, "as_of": AS_OF}
    small = {"account": ANNA, "as_of": AS_OF}
    assert (await client.post("/v1/next-action", json=large)).status_code == 200
    answer = await client.post("/v1/next-actions", json={"items": [large, small]})
    assert ["decision" in item for item in answer.json()["items"]] == [True, True]
    here = threading.get_ident()
    assert [thread == here for thread in threads] == [False, False, True]


async def test_an_account_that_is_all_wrong_is_answered_within_bounds(client: httpx.AsyncClient) -> None:
    """The first problems are listed and the others counted, and no value is quoted at length."""
    invoices = [{"id": f"I-{number}", "due_on": "x" * 2000, "open": 1} for number in range(200)]
    answer = await ask(client, account=ANNA | {"invoices": invoices})
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == MOST_PROBLEMS
    assert "150 more are not listed." in answer.json()["detail"]
    assert len(answer.content) < 100_000
