"""What becomes of a version: its suite, other eyes, retirement, and two axes of time."""

import datetime as dt
import functools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from store.store import Store, StoreSettings
from tests.api.auditing import Bench, start
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.waiting import until

pytestmark = pytest.mark.anyio
YAML = {"Content-Type": "application/yaml"}
SUITE = """\
ruleset: nl-consumer
accounts:
  anna: {country: NL, currency: EUR, channels: [email], invoices: [{id: I-1, due_on: 2026-11-01, open: 49.95}]}
tests:
  - {name: She is reminded, account: anna, as_of: 2026-11-06, expect: {rule: RULE}}
"""


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own."""
    async with start(empty_database_url) as bench:
        yield bench


@pytest.fixture
async def four_eyes(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service where a version waits for other eyes."""
    async with start(empty_database_url, four_eyes=True) as bench:
        yield bench


def write(title: str) -> str:
    """Write the ruleset under another title."""
    return REMINDER.replace("Dutch consumers", title)


async def publish(client: httpx.AsyncClient, title: str = "First") -> dict[str, Any]:
    """Publish a version."""
    answer = await client.post("/v1/rulesets", content=write(title), headers=YAML)
    assert answer.status_code == 201, answer.text
    version: dict[str, Any] = answer.json()
    return version


async def ask(client: httpx.AsyncClient, **wanted: str) -> Any:
    """Ask for the stored account, and answer which version decided."""
    answer = await client.get("/v1/accounts/anna/next-action", params={"as_of": AS_OF[:10]} | wanted)
    assert answer.status_code == 200, answer.text
    ruleset = answer.json()["ruleset"]
    return None if ruleset is None else ruleset["version"]


async def act(client: httpx.AsyncClient, kind: str, number: int, **body: str) -> httpx.Response:
    """Retire, activate or approve a version."""
    return await client.post(f"/v1/rulesets/nl-consumer/versions/{number}/{kind}", json=body)


async def test_a_failing_suite_keeps_a_version_out(bench: Bench) -> None:
    """The suite beside a ruleset is run; a case that fails is told with its line, and nothing is published."""
    bad = await bench.ann.post("/v1/rulesets", json={"text": REMINDER, "suite": SUITE.replace("RULE", "notice")})
    assert (bad.status_code, bad.json()["type"]) == (422, "urn:dunning:problem:suite-failed")
    (diagnostic,) = bad.json()["diagnostics"]
    assert (diagnostic["code"], diagnostic["file"], diagnostic["line"]) == ("case-failed", "ruleset_test.yaml", 5)
    assert "friendly-reminder" in diagnostic["message"]
    broken = await bench.ann.post("/v1/rulesets", json={"text": REMINDER, "suite": "ruleset: [", "file": "nl.yaml"})
    assert (broken.status_code, broken.json()["diagnostics"][0]["file"]) == (422, "nl_test.yaml")
    assert (await bench.ann.get("/v1/rulesets")).json() == {"rulesets": []}
    good = SUITE.replace("RULE", "friendly-reminder")
    assert (await bench.ann.post("/v1/rulesets", json={"text": REMINDER, "suite": good})).status_code == 201
    assert (await bench.ann.get("/v1/rulesets/nl-consumer/versions/1")).json()["suite"] == good


async def test_a_version_that_comes_without_the_suite_of_the_one_before_says_so(bench: Bench) -> None:
    """It is published with a warning, that is kept with it; the next, of which that cannot be said, has none."""
    good = SUITE.replace("RULE", "friendly-reminder")
    assert (await bench.ann.post("/v1/rulesets", json={"text": REMINDER, "suite": good})).status_code == 201
    for number in (2, 3):
        text = REMINDER.replace("title: Dutch", f"title: {number} Dutch")
        answer = (await bench.ann.post("/v1/rulesets", json={"text": text})).json()
        missing = [each["message"] for each in answer["diagnostics"] if each["code"] == "suite-missing"]
        assert missing == ["Version 1 was published with a suite, and this one comes without; no case was asked."] * (
            number == 2
        )
        stored = (await bench.ann.get(f"/v1/rulesets/nl-consumer/versions/{number}")).json()["diagnostics"]
        assert stored == answer["diagnostics"]


