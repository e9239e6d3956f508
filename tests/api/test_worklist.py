"""What is to be done: listed and taken, confirmed with today's facts, and what people say of it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store.identifiers import make_id
from store.loglines import WorkLine
from store.verifying import verify_log
from tests.api.asking import ASKED_AT, Asking, start
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio

APPROVED = REMINDER.replace("template: nl.reminder", "approval: required")
INTEREST = APPROVED.replace("send_reminder", "send_dunning_notice, interest: legal").replace(
    "rules:", "interest: {legal: {rates: [{from: 2024-01-01, percent: 8}], day_count: act/365}}\nrules:"
)
Items = list[dict[str, Any]]
AN_HOUR = dt.timedelta(hours=1)


class Desk:
    """A service with a worklist, at which somebody sits who did not publish its ruleset."""

    def __init__(self, asking: Asking, client: httpx.AsyncClient) -> None:
        self.asking = asking
        self.client = client

    async def put(self, name: str, *, open: float = 49.95, due_on: str = "2090-11-01", **facts: Any) -> None:  # noqa: A002
        """Store an account that owes something."""
        await self.asking.put(name, invoices=[{"id": "I-1", "due_on": due_on, "open": open}], **facts)

    async def ask_all(self) -> None:
        """Ask until nothing is due."""
        await self.asking.ask_all()

    async def list(self, **query: Any) -> Items:
        """List what is to be done."""
        answer = await self.client.get("/v1/worklist", params=query)
        assert answer.status_code == 200, answer.text
        items: Items = answer.json()["items"]
        return items

    async def take(self, **wanted: Any) -> Items:
        """Take what is ready."""
        answer = await self.client.post("/v1/worklist/take", json=wanted)
        assert answer.status_code == 200, answer.text
        items: Items = answer.json()["items"]
        return items

    async def say(self, item: dict[str, Any], what: str, **body: Any) -> httpx.Response:
        """Say something of an item."""
        return await self.client.post(f"/v1/worklist/{item['decision_id']}/{what}", json=body)

    async def confirm(self, item: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Ask whether a decision still holds."""
        answer = await self.client.post(f"/v1/decisions/{item['decision_id']}/confirm", json=body)
        assert answer.status_code == 200, answer.text
        confirmation: dict[str, Any] = answer.json()
        return confirmation

    async def record(self, item: dict[str, Any], **more: Any) -> httpx.Response:
        """Record that an item was carried out."""
        body = {"decision_id": item["decision_id"], "at": "2026-11-01", **more}
        return await self.client.post(f"/v1/accounts/{item['account_id']}/history", json=body)

    async def states(self) -> dict[str, str]:
        """Return the state of each account on the list."""
        return {item["account_id"]: item["state"] for item in await self.list()}


@pytest.fixture
async def desk(empty_database_url: str) -> AsyncIterator[Desk]:
    """A worklist of its own, with a reminder that is published."""
    async with start(empty_database_url) as asking, asking.connect("bob") as client:
        await asking.publish()
        await asking.ask_all()
        yield Desk(asking, client)


async def test_what_is_to_be_done_is_listed_with_most_money_first(desk: Desk) -> None:
    """Then what is owed longest; what nobody has to do is not there; the answer says the order."""
    await desk.put("little", open=10)
    await desk.put("late", due_on="2090-10-30")
    await desk.put("much", open=500.5)
    await desk.put("early", due_on="2090-11-01")
    await desk.put("paid", open=0)
    await desk.ask_all()
    answer = (await desk.client.get("/v1/worklist")).json()
    assert answer["order"] == "to_be_collected, most first; then episode, oldest first; then account_id"
    assert [item["account_id"] for item in answer["items"]] == ["much", "late", "early", "little"]
    first = answer["items"][0]
    assert first["claim"] == first["to_be_collected"] == {"amount": "500.50", "currency": "EUR"}
    assert (first["rule"], first["title"], first["level"]) == ("friendly-reminder", "Friendly reminder", 1)
    assert (first["action"], first["channel"], first["state"]) == ("send_reminder", "email", "ready")
    assert (first["reason"], first["last_contact_at"], "lease" in first) == ("5 days overdue", None, False)


