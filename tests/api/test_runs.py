"""Dunning runs over the stored accounts: proposed, spoken of, released to the worklist, and resumed by others."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.proposing import Proposals, propose_page
from api.releasing import release_page
from api.runs import RunWorker
from store.loglines import RunDeedLine
from store.runwork import Step, take_step
from store.verifying import verify_log
from tests.api.asking import ASKED_AT, Asking, start
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio

PHONED = REMINDER.replace("channel: [preferred, email, sms]", "channel: [phone]")
AS_OF = ASKED_AT.isoformat()


class Office:
    """A service with runs, where Ann publishes and proposes and Bob approves."""

    def __init__(self, asking: Asking, bob: httpx.AsyncClient) -> None:
        self.asking = asking
        self.ann = asking.client
        self.bob = bob
        self.worker = RunWorker(asking.service)

    async def put(self, name: str, *, open: float = 49.95, due_on: str = "2090-11-01", **facts: Any) -> None:  # noqa: A002
        """Store an account that owes something."""
        await self.asking.put(name, invoices=[{"id": "I-1", "due_on": due_on, "open": open}], **facts)

    async def work(self) -> None:
        """Work off what there is to do."""
        while await self.worker.take_turn():
            pass

    async def propose(self, **asked: Any) -> dict[str, Any]:
        """Propose a run and have it worked out."""
        answer = await self.ann.post("/v1/runs", json={"as_of": AS_OF} | asked)
        assert answer.status_code == 202, answer.text
        await self.work()
        return await self.read(answer.json()["id"])

    async def read(self, run_id: str) -> dict[str, Any]:
        """Read a run."""
        answer = await self.ann.get(f"/v1/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        run: dict[str, Any] = answer.json()
        return run

    async def items(self, run: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """List items of a run."""
        answer = await self.ann.get(f"/v1/runs/{run['id']}/items", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def states(self, run: dict[str, Any]) -> dict[str, str]:
        """Return the state of each item."""
        return {item["account_id"]: item["state"] for item in await self.items(run)}

    async def say(self, run: dict[str, Any], what: str, client: httpx.AsyncClient | None = None, **body: Any) -> Any:
        """Say something of a run, which must be taken."""
        answer = await (client or self.bob).post(f"/v1/runs/{run['id']}/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def release(self, run: dict[str, Any]) -> dict[str, Any]:
        """Approve all of a run, release it, and wait until it is on the worklist."""
        await self.say(run, "approve")
        await self.say(run, "release")
        await self.work()
        return await self.read(run["id"])

    async def die(self, work: Callable[[Step], Awaitable[object]]) -> None:
        """Carry out a step, and end before it is committed."""
        async with take_step(self.asking.store.database) as step:
            assert step is not None
            await work(step)
            raise SystemExit


@pytest.fixture
async def office(empty_database_url: str) -> AsyncIterator[Office]:
    """An office of its own, with a reminder that is published."""
    async with start(empty_database_url) as asking, asking.connect("bob") as bob:
        await asking.publish()
        yield Office(asking, bob)


async def test_a_proposal_says_who_is_in_who_is_out_and_why(office: Office) -> None:
    """Each account has its answer with the reason, most money first, and nothing is changed or put on the worklist."""
    await office.put("anna")
    await office.put("much", open=500)
    await office.put("later", due_on="2090-11-05")
    await office.put("disputed", disputed=True)
    await office.put("abroad", country="BE")
    await office.put("wrong", channels=["fax"])
    run = await office.propose()
    assert (run["state"], run["accounts_done"], run["problem"]) == ("proposed", 6, None)
    assert run["rulesets"] == [{"ruleset": "nl-consumer", "version": 1}]
    found = {item["account_id"]: item for item in await office.items(run)}
    assert list(found)[:2] == ["much", "anna"]
    assert {name: (item["state"], item["outcome"]) for name, item in found.items()} == {
        "much": ("proposed", "act"),
        "anna": ("proposed", "act"),
        "later": ("left_out", "wait"),
        "disputed": ("left_out", "blocked"),
        "abroad": ("left_out", "not_covered"),
        "wrong": ("left_out", "refused"),
    }
    assert (found["anna"]["rule"], found["anna"]["channel"], found["anna"]["reason"]) == (
        "friendly-reminder",
        "email",
        "5 days overdue",
    )
    assert found["anna"]["claim"] == {"amount": "49.95", "currency": "EUR"}
    assert "The debt is disputed." in found["disputed"]["reason"]
    assert "fax" in found["wrong"]["reason"]
    assert {(total["state"], total["outcome"]): total["count"] for total in run["totals"]}["proposed", "act"] == 2
    assert (await office.ann.get("/v1/worklist")).json()["items"] == []
    assert await office.items(run, outcome="refused") == [found["wrong"]]


async def test_the_same_accounts_have_the_same_proposal(office: Office) -> None:
    """Items and digest, whoever proposes it; a changed account, another instant or another budget is another."""
    for number in range(5):
        await office.put(f"A-{number}", open=10 + number % 2)
    first, second = await office.propose(), await office.propose()
    assert first["digest"] == second["digest"]
    assert await office.items(first) == await office.items(second)
    others = [await office.propose(at_most={"phone": 1}), await office.propose(as_of="2090-11-06")]
    await office.put("A-0", open=11)
    others.append(await office.propose())
    assert len({first["digest"], *(each["digest"] for each in others)}) == 4


async def test_a_day_of_a_channel_that_is_full_is_carried_over(office: Office) -> None:
    """The largest claims come first, then accounts in their order; what is carried over is shown, and not released."""
    await office.asking.publish(PHONED)
    for number, open_amount in enumerate([10, 30, 20, 30]):
        await office.put(f"A-{number}", open=open_amount, channels=["phone"])
    run = await office.propose(at_most={"phone": 2, "email": 0})
    states = {"A-1": "proposed", "A-3": "proposed", "A-2": "carried_over", "A-0": "carried_over"}
    assert await office.states(run) == states
    assert run["days"] == [{"day": "2090-11-06", "channel": "phone", "count": 2, "carried_over": 2}]
    await office.release(run)
    assert set((await office.states(run)).values()) == {"released", "carried_over"}
    refused = await office.ann.post("/v1/runs", json={"at_most": {"pigeon": 1}})
    assert refused.status_code == 422
    assert "'pigeon' is no channel" in refused.json()["detail"]


async def test_what_is_approved_goes_to_the_worklist_and_is_confirmed(office: Office) -> None:
    """What is excluded or held does not; the worklist is taken by the run, and each decision is logged and valid."""
    for name in ("anna", "bert", "carl", "dora"):
        await office.put(name)
    run = await office.propose()
    await office.say(run, "exclude", office.ann, accounts=["bert"], reason="they pay tomorrow")
    await office.say(run, "hold", office.ann, accounts=["carl", "dora"], reason="ask the salesman")
    await office.say(run, "approve")
    await office.say(run, "approve", accounts=["dora"])
    states = {"anna": "approved", "bert": "excluded", "carl": "held", "dora": "approved"}
    assert await office.states(run) == states
    bert = (await office.items(run, state="excluded"))[0]
    assert (bert["note"], bert["noted_by"]) == ("they pay tomorrow", "ann")
    await office.say(run, "release")
    await office.work()
    ended = await office.read(run["id"])
    assert (ended["state"], ended["released_by"]) == ("released", "bob")
    assert await office.states(run) == states | {"anna": "released", "dora": "released"}
    taken = (await office.ann.post("/v1/worklist/take", json={"run": run["id"]})).json()["items"]
    assert [item["account_id"] for item in taken] == ["anna", "dora"]
    assert {item["run"] for item in taken} == {run["id"]}
    released = {item["account_id"]: item["decision_id"] for item in await office.items(run, state="released")}
    for item in taken:
        assert item["decision_id"] == released[item["account_id"]]
        body = {"lease": item["lease"]}
        confirmed = await office.ann.post(f"/v1/decisions/{item['decision_id']}/confirm", json=body)
        assert confirmed.json()["result"] == "valid"
    assert (await office.ann.get("/v1/worklist", params={"run": ended["digest"][:8]})).status_code == 422


async def test_nothing_is_released_that_was_not_approved_so(office: Office) -> None:
    """Who paid, went a step on or became disputed meanwhile is not put on the worklist, and the item says what is."""
    for name in ("anna", "paid", "less", "disputed", "wrong"):
        await office.put(name)
    run = await office.propose()
    await office.put("paid", open=0)
    await office.put("less", open=20)
    await office.put("disputed", disputed=True)
    await office.put("wrong", channels=["fax"])
    await office.release(run)
    notes = {item["account_id"]: item["note"] for item in await office.items(run, state="changed")}
    assert set(notes) == {"paid", "less", "disputed", "wrong"}
    assert notes["less"] == "By now 20.00 EUR would be claimed."
    assert notes["disputed"].startswith("By now it would be blocked")
    assert "fax" in notes["wrong"]
    assert [item["account_id"] for item in (await office.ann.get("/v1/worklist")).json()["items"]] == ["anna"]


async def test_a_run_is_released_for_the_day_that_it_is_for(office: Office) -> None:
    """One for a day to come decides as of then; one of a past day as of now, when another step may be due."""
    await office.put("anna", due_on="2090-11-05")
    assert set((await office.states(await office.propose())).values()) == {"left_out"}
    ahead = await office.propose(as_of="2090-11-08")
    await office.release(ahead)
    (work,) = (await office.ann.get("/v1/worklist", params={"run": ahead["id"]})).json()["items"]
    assert (work["state"], work["scheduled_for"]) == ("scheduled", "2090-11-07T23:00:00Z")
    past = await office.propose(as_of="2090-11-08")
    entry = {"rule": "friendly-reminder", "ruleset": "nl-consumer", "at": "2026-11-01", "episode": "2090-11-05"}
    assert (await office.ann.post("/v1/accounts/anna/history", json=entry)).is_success
    office.asking.now = dt.datetime(2090, 11, 20, 8, tzinfo=dt.UTC)
    await office.release(past)
    (item,) = await office.items(past)
    assert (item["state"], item["note"].partition(":")[0]) == ("changed", "By now it would be notice")


async def test_who_dies_in_the_middle_leaves_what_another_goes_on_with(office: Office) -> None:
    """A worker that ends within a step of a proposal or a release changes nothing; the next one does it whole."""
    for number in range(3):
        await office.put(f"A-{number}")
    whole = await office.propose()
    answer = await office.ann.post("/v1/runs", json={"as_of": AS_OF})
    run_id = answer.json()["id"]
    for _ in range(2):  # dies as it has decided, at any of its steps
        with pytest.raises(SystemExit):
            await office.die(lambda step: propose_page(office.asking.service, step, Proposals()))
        assert (await office.read(run_id))["accounts_done"] == 0
    await office.work()
    run = await office.read(run_id)
    assert run["digest"] == whole["digest"]
    await office.say(run, "approve")
    await office.say(run, "release")
    with pytest.raises(SystemExit):
        await office.die(lambda step: release_page(office.asking.service, step))
    assert set((await office.states(run)).values()) == {"approved"}
    assert (await office.ann.get("/v1/worklist", params={"run": run_id})).json()["items"] == []
    await office.work()
    assert set((await office.states(run)).values()) == {"released"}
    assert len((await office.ann.get("/v1/worklist", params={"run": run_id})).json()["items"]) == 3


async def test_a_proposal_is_of_one_set_of_versions(office: Office) -> None:
    """Where a version comes into use while it is worked out, it fails, says what to do, and is never released."""
    await office.put("anna")
    run_id = (await office.ann.post("/v1/runs", json={"as_of": AS_OF})).json()["id"]
    await office.worker.take_turn()
    await office.asking.publish(PHONED)
    await office.work()
    run = await office.read(run_id)
    assert run["state"] == "failed"
    assert "propose it again" in run["problem"]
    refused = await office.bob.post(f"/v1/runs/{run_id}/approve", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dunning:problem:run-closed")


async def test_with_four_eyes_another_approves_than_who_proposed(office: Office) -> None:
    """Who proposed a run never approves it, whole or in part; a second person does."""
    await office.put("anna")
    await office.asking.store.rulesets.switch_four_eyes(is_on=True, actor="test")
    run = await office.propose()
    for body in ({}, {"accounts": ["anna"]}):
        refused = await office.ann.post(f"/v1/runs/{run['id']}/approve", json=body)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:dunning:problem:own-approval")
    assert (await office.say(run, "approve"))["approved_by"] == "bob"


async def test_what_cannot_be_said_of_a_run_changes_nothing(office: Office) -> None:
    """An account that is not in it, or out of it; nothing approved; a run that is unknown, cancelled or released."""
    await office.put("anna")
    await office.put("later", due_on="2090-11-05")
    run = await office.propose()
    path = f"/v1/runs/{run['id']}"
    for wrong, said in (("nobody", "is not in this run"), ("later", "is left out in this run")):
        refused = await office.bob.post(f"{path}/exclude", json={"accounts": ["anna", wrong], "reason": "so"})
        assert (refused.status_code, refused.json()["problems"][0]["pointer"]) == (422, "/accounts/1")
        assert said in refused.json()["detail"]
    assert (await office.states(run))["anna"] == "proposed"
    refused = await office.bob.post(f"{path}/release", json={})
    assert refused.status_code == 409
    assert "Nothing of run" in refused.json()["detail"]
    assert (await office.ann.get("/v1/runs/00000000-0000-7000-8000-000000000000")).status_code == 404
    assert (await office.ann.get("/v1/runs/no-run")).status_code == 404
    assert (await office.say(run, "cancel"))["state"] == "cancelled"
    assert (await office.bob.post(f"{path}/approve", json={})).status_code == 409
    assert (await office.ann.get(f"{path}/items", params={"cursor": "x"})).status_code == 422
    listed = (await office.ann.get("/v1/runs", params={"limit": 1})).json()
    assert ([each["id"] for each in listed["runs"]], listed["next_cursor"]) == ([run["id"]], None)


async def test_items_come_in_pages(office: Office) -> None:
    """Every item comes once, most money first, whatever is alike."""
    for number in range(5):
        await office.put(f"A-{number}", open=10 + number % 2)
    run = await office.propose()
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await office.ann.get(f"/v1/runs/{run['id']}/items", params={"limit": 2, **cursor})).json()
        seen += [item["account_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["A-1", "A-3", "A-0", "A-2", "A-4"]


async def test_every_deed_is_logged_and_the_end_is_told(office: Office) -> None:
    """Who did what with a run is in the log, with the digest; who is erased leaves it; the run tells that it ended."""
    for name in ("anna", "bert", "carl"):
        await office.put(name)
    run = await office.propose()
    await office.say(run, "exclude", office.ann, accounts=["bert"], reason="a secret of bert's")
    await office.say(run, "hold", office.ann, accounts=["carl"], reason="so")
    ended = await office.release(run)
    store = office.asking.store
    lines = [line async for line in store.log.stream_others() if line.kind.startswith("run_")]
    kinds = ["run_proposed", "run_excluded", "run_held", "run_approved", "run_released", "run_finished"]
    assert [line.kind for line in lines] == kinds
    assert {(line.fields["subject"], line.fields["digest"]) for line in lines} == {(run["id"], ended["digest"])}
    assert [line.fields["name"] for line in lines] == ["ann", "ann", "ann", "bob", "bob", None]
    assert [line.fields["count"] for line in lines] == [3, 1, 1, None, 1, 1]
    assert set(RunDeedLine.__struct_fields__) <= set(lines[0].fields)
    assert not any(b"secret" in line.line for line in lines)
    events = (await office.ann.get("/v1/events")).json()["events"]
    assert [event["subject"] for event in events if event["type"].endswith("run.finished")] == [f"runs/{run['id']}"]
    await office.ann.delete("/v1/accounts/anna")
    assert "anna" not in await office.states(run)
    async with store.database.connection(60) as connection:
        assert (await verify_log(connection)).findings == ()


async def test_an_action_along_with_another_takes_its_room_too(office: Office) -> None:
    """A letter beside an email counts as a letter of that day; who finds no room for it is carried over whole."""
    beside = "channel: [email], along_with: [{action: send_reminder, channel: letter}]"
    await office.asking.publish(REMINDER.replace("channel: [preferred, email, sms]", beside))
    for number in range(3):
        await office.put(f"A-{number}", channels=["email", "letter"])
    run = await office.propose(at_most={"letter": 2})
    assert await office.states(run) == {"A-0": "proposed", "A-1": "proposed", "A-2": "carried_over"}
    counts = {day["channel"]: (day["count"], day["carried_over"]) for day in run["days"]}
    assert counts == {"email": (2, 1), "letter": (2, 1)}


async def test_a_step_that_cannot_be_carried_out_ends_its_run(office: Office) -> None:
    """A fault of the service is told as one, the run is failed, and those behind it go on."""
    await office.put("anna")
    broken = (await office.ann.post("/v1/runs", json={"as_of": AS_OF})).json()["id"]
    await office.asking.store.database.fetch("UPDATE dunning.runs SET as_of = 'never'")
    other = await office.propose()
    assert other["state"] == "proposed"
    run = await office.read(broken)
    assert (run["state"], run["problem"]) == ("failed", "A fault of the service, AccountInvalid; its log says more.")
    lines = [line.kind async for line in office.asking.store.log.stream_others() if line.kind.startswith("run_")]
    assert lines == ["run_failed", "run_proposed"]