async def test_what_analysis_says_is_kept_with_the_version(bench: Bench) -> None:
    """Warnings of the analysis are answered and stored; they do not refuse."""
    never = "{days_overdue: {at_least: 9, at_most: 8}}"
    rule = f"  - {{id: never, level: 3, when: {never}, then: {{action: hand_over, to: agency}}}}\n"
    answer = await bench.ann.post("/v1/rulesets", content=REMINDER + rule, headers=YAML)
    assert answer.status_code == 201, answer.text
    assert {"never-holds"} <= {each["code"] for each in answer.json()["diagnostics"]}
    stored = (await bench.ann.get("/v1/rulesets/nl-consumer/versions/1")).json()["diagnostics"]
    assert stored == answer.json()["diagnostics"]


async def test_a_retired_version_is_out_of_use_until_it_is_activated(bench: Bench) -> None:
    """The version before it decides in the meantime; who did it, when and why is part of the version."""
    await bench.ann.put("/v1/accounts/anna", json=ANNA)
    await publish(bench.ann)
    await publish(bench.ann, "Second")
    assert await ask(bench.ann) == 2
    retired = await act(bench.bob, "retire", 2, note="the fee is wrong")
    assert (retired.status_code, retired.json()["is_active"]) == (200, False)
    assert await ask(bench.ann) == 1
    assert await ask(bench.ann, ruleset="nl-consumer", version="2") == 2
    assert (await act(bench.ann, "activate", 2)).json()["is_active"]
    assert await ask(bench.ann) == 2
    events = (await bench.ann.get("/v1/rulesets/nl-consumer/versions/2")).json()["events"]
    assert [(event["kind"], event["note"]) for event in events] == [("retire", "the fee is wrong"), ("activate", None)]
    assert events[0]["actor"] != events[1]["actor"]


@pytest.mark.parametrize("kind", ["retire", "activate", "approve"])
async def test_only_what_is_there_and_as_read_is_touched(bench: Bench, kind: str) -> None:
    """An unknown version is a 404, another content than the one that was read a 422."""
    await publish(bench.ann)
    assert (await act(bench.bob, kind, 2)).status_code == 404
    assert (await bench.bob.post(f"/v1/rulesets/no%00/versions/1/{kind}", json={})).status_code == 404
    wrong = await act(bench.bob, kind, 1, digest="sha256:other")
    assert (wrong.status_code, wrong.json()["problems"][0]["pointer"]) == (422, "/digest")
    digest = (await bench.ann.get("/v1/rulesets/nl-consumer/versions/1")).json()["digest"]
    assert (await act(bench.bob, kind, 1, digest=digest)).status_code == 200


async def test_a_version_waits_for_other_eyes(four_eyes: Bench) -> None:
    """It does not decide until a token other than the publisher's approves; each new content waits for itself."""
    ann, bob = four_eyes.ann, four_eyes.bob
    await ann.put("/v1/accounts/anna", json=ANNA)
    first = await publish(ann)
    assert (first["approval"], first["is_active"]) == ("pending", False)
    assert await ask(ann) is None
    own = await act(ann, "approve", 1)
    assert (own.status_code, own.json()["type"]) == (403, "urn:dunning:problem:own-approval")
    assert (await act(ann, "activate", 1)).json()["is_active"] is False
    assert (await act(bob, "activate", 1)).json()["is_active"] is False
    approved = (await act(bob, "approve", 1, note="read it, fine")).json()
    assert (approved["approval"], approved["is_active"], approved["approval_note"]) == (
        "approved",
        True,
        "read it, fine",
    )
    assert approved["approved_by"] != approved["publisher"]
    assert await ask(ann) == 1
    assert (await publish(bob, "Second"))["approval"] == "pending"
    assert await ask(ann) == 1
    assert (await act(bob, "approve", 2)).status_code == 403
    assert (await act(ann, "approve", 2)).status_code == 200
    assert await ask(ann) == 2