async def test_pages_follow_each_other(desk: Desk) -> None:
    """Every item comes once, whatever is alike."""
    for number in range(5):
        await desk.put(f"A-{number}")
    await desk.ask_all()
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await desk.client.get("/v1/worklist", params={"limit": 2, **cursor})).json()
        seen += [item["account_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [f"A-{number}" for number in range(5)]
    refused = await desk.client.get("/v1/worklist", params={"cursor": "x"})
    assert (refused.status_code, refused.json()["problems"][0]["parameter"]) == (422, "cursor")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "ready"}, ["anna", "bert"]),
        ({"state": "scheduled"}, []),
        ({"action": "send_reminder"}, ["anna", "bert"]),
        ({"action": "place_call"}, []),
        ({"channel": "sms"}, ["bert"]),
        ({"ruleset": "nl-consumer"}, ["anna", "bert"]),
        ({"ruleset": "other"}, []),
        ({"rule": "notice"}, []),
        ({"track": "other"}, []),
        ({"assigned_to": "carla"}, []),
        ({"due_by": "2090-11-06T08:00:00Z"}, ["anna", "bert"]),
        ({"due_by": "2090-11-06T07:59:59Z"}, []),
        ({"min_amount": "49.95"}, ["anna"]),
        ({"min_amount": "49.96"}, []),
    ],
)
async def test_items_are_chosen(desk: Desk, query: dict[str, str], found: list[str]) -> None:
    """By what they are, boundaries included."""
    await desk.put("anna")
    await desk.put("bert", open=20, channels=["sms"])
    await desk.ask_all()
    assert [item["account_id"] for item in await desk.list(**query)] == found


async def test_what_is_taken_is_nobody_elses_until_its_lease_ends(desk: Desk) -> None:
    """Two who take at once share nothing; a lease of whoever died ends by its time."""
    for number in range(6):
        await desk.put(f"A-{number}")
    await desk.ask_all()
    taken = await asyncio.gather(*(desk.take(most=4, for_seconds=3600) for _ in range(3)))
    names = [item["account_id"] for items in taken for item in items]
    assert sorted(names) == [f"A-{number}" for number in range(6)]
    assert len({item["lease"] for items in taken for item in items}) == 6
    assert await desk.take() == []
    assert set((await desk.states()).values()) == {"taken"}
    desk.asking.now = ASKED_AT + AN_HOUR - dt.timedelta(seconds=1)
    assert await desk.take() == []
    desk.asking.now = ASKED_AT + AN_HOUR
    assert len(await desk.take()) == 6


async def test_what_is_assigned_is_taken_for_its_assignee(desk: Desk) -> None:
    """It stays theirs when the same step is asked about again, whatever it comes to."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    assert (await desk.say(item, "assign", to="carla")).json()["assigned_to"] == "carla"
    await desk.put("anna", open=30)
    await desk.ask_all()
    assert await desk.take() == []
    assert [item["account_id"] for item in await desk.take(assigned_to="carla")] == ["anna"]
    (again,) = await desk.list()
    assert (await desk.say(again, "assign", to=None)).json()["assigned_to"] is None


async def test_what_holds_is_valid_and_logged(desk: Desk) -> None:
    """The decision of now comes with the answer, and is in the log like any other."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.take()
    confirmation = await desk.confirm(item, lease=item["lease"])
    assert (confirmation["result"], confirmation["changes"]) == ("valid", [])
    logged = await desk.client.get(f"/v1/decisions/{confirmation['decision']['decision_id']}")
    assert logged.status_code == 200


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"open": 0.0}, ["paid", "nothing"]),
        ({"open": 20.0}, ["paid"]),
        ({"open": 60.0}, ["amount"]),
        ({"disputed": True}, ["disputed", "blocked"]),
        ({"channels": ["sms"]}, ["channel"]),
        ({"due_on": "2090-10-20", "channels": ["letter"]}, ["rule"]),
    ],
)
async def test_what_changed_is_said(desk: Desk, change: dict[str, Any], changes: list[str]) -> None:
    """What weighs most first, and the decision of now."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.take()
    await desk.put("anna", **change)
    confirmation = await desk.confirm(item, lease=item["lease"])
    assert (confirmation["result"], confirmation["changes"]) == ("changed", changes)


async def test_a_new_version_is_said_where_it_decides_otherwise(desk: Desk) -> None:
    """One that decides the same changes nothing."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.take()
    await desk.asking.publish(REMINDER.replace("days_overdue: 3..", "days_overdue: 4.."))
    assert (await desk.confirm(item, lease=item["lease"]))["result"] == "valid"
    await desk.asking.publish(REMINDER.replace("days_overdue: 3..", "days_overdue: 7.."))
    assert (await desk.confirm(item, lease=item["lease"]))["changes"] == ["nothing", "version"]


