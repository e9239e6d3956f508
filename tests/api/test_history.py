"""What was carried out is recorded once, and nothing of it is lost without a word."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF, REMINDER

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]
AT = "2026-11-06T10:00:00+01:00"


async def store_account(client: httpx.AsyncClient, account_id: str, **changed: object) -> str:
    """Store an account, and return the path of its history."""
    assert (await client.put(f"/v1/accounts/{account_id}", json=ANNA | {"id": account_id} | changed)).status_code == 201
    return f"/v1/accounts/{account_id}/history"


async def decide(client: httpx.AsyncClient, account_id: str, as_of: str = AS_OF) -> str:
    """Ask for a stored account's next action, and return the decision's id."""
    answer = await client.get(f"/v1/accounts/{account_id}/next-action", params={"as_of": as_of})
    decision: str = answer.json()["decision_id"]
    return decision


def check(answer: httpx.Response, status: int, name: str, pointer: str | None = None) -> dict[str, Any]:
    """See that an answer is this refusal, at this place."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"urn:dunning:problem:{name}"), answer.text
    if pointer is not None:
        assert body["problems"][0]["pointer"] == pointer
    return body


async def test_a_recorded_action_is_recorded_once(client: httpx.AsyncClient) -> None:
    """The same decision recorded again answers the first entry; recorded differently it is a conflict."""
    await client.put("/v1/accounts/once", json=ANNA | {"id": "once"})
    decision = (await client.get("/v1/accounts/once/next-action", params={"as_of": AS_OF})).json()
    path, body = "/v1/accounts/once/history", {"decision_id": decision["decision_id"]}
    first = await client.post(path, json=body)
    assert first.status_code == 201, first.text
    assert first.json()["rule"] == "friendly-reminder"
    assert first.json()["episode"] == "2026-11-01"
    second = await client.post(path, json=body)
    assert (second.status_code, second.json()) == (200, first.json())
    other = await client.post(path, json=body | {"channel": "sms"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:dunning:problem:history-conflict")


async def test_history_that_cannot_be_is_refused(client: httpx.AsyncClient) -> None:
    """An unknown account or decision, another account's decision, an entry without a date or a name."""
    await client.put("/v1/accounts/h1", json=ANNA | {"id": "h1"})
    await client.put("/v1/accounts/h2", json=ANNA | {"id": "h2"})
    decision = (await client.get("/v1/accounts/h1/next-action", params={"as_of": AS_OF})).json()["decision_id"]
    cases = [
        ("nobody", {"rule": "x", "at": AS_OF}, 404, "unknown-account"),
        ("h1", {"decision_id": "019aa000-0000-7000-8000-000000000001"}, 404, "unknown-decision"),
        ("h2", {"decision_id": decision}, 422, "invalid-request"),
        ("h1", {"rule": "x"}, 422, "invalid-request"),
        ("h1", {"at": AS_OF}, 422, "invalid-request"),
        ("h1", {"rule": "x", "at": "yesterday"}, 422, "invalid-request"),
        ("h1", {"rule": "x", "at": AS_OF, "colour": "red"}, 422, "invalid-request"),
    ]
    for account, body, status, name in cases:
        answer = await client.post(f"/v1/accounts/{account}/history", json=body)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:dunning:problem:{name}"), answer.text


async def test_the_same_instant_in_another_offset_is_the_same(client: httpx.AsyncClient) -> None:
    """A worker in another zone that repeats itself is not told of a conflict."""
    path = await store_account(client, "offset")
    body = {"decision_id": await decide(client, "offset")}
    first = await client.post(path, json=body | {"at": "2026-11-06T10:00:00+01:00"})
    again = await client.post(path, json=body | {"at": "2026-11-06T09:00:00Z"})
    assert (again.status_code, again.json()) == (200, first.json())
    check(await client.post(path, json=body | {"at": "2026-11-06T09:00:01Z"}), 409, "history-conflict")


async def test_a_rule_that_nobody_ever_published_is_refused(client: httpx.AsyncClient) -> None:
    """Without a level or a ruleset it would count for nothing: a typing error lost a warning letter."""
    path = await store_account(client, "typo")
    misspelt = {"rule": "freindly-reminder", "at": AT}
    refused = check(await client.post(path, json=misspelt), 422, "invalid-request", "/rule")
    assert "nl-consumer" in refused["detail"]
    for beside in ({"level": 1}, {"ruleset": "another-system"}):
        answer = await client.post(path, json=misspelt | beside)
        assert answer.status_code == 201, answer.text


async def test_a_rule_of_an_older_version_is_still_known(client: httpx.AsyncClient) -> None:
    """What was executed by a rule that is gone since can be recorded late; a rule of another ruleset cannot."""
    headers = {"Content-Type": "application/yaml"}
    older = REMINDER.replace("nl-consumer", "be-consumer").replace("country: NL", "country: BE")
    await client.post("/v1/rulesets", content=older, headers=headers)
    newer = older.replace("id: notice", "id: letter")
    assert (await client.post("/v1/rulesets", content=newer, headers=headers)).json()["version"] == 2
    path = await store_account(client, "late", country="BE")
    assert (await client.post(path, json={"rule": "notice", "at": AT})).status_code == 201
    elsewhere = await store_account(client, "elsewhere")
    check(await client.post(elsewhere, json={"rule": "letter", "at": AT}), 422, "invalid-request", "/rule")
    uncovered = await store_account(client, "uncovered", country="DE")
    assert (await client.post(uncovered, json={"rule": "letter", "at": AT})).status_code == 201


async def test_what_lies_ahead_was_not_carried_out(client: httpx.AsyncClient) -> None:
    """More than a day ahead of the clock is refused; a clock that goes a little before ours is not."""
    path = await store_account(client, "ahead")
    asked_now = (await client.get("/v1/accounts/ahead/next-action")).json()
    now = dt.datetime.fromisoformat(asked_now["as_of"])
    far, near = now + dt.timedelta(hours=25), now + dt.timedelta(hours=23)
    body = {"rule": "friendly-reminder"}
    check(await client.post(path, json=body | {"at": far.isoformat()}), 422, "invalid-request", "/at")
    assert (await client.post(path, json=body | {"at": near.isoformat()})).status_code == 201


@pytest.mark.parametrize("result", ["Failed", "bounced", ""])
async def test_an_unknown_result_is_refused(client: httpx.AsyncClient, result: str) -> None:
    """It would count as done, though the letter was not printed."""
    path = await store_account(client, f"result-{result}")
    body = {"rule": "friendly-reminder", "at": AT, "result": result}
    refused = check(await client.post(path, json=body), 422, "invalid-request", "/result")
    assert "declined, done, failed" in refused["detail"]


async def test_done_goes_without_saying(client: httpx.AsyncClient) -> None:
    """`done` is what an entry without a result is, and is stored so; the others are kept."""
    path = await store_account(client, "results")
    for result, kept in (("done", None), ("failed", "failed"), ("declined", "declined")):
        answer = await client.post(path, json={"rule": "friendly-reminder", "at": AT, "result": result})
        assert (answer.status_code, answer.json().get("result")) == (201, kept), answer.text


async def test_a_second_recording_of_a_step_is_told(client: httpx.AsyncClient) -> None:
    """Two workers asked, both sent: the second learns it, and can record it all the same, because it happened."""
    path = await store_account(client, "twice-sent")
    first, second = await decide(client, "twice-sent"), await decide(client, "twice-sent")
    assert (await client.post(path, json={"decision_id": first, "at": AT})).status_code == 201
    told = check(await client.post(path, json={"decision_id": second, "at": AT}), 409, "already-executed")
    assert first in told["detail"]
    assert (await client.post(path, json={"decision_id": first, "at": AT})).status_code == 200
    forced = await client.post(path, json={"decision_id": second, "at": AT, "force": True})
    assert forced.status_code == 201, forced.text
    assert "force" not in forced.json()
    assert (await client.post(path, json={"decision_id": second, "at": AT})).status_code == 200


async def test_a_step_that_failed_or_is_another_is_no_second_one(client: httpx.AsyncClient) -> None:
    """A letter that was not printed was not sent; another rule is another step; an entry without a decision counts."""
    path = await store_account(client, "retried", channels=["email", "letter"])
    first, second = await decide(client, "retried"), await decide(client, "retried")
    failed = {"decision_id": first, "at": AT, "result": "failed"}
    assert (await client.post(path, json=failed)).status_code == 201
    assert (await client.post(path, json={"decision_id": second, "at": AT})).status_code == 201
    later = "2026-11-20T09:00:00+01:00"
    notice, again = await decide(client, "retried", later), await decide(client, "retried", later)
    assert (await client.post(path, json={"decision_id": notice, "at": "2026-11-20"})).status_code == 201
    check(await client.post(path, json={"decision_id": again, "at": "2026-11-20"}), 409, "already-executed")
    by_hand = await store_account(client, "by-hand")
    decision = await decide(client, "by-hand")
    assert (await client.post(by_hand, json={"rule": "friendly-reminder", "at": AT})).status_code == 201
    told = check(await client.post(by_hand, json={"decision_id": decision, "at": AT}), 409, "already-executed")
    assert "without a decision" in told["detail"]