async def test_to_retire_or_activate_takes_two(four_eyes: Bench) -> None:
    """With four eyes the first who asks waits, and does not approve that; the second who asks the same does."""
    ann, bob = four_eyes.ann, four_eyes.bob
    await publish(ann)
    await act(bob, "approve", 1)
    for kind, is_active in (("retire", False), ("activate", True)):
        waits = (await act(ann, kind, 1, note="wrong fee")).json()
        assert (waits["is_active"], waits["waiting"], waits["waiting_by"] is None) == (not is_active, kind, False)
        own = await act(ann, kind, 1)
        assert (own.status_code, own.json()["type"]) == (403, "urn:dunning:problem:own-approval")
        done = (await act(bob, kind, 1)).json()
        assert (done["is_active"], done["waiting"], done["waiting_by"]) == (is_active, None, None)
        assert len(await four_eyes.store.rulesets.active_at()) == is_active
    await act(ann, "retire", 1)
    assert (await act(bob, "activate", 1)).json()["waiting"] == "activate"  # another wish takes the place of the first
    assert (await act(ann, "retire", 1)).json()["is_active"] is True
    await four_eyes.store.rulesets.switch_four_eyes(is_on=False, actor="command:root")
    assert (await act(ann, "retire", 1)).json()["is_active"] is False


async def test_an_approval_is_void_for_another_content(four_eyes: Bench) -> None:
    """Where the stored content is changed past the program, what was approved is no longer it."""
    await publish(four_eyes.ann)
    await act(four_eyes.bob, "approve", 1)
    database = four_eyes.store.database
    await database.fetch("ALTER TABLE dunning.ruleset_versions DISABLE TRIGGER USER")
    await database.fetch("UPDATE dunning.ruleset_versions SET digest = 'sha256:other'")
    await database.fetch("ALTER TABLE dunning.ruleset_versions ENABLE TRIGGER USER")
    (summary,) = (await four_eyes.ann.get("/v1/rulesets")).json()["rulesets"]
    assert (summary["versions"][0]["approval"], summary["versions"][0]["is_active"]) == ("pending", False)
    assert await four_eyes.store.rulesets.active_at() == ()


async def test_known_at_answers_with_what_was_published_and_recorded_then(bench: Bench) -> None:
    """As of one day, known at different instants: the versions and the history of that time."""

    async def now() -> str:
        instant: dt.datetime = await bench.store.database.fetchval("SELECT clock_timestamp()")
        return instant.isoformat()

    await bench.ann.put("/v1/accounts/anna", json=ANNA)
    before = await now()
    await publish(bench.ann)
    first = await now()
    await publish(bench.ann, "Second")
    second = await now()
    await act(bench.bob, "retire", 2)
    retired = await now()
    entry = {"rule": "friendly-reminder", "at": "2026-11-05", "channel": "email"}
    assert (await bench.ann.post("/v1/accounts/anna/history", json=entry)).status_code == 201
    recorded = await now()
    instants = (before, first, second, retired)
    assert [await ask(bench.ann, known_at=instant) for instant in instants] == [None, 1, 2, 1]

    async def sent_before(known_at: str) -> int:
        asked = {"as_of": AS_OF[:10], "known_at": known_at}
        decision = (await bench.ann.get("/v1/accounts/anna/next-action", params=asked)).json()
        replayed = await bench.ann.post(f"/v1/decisions/{decision['decision_id']}/replay")
        assert replayed.json()["is_equal"]
        sent: int = decision["sent_before"]
        return sent

    assert [await sent_before(instant) for instant in (retired, recorded)] == [0, 1]
    asked = {"known_at": first}
    decision = (await bench.ann.get("/v1/accounts/anna/next-action", params=asked)).json()
    assert dt.datetime.fromisoformat(decision["as_of"]) == dt.datetime.fromisoformat(first)