async def test_the_second_worker_learns_that_it_was_done(desk: Desk) -> None:
    """Confirming says so, recording is refused; what happened all the same is recorded with `force`."""
    await desk.put("anna")
    await desk.ask_all()
    (first,) = await desk.take(for_seconds=1)
    desk.asking.now = ASKED_AT + AN_HOUR
    second = await desk.confirm(first)
    assert second["result"] == "valid"
    assert (await desk.record(first)).status_code == 201
    assert (await desk.confirm(first))["changes"][0] == "executed"
    late = {"account_id": "anna", "decision_id": second["decision"]["decision_id"]}
    refused = await desk.record(late)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dunning:problem:already-executed")
    assert (await desk.record(late, force=True)).status_code == 201


async def test_recording_ends_the_lease(desk: Desk) -> None:
    """The account is off the list until it was asked about again, and then what comes next can be taken."""
    await desk.put("anna", due_on="2090-10-01", channels=["email", "letter"])
    await desk.ask_all()
    (item,) = await desk.take()
    assert (await desk.record(item)).status_code == 201
    assert await desk.list() == []
    await desk.ask_all()
    assert (await desk.states()) == {"anna": "ready"}
    (following,) = await desk.take()
    assert following["rule"] == "notice"


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        ({"reset": True, "ruleset": "nl-consumer"}, "taken"),
        ({"rule": "notice", "ruleset": "nl-consumer", "result": "failed"}, "taken"),
        ({"rule": "friendly-reminder", "ruleset": "another-system"}, "taken"),
        ({"rule": "friendly-reminder", "ruleset": "nl-consumer", "result": "failed"}, "ready"),
        ({"rule": "friendly-reminder", "result": "failed"}, "ready"),
    ],
)
async def test_only_an_entry_of_the_step_ends_its_lease(desk: Desk, entry: dict[str, Any], state: str) -> None:
    """Another rule, a reset, and a rule of that name elsewhere leave it with who took it."""
    await desk.put("anna")
    await desk.ask_all()
    await desk.take(for_seconds=3600)
    answer = await desk.client.post("/v1/accounts/anna/history", json={"at": "2026-11-01", **entry})
    assert answer.status_code == 201, answer.text
    await desk.ask_all()
    assert await desk.states() == {"anna": state}


async def test_a_lease_that_ended_is_refused(desk: Desk) -> None:
    """Whoever holds it must not carry anything out; without one it is said that another has it."""
    await desk.put("anna")
    await desk.ask_all()
    (first,) = await desk.take(for_seconds=1)
    desk.asking.now = ASKED_AT + AN_HOUR
    (second,) = await desk.take()
    ended = await desk.client.post(f"/v1/decisions/{first['decision_id']}/confirm", json={"lease": first["lease"]})
    assert (ended.status_code, ended.json()["type"]) == (409, "urn:dunning:problem:lease-ended")
    assert (await desk.confirm(first))["changes"] == ["taken"]
    assert (await desk.confirm(second, lease=second["lease"]))["result"] == "valid"


