"""What is recorded names the debt it was done for (language.md 5.3a)."""

from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.test_history import check, decide, store_account

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("published")]
YAML = {"Content-Type": "application/yaml"}
FIRST = {"id": "I-1", "due_on": "2026-11-01", "open": 49.95}
SECOND = {"id": "I-2", "due_on": "2026-11-10", "open": 20}
RULE = {"rule": "friendly-reminder"}


async def record(client: httpx.AsyncClient, path: str, **entry: object) -> dict[str, Any]:
    """Record an entry, and return it as it was stored."""
    answer = await client.post(path, json=entry)
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


@pytest.mark.parametrize(
    ("at", "timezone", "invoices"),
    [
        ("2026-11-01T23:59:59+01:00", None, ["I-1", "I-2"]),  # none is overdue: the open ones
        ("2026-11-02T00:00:00+01:00", None, ["I-1"]),
        ("2026-11-02T00:00:00+01:00", "America/New_York", ["I-1", "I-2"]),
        ("2026-11-10", None, ["I-1"]),
        ("2026-11-11", None, ["I-1", "I-2"]),
    ],
)
async def test_an_entry_gets_the_episode_and_what_is_claimed_on_its_local_day(
    client: httpx.AsyncClient, at: str, timezone: str | None, invoices: list[str]
) -> None:
    """The day is that of the account's zone or, where it names none, the ruleset's."""
    zone = {} if timezone is None else {"timezone": timezone}
    path = await store_account(client, f"debt-{at[:19]}-{invoices}", invoices=[SECOND, FIRST], **zone)
    stored = await record(client, path, **RULE, at=at)
    assert (stored["episode"], stored["invoices"]) == ("2026-11-01", invoices)


async def test_what_an_entry_says_is_kept(client: httpx.AsyncClient) -> None:
    """An episode, `none` too, and invoices, also an empty list, are what whoever did it says."""
    path = await store_account(client, "said")
    every: tuple[dict[str, Any], ...] = (
        {"episode": "2026-01-01"},
        {"episode": "none"},
        {"invoices": []},
        {"invoices": ["X"]},
    )
    for said in every:
        stored = await record(client, path, **RULE, at=AS_OF, **said)
        assert stored == {**RULE, "at": AS_OF, "episode": "2026-11-01", "invoices": ["I-1"]} | said


@pytest.mark.parametrize("entry", [{"level": 2}, {"reset": True}, {"action": "place_call", "channel": "phone"}])
async def test_only_what_executes_a_rule_is_about_invoices(client: httpx.AsyncClient, entry: dict[str, Any]) -> None:
    """A level, a reset and an action of no rule get the episode alone."""
    path = await store_account(client, f"alone-{next(iter(entry))}")
    assert await record(client, path, **entry, at=AS_OF) == entry | {"at": AS_OF, "episode": "2026-11-01"}


async def test_between_episodes_there_are_no_invoices_to_name(client: httpx.AsyncClient) -> None:
    """With nothing open and undisputed the episode is `none`, and the key of the invoices is left out."""
    for number, invoices in enumerate(([], [FIRST | {"open": 0}], [FIRST | {"disputed": True}])):
        path = await store_account(client, f"between-{number}", invoices=invoices)
        assert await record(client, path, **RULE, at=AS_OF) == {**RULE, "at": AS_OF, "episode": "none"}


async def test_days_overdue_in_the_place_of_invoices_name_the_episode(client: httpx.AsyncClient) -> None:
    """They are counted back from the day on which they hold, which is that of the entry where none is said."""
    account = {key: value for key, value in ANNA.items() if key != "invoices"} | {"days_overdue": 5}
    for number, (more, episode) in enumerate((({}, "2026-11-01"), ({"facts_on": "2026-11-10"}, "2026-11-05"))):
        await client.put(f"/v1/accounts/days-{number}", json=account | more | {"id": f"days-{number}"})
        stored = await record(client, f"/v1/accounts/days-{number}/history", **RULE, at=AS_OF)
        assert stored == {**RULE, "at": AS_OF, "episode": episode}


async def test_a_decision_brings_its_own_episode_and_invoices(client: httpx.AsyncClient) -> None:
    """What was decided was decided about the debt there was then, whatever was paid since."""
    path = await store_account(client, "decided", invoices=[FIRST, SECOND])
    decision = await decide(client, "decided")
    account = ANNA | {"id": "decided", "invoices": [SECOND]}
    assert (await client.put("/v1/accounts/decided", json=account)).status_code == 200
    stored = await record(client, path, decision_id=decision, at="2026-11-12")
    assert (stored["episode"], stored["invoices"]) == ("2026-11-01", ["I-1"])
    by_hand = await record(client, path, **RULE, at="2026-11-12")
    assert (by_hand["episode"], by_hand["invoices"]) == ("2026-11-10", ["I-2"])


