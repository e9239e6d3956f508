"""A version is asked beside what is in use: what it would have changed is told, and nothing else is touched."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from api import shadowing
from api.deciding import LARGE_BYTES
from api.shadowing import Shadowing
from store.auditlog import OtherLine
from store.shadows import Shadow, ShadowDecision, Step
from store.verifying import verify_log
from tests.api.asking import Asking, start

pytestmark = pytest.mark.anyio

CHAMPION = """
ruleset: demo
title: Reminders
currency: EUR
timezone: Europe/Amsterdam
applies_to: {country: NL}
rules:
  - {id: remind, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
"""
CHALLENGER = CHAMPION.replace(
    "rules:\n", "rules:\n  - {id: call, when: {customer_value: 500..}, then: {action: place_call, channel: phone}}\n"
)
OVERDUE = {
    "currency": "EUR",
    "country": "NL",
    "channels": ["email", "phone"],
    "invoices": [{"id": "I", "due_on": "2026-03-01", "open": 40}],
}
AS_OF = "2026-03-10"
UNTIL = "2091-01-01T00:00:00+01:00"
DRAWN = {"a", "b", "c", "e", "f"}
REMIND = {"outcome": "act", "rule": "remind", "action": "send_reminder", "channel": "email"}
CALL = {"outcome": "act", "rule": "call", "action": "place_call", "channel": "phone"}


@pytest.fixture(name="asking")
async def open_service(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service with a version in use, and one that was retired before."""
    async with start(empty_database_url) as asking:
        await asking.publish(CHALLENGER)
        await asking.publish(CHAMPION)
        yield asking


async def begin(asking: Asking, **changed: object) -> Shadowing:
    """Begin a shadow, and take its asking into our own hands."""
    body = {"version": 1, "until": UNTIL} | changed
    answer = await asking.client.post("/v1/rulesets/demo/shadow", json=body)
    assert answer.status_code == 201, answer.text
    shadows = Shadowing(asking.service)
    await shadows.take_news()
    return shadows


async def ask(asking: Asking, name: str, **facts: object) -> Any:
    """Ask about an account that is sent along."""
    account = {"id": name} | OVERDUE | facts
    answer = await asking.client.post("/v1/next-action", json={"account": account, "as_of": AS_OF})
    assert answer.is_success, answer.text
    return answer.json()


async def report(asking: Asking) -> Any:
    """Read what the shadow would have changed."""
    return (await asking.client.get("/v1/rulesets/demo/shadow")).json()


async def test_what_would_have_changed_is_told(asking: Asking) -> None:
    """From which decision to which, how many accounts and how much money, each account once, as last asked."""
    shadows = await begin(asking)
    first = await ask(asking, "large", customer_value=500)
    await ask(asking, "large", customer_value=499)
    await ask(asking, "large", customer_value=600)
    await ask(asking, "small", customer_value=20)
    assert (await report(asking))["accounts"] == 0
    await shadows.drain()
    told = await report(asking)
    assert (told["version"], told["accounts"], told["different"], told["is_over"]) == (1, 2, 1, False)
    claimed = {"amount": "40.00", "currency": "EUR"}
    assert told["matrix"] == [
        {"champion": REMIND, "challenger": CALL, "accounts": 1, "different": 1, "claimed": claimed},
        {"champion": REMIND, "challenger": REMIND, "accounts": 1, "different": 0, "claimed": claimed},
    ]
    (account,) = told["first"]
    assert (account["account_id"], account["decision_id"]) == ("large", first["decision_id"])
    assert (account["champion"], account["challenger"]) == (REMIND, CALL)


async def test_every_answer_is_asked_again(asking: Asking) -> None:
    """Those of stored accounts, of batches and of what was due as well; those about a version by its number are not."""
    await asking.put("stored", country="NL", channels=["email", "phone"], customer_value=900)
    shadows = await begin(asking)
    await asking.client.get("/v1/accounts/stored/next-action")
    many = [{"account": {"id": "sent"} | OVERDUE, "as_of": AS_OF}, {"account": {"id": "wrong"}}]
    await asking.client.post("/v1/next-actions", json={"items": many})
    body = {"account": {"id": "pinned"} | OVERDUE, "as_of": AS_OF, "ruleset": "demo", "version": 1}
    assert (await asking.client.post("/v1/next-action", json=body)).is_success
    await shadows.drain()
    assert (await report(asking))["accounts"] == 2
    await asking.put("due", country="NL", channels=["email"])
    await asking.ask_all()
    await shadows.drain()
    assert (await report(asking))["accounts"] == 3


async def test_nothing_of_it_is_in_the_log_of_decisions(asking: Asking) -> None:
    """That it began is a line of the log, with who did it; what it would have decided is none."""
    shadows = await begin(asking, percent=100)
    decided = await ask(asking, "large", customer_value=500)
    await shadows.drain()
    page = (await asking.client.get("/v1/decisions")).json()
    assert [each["decision_id"] for each in page["decisions"]] == [decided["decision_id"]]
    lines: list[OtherLine] = [line async for line in asking.store.log.stream_others() if line.kind == "shadow"]
    (line,) = lines
    assert (line.fields["ruleset"], line.fields["version"], line.fields["name"]) == ("demo", 1, "ann")
    async with asking.store.database.connection(60) as connection:
        assert (await verify_log(connection)).findings == ()


async def test_it_goes_with_the_account(asking: Asking) -> None:
    """Who is erased is erased here too, also where the shadow is asked only afterwards."""
    shadows = await begin(asking)
    for name in ("before", "after"):
        await asking.put(name, country="NL", channels=["email"])
        await asking.client.get(f"/v1/accounts/{name}/next-action")
        await shadows.drain() if name == "before" else None
    assert (await report(asking))["accounts"] == 1
    for name in ("before", "after"):
        assert (await asking.client.delete(f"/v1/accounts/{name}")).is_success
    await shadows.drain()
    assert (await report(asking))["accounts"] == 0


async def test_what_has_no_room_is_dropped_and_counted(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is short; the answer is given all the same."""
    monkeypatch.setattr(shadowing, "_MOST_WAITING", 1)
    shadows = await begin(asking)
    for name in ("one", "two", "three"):
        assert (await ask(asking, name))["outcome"] == "act"
    await shadows.drain()
    figures = (await asking.client.get("/metrics")).text
    assert 'dunning_shadow_decisions_total{result="dropped"} 2' in figures
    assert 'dunning_shadow_decisions_total{result="same"} 1' in figures
    assert (await report(asking))["accounts"] == 1


async def test_outcomes_and_bytes_are_bounded_too(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large by what came of it finds no room, nor what makes all that waits too large; then there is room."""
    shadows = await begin(asking)
    payment = {"type": "payment", "at": "2026-03-02T09:00:00+01:00", "invoice": "I", "amount": 1}
    body = {"account": {"id": "paid"} | OVERDUE, "outcomes": [payment | {"id": f"P-{n}"} for n in range(900)]}
    assert len(str(body)) > LARGE_BYTES
    answer = await asking.client.post("/v1/next-action", json=body | {"as_of": AS_OF})
    assert answer.is_success, answer.text
    await shadows.drain()
    monkeypatch.setattr(shadowing, "_MOST_WAITING_BYTES", 200)  # more than one, less than two
    for name in ("one", "two"):
        await ask(asking, name)
    await shadows.drain()
    await ask(asking, "three")
    await shadows.drain()
    figures = (await asking.client.get("/metrics")).text
    assert 'dunning_shadow_decisions_total{result="dropped"} 2' in figures
    assert 'dunning_shadow_decisions_total{result="same"} 2' in figures
    assert (await report(asking))["accounts"] == 2


async def test_a_shadow_that_fails_takes_nothing_from_another(asking: Asking) -> None:
    """What the other would have decided is kept, and then it is told what failed."""
    await asking.publish(CHAMPION.replace("demo", "other").replace("NL", "BE"))
    await asking.client.post("/v1/rulesets/other/shadow", json={"version": 1, "until": UNTIL})
    shadows = await begin(asking)
    await asking.store.database.fetch("ALTER TABLE dunning.shadow_decisions ADD CHECK (ruleset_id <> 'demo')")
    await ask(asking, "abroad", country="DE")
    with pytest.raises(asyncpg.CheckViolationError):
        await shadows.drain()
    assert (await asking.client.get("/v1/rulesets/other/shadow")).json()["accounts"] == 1
    figures = (await asking.client.get("/metrics")).text
    assert 'dunning_shadow_decisions_total{result="dropped"} 1' in figures


async def test_an_ended_shadow_leaves_nothing(asking: Asking) -> None:
    """What it would have decided is forgotten, what still waits is not kept, and who ended it is a line of the log."""
    shadows = await begin(asking)
    await ask(asking, "one")
    await shadows.drain()
    await ask(asking, "waits")
    for status in (204, 404):
        assert (await asking.client.delete("/v1/rulesets/demo/shadow")).status_code == status
    await shadows.drain()
    assert (await asking.client.get("/v1/rulesets/demo/shadow")).status_code == 404
    for table in ("shadows", "shadow_decisions"):
        assert not await asking.store.database.fetch(f"SELECT * FROM dunning.{table}")  # noqa: S608  names of our own
    (line,) = [each async for each in asking.store.log.stream_others() if each.kind == "shadow_ended"]
    assert (line.fields["ruleset"], line.fields["version"], line.fields["name"]) == ("demo", 1, "ann")
    async with asking.store.database.connection(60) as connection:
        assert (await verify_log(connection)).findings == ()
    await shadows.take_news()
    await ask(asking, "after")
    await shadows.drain()
    assert not await asking.store.database.fetch("SELECT * FROM dunning.shadow_decisions")


async def test_who_begins_a_shadow_is_told_of_no_account(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where another process was asked before the answer is written: that is for who may read accounts."""
    decided = await ask(asking, "large", customer_value=500)
    original = asking.store.shadows.begin
    champion, challenger = Step(**REMIND), Step(**CALL)

    async def begin_and_be_asked(*given: Any, **named: Any) -> Shadow:
        shadow: Shadow = await original(*given, **named)
        found = ShadowDecision(
            decision_id=decided["decision_id"],
            champion=champion,
            challenger=challenger,
            is_same=False,
            currency=None,
            amount=None,
        )
        await asking.store.shadows.record(shadow, [found])
        return shadow

    monkeypatch.setattr(asking.store.shadows, "begin", begin_and_be_asked)
    answer = await asking.client.post("/v1/rulesets/demo/shadow", json={"version": 1, "until": UNTIL})
    assert (answer.json()["accounts"], answer.json()["matrix"], answer.json()["first"]) == (0, [], [])
    assert (await report(asking))["accounts"] == 1


async def test_a_share_of_accounts_is_drawn_by_their_ids(asking: Asking) -> None:
    """The same accounts whenever they are asked: SHA-256 of "shadow:demo:<id>", by its first eight bytes."""
    shadows = await begin(asking, percent=50)
    for name in ("a", "b", "c", "d", "e", "f"):
        await ask(asking, name, customer_value=900)
    await shadows.drain()
    assert {each["account_id"] for each in (await report(asking))["first"]} == DRAWN


async def test_a_new_shadow_begins_anew(asking: Asking) -> None:
    """What the one before would have decided is forgotten, also what it is about to say; its end ends it."""
    old = await begin(asking)
    await ask(asking, "large", customer_value=500)
    new = await begin(asking, version=2)
    await old.drain()
    assert (await report(asking))["accounts"] == 0
    await ask(asking, "large", customer_value=500)
    await new.drain()
    assert (await report(asking))["different"] == 0
    ended = await begin(asking, until=(asking.now + dt.timedelta(seconds=1)).isoformat())
    asking.now += dt.timedelta(seconds=2)
    await ended.take_news()
    await ask(asking, "large", customer_value=500)
    await ended.drain()
    assert ((await report(asking))["is_over"], (await report(asking))["accounts"]) == (True, 0)


async def test_an_account_that_the_candidate_refuses_is_told(asking: Asking) -> None:
    """A fact that only the candidate needs, and who is covered by it alone."""
    needy = CHAMPION.replace("applies_to: {country: NL}", "facts: {score: {type: integer}}").replace(
        "{days_overdue: 3..}", "{days_overdue: 3.., score: 5..}"
    )
    await asking.publish(needy)
    shadows = await begin(asking, version=3)
    await asking.client.post("/v1/rulesets/demo/versions/3/retire", json={})
    await ask(asking, "lacks")
    await ask(asking, "abroad", country="BE")
    await shadows.drain()
    assert {cell["challenger"]["outcome"] for cell in (await report(asking))["matrix"]} == {"refused"}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("demo", {"version": 9, "until": UNTIL}, 404, "has no version 9"),
        ("other", {"version": 1, "until": UNTIL}, 404, "has no version 1"),
        ("demo", {"version": 1, "until": "2020-01-01T00:00:00Z"}, 422, "it is over already"),
        ("demo", {"version": 1, "until": UNTIL, "percent": 0}, 422, "percent"),
    ],
)
async def test_what_cannot_begin_is_refused(
    asking: Asking, path: str, body: dict[str, object], status: int, said: str
) -> None:
    """Nothing is begun by a question that is wrong."""
    answer = await asking.client.post(f"/v1/rulesets/{path}/shadow", json=body)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "has no shadow" in (await asking.client.get(f"/v1/rulesets/{path}/shadow")).text