async def test_a_lease_is_of_one_step(desk: Desk) -> None:
    """The same step that comes to something else stays taken; where another is to be done, nobody has it."""
    await desk.put("anna", channels=["email", "letter"])
    await desk.ask_all()
    (item,) = await desk.take(for_seconds=3600)
    await desk.put("anna", open=30, channels=["email", "letter"])
    await desk.ask_all()
    assert (await desk.confirm(item, lease=item["lease"]))["changes"] == ["paid"]
    await desk.put("anna", due_on="2090-10-01", channels=["letter"])
    await desk.ask_all()
    assert await desk.states() == {"anna": "ready"}
    ended = await desk.client.post(f"/v1/decisions/{item['decision_id']}/confirm", json={"lease": item["lease"]})
    assert (ended.status_code, ended.json()["type"]) == (409, "urn:dunning:problem:lease-ended")


async def test_what_is_snoozed_rests_until_then(desk: Desk) -> None:
    """The same decision asked again rests on; a moment that has passed is refused."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.take()
    until = ASKED_AT + AN_HOUR
    snoozed = (await desk.say(item, "snooze", until=until.isoformat(), reason="On holiday")).json()
    assert (snoozed["state"], snoozed["snooze_reason"], snoozed["taken_by"]) == ("snoozed", "On holiday", None)
    await desk.put("anna", vip=True)
    await desk.ask_all()
    assert await desk.states() == {"anna": "snoozed"}
    assert (await desk.confirm(item))["changes"] == ["snoozed"]
    desk.asking.now = until
    assert await desk.states() == {"anna": "ready"}
    past = await desk.say(item, "snooze", until=ASKED_AT.isoformat())
    assert (past.status_code, past.json()["problems"][0]["pointer"]) == (422, "/until")


async def test_an_action_waits_for_other_eyes(desk: Desk) -> None:
    """Never those of who published the version; approved, it is ready, and stays so while it is the same."""
    await desk.asking.publish(APPROVED)
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    assert item["state"] == "approval"
    assert await desk.take() == []
    assert (await desk.confirm(item))["changes"] == ["approval"]
    path = f"/v1/worklist/{item['decision_id']}/approve"
    own = await desk.asking.client.post(path, json={})
    assert (own.status_code, own.json()["type"]) == (403, "urn:dunning:problem:own-approval")
    approved = (await desk.say(item, "approve")).json()
    assert (approved["state"], approved["approved_by"]) == ("ready", "bob")
    await desk.put("anna", vip=True)
    await desk.ask_all()
    assert (await desk.confirm(item))["result"] == "valid"
    await desk.put("anna", open=60)
    await desk.ask_all()
    assert await desk.states() == {"anna": "approval"}
    told = [event.type for event in await desk.asking.store.outbox.list() if event.subject == "accounts/anna"]
    assert told.count("approval.requested") == 2
    assert told.count("action.approved") == 1


async def test_a_refusal_holds_until_the_facts_change(desk: Desk) -> None:
    """Or until the moment it names; asked again without a change, it holds on."""
    await desk.asking.publish(APPROVED)
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    refused = (await desk.say(item, "refuse", reason="She is ill")).json()
    assert (refused["state"], refused["is_refused"], refused["snoozed_until"]) == ("snoozed", True, None)
    await desk.asking.store.database.fetch("SELECT dunning.ask_again(ARRAY['anna'])")
    await desk.ask_all()
    assert await desk.states() == {"anna": "snoozed"}
    await desk.put("anna", vip=True)
    await desk.ask_all()
    assert await desk.states() == {"anna": "approval"}
    told = [event.type for event in await desk.asking.store.outbox.list() if event.subject == "accounts/anna"]
    assert told.count("action.refused") == 1


async def test_the_last_word_holds(desk: Desk) -> None:
    """A refusal takes back an approval, also once it is over; an approval takes back a refusal, but no rest."""
    await desk.asking.publish(APPROVED)
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    until = ASKED_AT + AN_HOUR
    await desk.say(item, "approve")
    refused = (await desk.say(item, "refuse", reason="She is ill", until=until.isoformat())).json()
    assert (refused["state"], refused["approved_by"]) == ("snoozed", None)
    desk.asking.now = until
    assert await desk.states() == {"anna": "approval"}
    await desk.say(item, "refuse", reason="She is ill")
    approved = (await desk.say(item, "approve")).json()
    assert (approved["state"], approved["is_refused"], approved["snooze_reason"]) == ("ready", False, None)
    later = (until + AN_HOUR).isoformat()
    await desk.say(item, "refuse", reason="She is ill")
    await desk.say(item, "snooze", until=later, reason="On holiday")
    resting = (await desk.say(item, "approve")).json()
    assert (resting["state"], resting["snooze_reason"], resting["approved_by"]) == ("snoozed", "On holiday", "bob")


async def test_a_rest_lifts_no_refusal(desk: Desk) -> None:
    """What was refused and is snoozed besides stays refused when the snooze is over."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    until = ASKED_AT + AN_HOUR
    await desk.say(item, "refuse", reason="She is ill")
    resting = (await desk.say(item, "snooze", until=until.isoformat(), reason="On holiday")).json()
    shown = ("snoozed", True, "She is ill", None)
    assert tuple(resting[name] for name in ("state", "is_refused", "snooze_reason", "snoozed_until")) == shown
    desk.asking.now = until
    assert await desk.take() == []
    assert (await desk.confirm(item))["changes"] == ["snoozed"]
    await desk.put("anna", vip=True)
    await desk.ask_all()
    assert await desk.states() == {"anna": "ready"}