@pytest.mark.parametrize("wanted", [{"known_at": "2999-01-01T00:00:00Z"}, {"known_at": AS_OF, "version": "1"}])
async def test_known_at_is_an_instant_of_the_past_and_names_no_version(bench: Bench, wanted: dict[str, str]) -> None:
    """The future, and a version beside it, are refused."""
    await bench.ann.put("/v1/accounts/anna", json=ANNA)
    answer = await bench.ann.get("/v1/accounts/anna/next-action", params={"ruleset": "nl-consumer"} | wanted)
    assert (answer.status_code, answer.json()["problems"][0]["parameter"]) == (422, "known_at")


async def test_a_replica_is_told_of_what_another_did(empty_database_url: str) -> None:
    """What one server publishes or retires another decides with when told: this one never looks by itself."""
    never = StoreSettings(ping_seconds=86_400.0)
    async with start(empty_database_url) as one, start(empty_database_url, store_settings=never) as other:
        await one.ann.put("/v1/accounts/anna", json=ANNA)
        for title in ("First", "Second", "Third"):
            number = (await publish(one.ann, title))["version"]
            await until(functools.partial(is_at, other, number))
        await act(one.ann, "retire", 3)
        await until(functools.partial(is_at, other, 2))


async def is_at(bench: Bench, number: int) -> bool:
    """Whether a server decides with a version."""
    return bool(await ask(bench.ann) == number)


async def test_a_server_without_news_refuses_to_decide(empty_database_url: str) -> None:
    """When news of rulesets stop the last good version decides for a while; then the server says that it is stale."""
    settings = StoreSettings(ping_seconds=0.05)
    async with await Store.open(empty_database_url, settings=settings), start(empty_database_url) as bench:
        await bench.ann.put("/v1/accounts/anna", json=ANNA)
        await publish(bench.ann)
        notices = bench.store.notices
        await notices.close()
        assert await ask(bench.ann) == 1
        notices._heard_at -= 60.0  # noqa: SLF001  as if a minute had passed
        answer = await bench.ann.get("/v1/accounts/anna/next-action")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:dunning:problem:unavailable")
        ready = await bench.ann.get("/readyz")
        assert ready.status_code == 503
        assert "no news of rulesets for more than 30 seconds" in " ".join(ready.json()["problems"])


async def test_two_versions_are_compared(bench: Bench) -> None:
    """The changed lines, the changed parts, and for which accounts the decision differs; or that it does for none."""
    await publish(bench.ann)
    await publish(bench.ann, "Second")
    later = write("Second").replace("days_overdue: 3..", "days_overdue: 5..")
    assert (await bench.ann.post("/v1/rulesets", content=later, headers=YAML)).status_code == 201
    same = (await bench.ann.get("/v1/rulesets/nl-consumer/diff?from=1&to=2")).json()
    assert (same["from"], same["to"], same["is_behaviour_same"], same["is_finished"]) == (1, 2, True, True)
    assert "-title: First\n+title: Second\n" in same["texts"]
    assert [change["name"] for change in same["difference"]["changes"]] == ["title"]
    other = (await bench.ann.get("/v1/rulesets/nl-consumer/diff?from=2&to=3")).json()
    assert (other["is_behaviour_same"], other["is_finished"]) == (False, True)
    (edition,) = other["difference"]["editions"]
    assert "3 to 4" in str(edition["rows"][0]["places"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nl-consumer/diff?from=1&to=2", 404),
        ("no%00/diff?from=1&to=1", 404),
        ("nl-consumer/diff?from=1", 422),
        ("nl-consumer/diff?from=x&to=1", 422),
        ("nl-consumer/diff?from=0&to=1", 422),
    ],
)
async def test_versions_that_are_not_there_are_not_compared(bench: Bench, path: str, status: int) -> None:
    """An unknown version is a 404; two numbers are needed."""
    await publish(bench.ann)
    assert (await bench.ann.get(f"/v1/rulesets/{path}")).status_code == status