async def test_the_ruleset_of_the_entry_reads_the_account(client: httpx.AsyncClient) -> None:
    """One that passes over small rests sees another debt; whom nobody covers, or knows, is read all the same."""
    other = REMINDER.replace("nl-consumer", "nl-credit").replace("currency: EUR", "currency: EUR\ntrack: credit")
    text = other.replace("effective:", "ignore_below: 25\neffective:")
    assert (await client.post("/v1/rulesets", content=text, headers=YAML)).status_code == 201
    small = FIRST | {"id": "I-0", "due_on": "2026-10-01", "open": 24.99}
    path = await store_account(client, "small", invoices=[small, FIRST])
    for ruleset, episode in (("nl-credit", "2026-11-01"), ("nl-consumer", "2026-10-01"), ("elsewhere", "2026-10-01")):
        stored = await record(client, path, **RULE, at=AS_OF, ruleset=ruleset)
        assert stored["episode"] == episode
    uncovered = await store_account(client, "abroad", country="DE")
    assert (await record(client, uncovered, **RULE, at=AS_OF))["episode"] == "2026-11-01"


async def test_what_was_recorded_for_one_debt_does_not_count_for_the_next(client: httpx.AsyncClient) -> None:
    """Last year's letters are recorded without an episode, paid, and this year's invoice begins with a reminder."""
    path = await store_account(client, "next-debt")
    await record(client, path, **RULE, at=AS_OF)
    await record(client, path, rule="notice", at="2026-11-20")
    account = ANNA | {"id": "next-debt", "invoices": [FIRST | {"id": "I-9", "due_on": "2026-12-20"}]}
    await client.put("/v1/accounts/next-debt", json=account)
    answer = await client.get("/v1/accounts/next-debt/next-action", params={"as_of": "2026-12-24"})
    assert (answer.json()["rule"]["id"], answer.json()["episode"]) == ("friendly-reminder", "2026-12-20")


async def test_a_word_that_names_no_episode_is_refused(client: httpx.AsyncClient) -> None:
    """It is a due date or `none`."""
    path = await store_account(client, "no-episode")
    for episode in ("None", "2026-13-01", "0001-01-01", ""):
        answer = await client.post(path, json={**RULE, "at": AS_OF, "episode": episode})
        check(answer, 422, "invalid-request", "/episode")


async def test_a_row_of_a_table_is_a_rule_that_was_published(client: httpx.AsyncClient) -> None:
    """History names it by its id, in any version; a row that never was is refused, and so is the table."""
    table = """\
rules:
  - table: reminders
    then: {action: send_reminder, channel: email}
    columns: [level, id]
    rows: [[1, soft], [2, firm]]
"""
    head = REMINDER.replace("nl-consumer", "be-tables").replace("country: NL", "country: BE").partition("rules:")[0]
    for text in (head + table, head + table.replace("soft", "mild")):
        assert (await client.post("/v1/rulesets", content=text, headers=YAML)).status_code == 201
    path = await store_account(client, "tabled", country="BE")
    for rule in ("reminders-soft", "reminders-mild", "reminders-firm"):
        await record(client, path, rule=rule, at=AS_OF)
    for rule in ("reminders", "reminders-hard", "soft"):
        check(await client.post(path, json={"rule": rule, "at": AS_OF}), 422, "invalid-request", "/rule")


async def test_an_action_of_no_rule_can_be_recorded_by_its_decision(client: httpx.AsyncClient) -> None:
    """What `otherwise` says was done is a contact; it is of no rule, and so about no invoices."""
    text = REMINDER.replace("nl-consumer", "fr-otherwise").replace("country: NL", "country: FR")
    otherwise = text + "otherwise: {action: send_reminder, channel: email}\n"
    assert (await client.post("/v1/rulesets", content=otherwise, headers=YAML)).status_code == 201
    path = await store_account(client, "otherwise", country="FR", invoices=[])
    decision = await decide(client, "otherwise")
    stored = await record(client, path, decision_id=decision, at=AS_OF)
    assert {key: stored.get(key) for key in ("action", "channel", "episode", "rule", "invoices")} == {
        "action": "send_reminder",
        "channel": "email",
        "episode": "none",
        "rule": None,
        "invoices": None,
    }