async def test_a_refusal_is_over_when_its_moment_has_come(desk: Desk) -> None:
    """Then nobody calls the item refused any more; a rest that lasts longer goes on."""
    for name in ("anna", "bert"):
        await desk.put(name)
    await desk.ask_all()
    until = ASKED_AT + AN_HOUR
    for item in await desk.list():
        await desk.say(item, "refuse", reason="She is ill", until=until.isoformat())
        if item["account_id"] == "bert":
            await desk.say(item, "snooze", until=(until + AN_HOUR).isoformat(), reason="On holiday")
    assert [item["snoozed_until"][11:16] for item in await desk.list()] == ["09:00", "10:00"]
    desk.asking.now = until
    said = [(each["state"], each["is_refused"], each["snooze_reason"]) for each in await desk.list()]
    assert said == [("ready", False, None), ("snoozed", False, "On holiday")]


async def test_what_was_said_of_a_step_holds_when_the_account_comes_back_to_it(desk: Desk) -> None:
    """It was blocked in between; who had it in hand comes back to nothing, and a change of facts lifts the refusal."""
    await desk.asking.publish(APPROVED)
    for name in ("anna", "bert", "carl"):
        await desk.put(name)
    await desk.ask_all()
    refused, resting, assigned = before = await desk.list()
    await desk.say(refused, "refuse", reason="She is ill")
    await desk.say(resting, "snooze", until="2091-01-01T00:00:00Z", reason="On holiday")
    await desk.say(assigned, "assign", to="carla")
    for kind in ("dispute_opened", "dispute_closed"):
        desk.asking.now += AN_HOUR
        for item in before:
            outcome = {"id": kind, "type": kind, "at": desk.asking.now.isoformat()}
            answer = await desk.client.post(f"/v1/accounts/{item['account_id']}/outcomes", json=outcome)
            assert answer.is_success, answer.text
        await desk.ask_all()
        assert len(await desk.list()) == (0 if kind == "dispute_opened" else 3)
    assert await desk.states() == {"anna": "snoozed", "bert": "snoozed", "carl": "approval"}
    first, second, third = await desk.list()
    said = (first["is_refused"], first["snooze_reason"], second["snooze_reason"], third["assigned_to"])
    assert said == (True, "She is ill", "On holiday", "carla")
    told = [event.type for event in await desk.asking.store.outbox.list() if event.subject == "accounts/anna"]
    assert told.count("decision.due") == told.count("approval.requested") == 1
    await desk.put("anna", vip=True)
    await desk.ask_all()
    assert (await desk.states())["anna"] == "approval"


async def test_a_refusal_of_a_step_that_is_not_asked_for_is_lifted_too(desk: Desk) -> None:
    """Facts that change while the account is blocked lift it."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    await desk.say(item, "refuse", reason="She is ill")
    await desk.put("anna", disputed=True)
    await desk.ask_all()
    await desk.put("anna")
    await desk.ask_all()
    assert await desk.states() == {"anna": "ready"}


async def test_running_interest_is_not_told_anew(desk: Desk) -> None:
    """What is to be done is told once, however the interest runs; another amount to be paid is."""
    await desk.asking.publish(INTEREST)
    await desk.put("anna", open=49_950)
    await desk.ask_all()
    for _ in range(2):
        desk.asking.now += dt.timedelta(days=1)
        await desk.asking.store.database.fetch("SELECT dunning.ask_again(ARRAY['anna'])")
        await desk.ask_all()
    assert await told_due(desk) == 1
    await desk.put("anna", open=49_949)
    await desk.ask_all()
    assert await told_due(desk) == 2


async def told_due(desk: Desk) -> int:
    """Count how often it was told that there is something to do."""
    return sum(event.type == "decision.due" for event in await desk.asking.store.outbox.list())


async def test_what_asks_for_no_approval_is_not_approved(desk: Desk) -> None:
    """Nothing is told and nothing logged."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    answer = await desk.say(item, "approve")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:dunning:problem:no-approval")
    assert "action.approved" not in {event.type for event in await desk.asking.store.outbox.list()}
    assert [line async for line in desk.asking.store.log.stream_others() if line.kind == "action_approved"] == []
    assert (await desk.list())[0]["approved_by"] is None


async def test_what_people_said_outlives_an_account_that_cannot_be_decided_on(desk: Desk) -> None:
    """While two rulesets cover it, it is off the list and cannot be spoken of; mended, all is as before, told once."""
    await desk.asking.publish(APPROVED)
    for name in ("anna", "bert", "carl"):
        await desk.put(name)
    await desk.ask_all()
    refused, approved, assigned = await desk.list()
    await desk.say(refused, "refuse", reason="She is ill")
    await desk.say(approved, "approve")
    await desk.say(assigned, "assign", to="carla")
    before = await desk.list()
    other = APPROVED.replace("nl-consumer", "nl-other")
    path = "/v1/rulesets?allow_overlap=true"
    published = await desk.asking.client.post(path, content=other, headers={"Content-Type": "application/yaml"})
    assert published.status_code == 201, published.text
    await desk.ask_all()
    assert "nl-other" in str((await desk.asking.read()).problem)
    assert await desk.list() == []
    assert (await desk.say(refused, "snooze", until=(ASKED_AT + AN_HOUR).isoformat())).status_code == 404
    retired = await desk.asking.client.post("/v1/rulesets/nl-other/versions/1/retire", json={})
    assert retired.is_success, retired.text
    await desk.ask_all()
    assert await desk.list() == before
    assert (await desk.asking.read()).problem is None
    told = [event.type for event in await desk.asking.store.outbox.list() if event.subject == "accounts/anna"]
    assert told.count("decision.due") == told.count("approval.requested") == 1


async def test_what_rests_or_was_refused_does_so_whatever_is_claimed(desk: Desk) -> None:
    """Interest that runs and a new version make another decision: to be approved anew, and no step of its own."""
    await desk.asking.publish(INTEREST)
    for name in ("anna", "bert", "carl"):
        await desk.put(name, open=49_950)
    await desk.ask_all()
    refused, resting, approved = before = await desk.list()
    await desk.say(refused, "refuse", reason="She is ill")
    await desk.say(resting, "snooze", until="2091-01-01T00:00:00Z", reason="On holiday")
    await desk.say(approved, "approve")
    await desk.say(approved, "assign", to="carla")
    states = {"anna": "snoozed", "bert": "snoozed", "carl": "ready"}
    assert await desk.states() == states
    desk.asking.now += dt.timedelta(days=1)
    await desk.asking.store.database.fetch("SELECT dunning.ask_again(ARRAY['anna', 'bert', 'carl'])")
    await desk.ask_all()
    after = await desk.list()
    assert all(new["claim"] != old["claim"] for old, new in zip(before, after, strict=True))
    assert await desk.states() == states | {"carl": "approval"}
    assert (after[0]["is_refused"], after[2]["assigned_to"], after[2]["approved_by"]) == (True, "carla", None)
    await desk.asking.publish(INTEREST.replace("days_overdue: 3..", "days_overdue: 4.."))
    await desk.ask_all()
    assert [item["version"] for item in await desk.list()] == [3, 3, 3]
    assert await desk.states() == states | {"carl": "approval"}


async def test_what_people_say_is_in_the_log(desk: Desk) -> None:
    """Who, of which decision, until when and to whom; never why. The log is whole."""
    await desk.asking.publish(APPROVED)
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    until = (ASKED_AT + AN_HOUR).isoformat()
    await desk.say(item, "approve")
    await desk.say(item, "approve")
    await desk.say(item, "assign", to="carla")
    await desk.say(item, "snooze", until=until, reason="secret")
    await desk.say(item, "refuse", reason="secret", until=until)
    lines = [line async for line in desk.asking.store.log.stream_others() if line.kind.startswith("action_")]
    kinds = ["action_approved", "action_assigned", "action_snoozed", "action_refused"]
    assert [line.kind for line in lines] == kinds
    assert {(line.fields["subject"], line.fields["name"]) for line in lines} == {(item["decision_id"], "bob")}
    assert (lines[1].fields["to"], lines[2].fields["until"]) == ("carla", "2090-11-06T09:00:00Z")
    assert not any(b"secret" in line.line for line in lines)
    assert set(WorkLine.__struct_fields__) <= set(lines[0].fields)
    async with desk.asking.store.database.connection(60) as connection:
        assert (await verify_log(connection)).findings == ()


@pytest.mark.parametrize(("name", "value"), [("action", "send_remainder"), ("channel", "null")])
async def test_a_word_that_the_language_does_not_have_is_refused(desk: Desk, name: str, value: str) -> None:
    """Nothing would ever be found by it, and somebody would think that nothing is to be done."""
    listed = await desk.client.get("/v1/worklist", params={name: value})
    taken = await desk.client.post("/v1/worklist/take", json={name: value})
    assert (listed.status_code, listed.json()["problems"][0]["parameter"]) == (422, name)
    assert (taken.status_code, taken.json()["problems"][0]["pointer"]) == (422, f"/{name}")


async def test_what_is_no_more_on_the_list_cannot_be_spoken_of(desk: Desk) -> None:
    """Nor can what never was; nothing is logged."""
    await desk.put("anna")
    await desk.ask_all()
    (item,) = await desk.list()
    await desk.put("anna", open=0)
    await desk.ask_all()
    for unknown in (item, {"decision_id": "nonsense"}):
        answer = await desk.say(unknown, "assign", to="carla")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:dunning:problem:unknown-work")
    none = await desk.client.post(f"/v1/decisions/{make_id()}/confirm", json={})
    assert none.status_code == 404


async def test_a_promise_is_not_collected_and_asked_about_when_it_is_told(desk: Desk) -> None:
    """What is left of it is taken off; on the day after its tolerance it is broken, and that is told once."""
    await desk.put("anna")
    promise = {"id": "P-1", "type": "promise", "at": "2026-11-01T08:00:00Z", "by": "2090-11-07", "amount": "20.00"}
    answer = await desk.client.post("/v1/accounts/anna/outcomes", json=promise)
    assert answer.is_success, answer.text
    await desk.ask_all()
    (item,) = await desk.list()
    assert (item["to_be_collected"]["amount"], item["promised"]["amount"]) == ("29.95", "20.00")
    assert (item["promised_by"], item["broken_promises"]) == ("2090-11-07", 0)
    kept = await desk.asking.read("anna")
    assert kept.ask_at == dt.datetime(2090, 11, 9, 23, tzinfo=dt.UTC)
    desk.asking.now = kept.ask_at
    await desk.ask_all()
    await desk.put("anna", vip=True)
    await desk.ask_all()
    (item,) = await desk.list()
    assert (item["to_be_collected"]["amount"], item["promised"], item["broken_promises"]) == ("49.95", None, 1)
    told = [event.type for event in await desk.asking.store.outbox.list() if event.subject == "accounts/anna"]
    assert told.count("promise.broken") == 1
