"""Asking again about stored accounts: by the one way of deciding, logged, beside everything else."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal

import pytest

from api.due import Pace, take_turn
from api.service import Service
from store.decisions import DecisionFilter
from store.errors import StoreError
from tests.api.asking import LATER, Asking, start
from tests.api.examples import REMINDER
from tests.waiting import until

pytestmark = pytest.mark.anyio

REFUSE_THE_LAST = """
CREATE FUNCTION dunning.refuse_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE undefined_table;
END $$;
CREATE TRIGGER refuse_the_last BEFORE INSERT ON dunning.decisions FOR EACH ROW
WHEN (NEW.account_id = 'A-7') EXECUTE FUNCTION dunning.refuse_the_last()
"""


class SoonBeside(Pace):
    """Beside requests from the moment on that a batch is begun."""

    def begin(self) -> int:
        """Begin as large as while nobody asks; then somebody does."""
        most = super().begin()
        self._metrics.requests_count += 1
        return most


@pytest.fixture
async def asking(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service that asks when told to."""
    async with start(empty_database_url) as made:
        yield made


async def test_what_is_due_is_decided_and_logged_like_any_other(asking: Asking) -> None:
    """The answer in the log is the one that the account gets when it is asked about at that moment."""
    await asking.publish()
    await asking.put()
    await asking.ask_all()
    answer = await asking.read()
    assert (answer.outcome, answer.rule, answer.channel) == ("act", "friendly-reminder", "email")
    assert (answer.currency, answer.claim, answer.collectable) == ("EUR", Decimal("49.95"), Decimal("49.95"))
    logged = (await asking.client.get(f"/v1/decisions/{answer.decision_id}")).json()
    asked = (await asking.client.get("/v1/accounts/anna/next-action", params={"as_of": "2090-11-06T08:00:00Z"})).json()
    for name in ("decision_id", "logged_at", "input"):
        logged.pop(name)
        asked.pop(name, None)
    assert logged == asked
    assert answer.scheduled_for is not None
    assert answer.scheduled_for == dt.datetime.fromisoformat(logged["action"]["scheduled_for"])


async def test_it_is_asked_again_on_the_day_of_its_review(asking: Asking) -> None:
    """From the first moment of that day in the account's zone, and not before; on a quiet day nothing is decided."""
    await asking.publish()
    await asking.put(invoices=LATER)
    await asking.ask_all()
    first = await asking.read()
    assert (first.outcome, first.review_on) == ("wait", dt.date(2090, 11, 8))
    assert first.ask_at == dt.datetime(2090, 11, 7, 23, tzinfo=dt.UTC)
    asking.now = first.ask_at - dt.timedelta(seconds=1)
    await asking.ask_all()
    assert (await asking.read()).decision_id == first.decision_id
    asking.now = first.ask_at
    await asking.ask_all()
    second = await asking.read()
    assert (second.outcome, second.decided_at) == ("act", first.ask_at)


async def test_what_is_new_to_do_is_told_once(asking: Asking) -> None:
    """An event names decision, rule and action; the same step found again is none, one that waits for eyes is two."""
    await asking.publish(REMINDER.replace("template: nl.reminder", "approval: required"))
    await asking.ask_all()
    await asking.put()
    await asking.put("bert", invoices=[])
    await asking.ask_all()
    first = await asking.read()
    asking.now += dt.timedelta(seconds=1)
    await asking.put(vip=True)
    await asking.ask_all()
    again = await asking.read()
    assert (again.decision_id, again.decided_at) == (first.decision_id, asking.now)
    told = [(event.type, event.subject, json.loads(event.data)) for event in await asking.store.outbox.list()]
    said = {
        "account_id": "anna",
        "decision_id": first.decision_id,
        "track": "dunning",
        "ruleset": "nl-consumer",
        "version": 1,
        "rule": "friendly-reminder",
        "action": "send_reminder",
    }
    mine = [each for each in told if each[1] == "accounts/anna" and each[0] != "case.opened"]
    assert mine == [("decision.due", "accounts/anna", said), ("approval.requested", "accounts/anna", said)]


async def test_a_zone_of_the_accounts_own_says_when_its_day_begins(asking: Asking) -> None:
    """The review is at the first moment of the day where the account lives, whether it is covered or not."""
    await asking.publish()
    await asking.publish(REMINDER.replace("nl-consumer", "be").replace("NL}", "BE}").replace("2026-01", "2090-12"))
    for name, country in (("anna", "NL"), ("bert", "BE")):
        await asking.put(name, timezone="America/New_York", invoices=LATER, country=country)
    await asking.ask_all()
    anna, bert = await asking.read(), await asking.read("bert")
    assert (anna.outcome, anna.ask_at) == ("wait", dt.datetime(2090, 11, 8, 5, tzinfo=dt.UTC))
    assert (bert.outcome, bert.ask_at) == ("not_covered", dt.datetime(2090, 12, 1, 5, tzinfo=dt.UTC))


async def test_a_new_version_answers_those_it_covers(asking: Asking) -> None:
    """Also those whose question would never have come again; others are left alone."""
    await asking.publish()
    await asking.put()
    await asking.put("bert", invoices=[])
    await asking.put("carl", country="BE")
    await asking.ask_all()
    before = {name: await asking.read(name) for name in ("anna", "bert", "carl")}
    await asking.publish(REMINDER.replace("days_overdue: 3..", "days_overdue: 2.."))
    await asking.ask_all()
    after = {name: await asking.read(name) for name in before}
    assert {name: answer.version for name, answer in after.items()} == {"anna": 2, "bert": 2, "carl": None}
    assert after["carl"] == before["carl"]


async def test_a_server_that_has_not_heard_of_a_version_leaves_its_questions(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would answer by the version before, and nobody would ask again."""
    await asking.publish()
    await asking.put()
    monkeypatch.setattr(asking.service.rulesets, "_change", (0, 0))
    await asking.ask_all()
    assert (await asking.read()).outcome is None
    await asking.service.rulesets.take_news()
    await asking.ask_all()
    assert (await asking.read()).outcome == "act"


async def test_an_account_that_cannot_be_decided_on_says_why_and_holds_up_nobody(asking: Asking) -> None:
    """It is asked again once it is changed."""
    await asking.publish()
    await asking.put("broken", channels="none")
    await asking.put()
    await asking.ask_all()
    broken = await asking.read("broken")
    assert (broken.outcome, broken.ask_at) == (None, None)
    assert "channels" in str(broken.problem)
    assert (await asking.read()).outcome == "act"
    await asking.put("broken")
    await asking.ask_all()
    mended = await asking.read("broken")
    assert (mended.outcome, mended.problem) == ("act", None)


async def test_a_decision_that_cannot_be_stored_is_found_by_halving(asking: Asking) -> None:
    """It says so, and the others are logged in few transactions: their questions are held all the while."""
    await asking.publish()
    await asking.ask_all()
    names = [f"A-{number:02}" for number in range(32)]
    for name in names:
        await asking.put(name)
    await asking.store.database.fetch("ALTER TABLE dunning.decisions ADD CHECK (account_id <> 'A-13')")
    await take_turn(asking.service)
    spoilt = await asking.read("A-13")
    assert (spoilt.outcome, spoilt.ask_at) == (None, None)
    assert spoilt.problem
    assert {(await asking.read(name)).outcome for name in names if name != "A-13"} == {"act"}
    counts = await asking.store.database.fetchrow(
        "SELECT count(*) AS rows, count(DISTINCT xmin::text) AS transactions FROM dunning.decisions"
    )
    assert counts is not None
    assert tuple(counts) == (31, 5)


async def test_nothing_is_asked_while_the_clock_is_wrong(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due stays due until it is right."""
    await asking.publish()
    await asking.put()
    wrong = asking.store.clock.read() + 3600
    with monkeypatch.context() as patch:
        patch.setattr(asking.store.clock, "_wall", lambda: wrong)
        with pytest.raises(Exception, match="clock of this machine was set forward"):
            await take_turn(asking.service)
    await asking.ask_all()
    assert (await asking.read()).outcome == "act"


async def test_a_decision_that_is_not_logged_is_no_answer(asking: Asking) -> None:
    """Where the log refuses, the question stays due."""
    await asking.publish()
    await asking.put()
    await asking.store.database.fetch("ALTER TABLE dunning.arriving_decisions RENAME TO away")
    with pytest.raises(Exception, match="could not be logged"):
        await take_turn(asking.service)
    await asking.store.database.fetch("ALTER TABLE dunning.away RENAME TO arriving_decisions")
    assert (await asking.read()).outcome is None
    await asking.ask_all()
    assert (await asking.read()).outcome == "act"


@pytest.mark.parametrize("unstorable", ["", "A-5"])  # the latter: a part is logged by halves, one of which is not
async def test_what_is_logged_is_answered_where_a_later_part_is_not(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, unstorable: str
) -> None:
    """Requests come while a batch is decided; the rest of it stays due, and nothing is decided and logged twice."""
    monkeypatch.setattr("api.due._BATCH_BESIDE", 4)
    monkeypatch.setattr("api.due._BESIDE_SECONDS", float("inf"))
    await asking.publish()
    await asking.ask_all()
    names = [f"A-{number}" for number in range(8)]
    for name in names:
        await asking.put(name)
    async with asking.store.database.connection() as connection:
        await connection.execute(REFUSE_THE_LAST)
    await asking.store.database.fetch(f"ALTER TABLE dunning.decisions ADD CHECK (account_id <> '{unstorable}')")
    with pytest.raises(StoreError, match="could not be logged"):
        await take_turn(asking.service, SoonBeside(asking.service))
    logged = await asking.store.decisions.list(DecisionFilter())
    told = [each.account_id for each in logged.decisions]
    assert set(told) == {name for name in names if (await asking.read(name)).outcome == "act"}
    assert len(told) == 4 + bool(unstorable)
    await asking.store.database.fetch("DROP TRIGGER refuse_the_last ON dunning.decisions")
    await asking.ask_all()
    told = [each.account_id for each in (await asking.store.decisions.list(DecisionFilter())).decisions]
    assert sorted(told) == [name for name in names if name != unstorable]


async def test_what_takes_long_is_asked_in_small_batches(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading took all the time, one is decided all the same, and fewer are taken until there is time again."""
    await asking.publish()
    await asking.ask_all()  # whom the new version means, nobody yet
    for name in range(8):
        await asking.put(f"A-{name}")
    monkeypatch.setattr("api.due._BATCH", 8)
    monkeypatch.setattr("api.due._BATCH_BESIDE", 8)
    pace, sizes = Pace(asking.service), []
    with monkeypatch.context() as patch:
        patch.setattr("api.due._BATCH_SECONDS", -1.0)  # over before it has begun
        for turn in range(3):
            sizes.append(pace.begin())
            assert await take_turn(asking.service, pace)
            assert len((await asking.store.decisions.list(DecisionFilter())).decisions) == turn + 1
    for _ in range(3):
        sizes.append(pace.begin())
        await take_turn(asking.service, pace)
    assert (sizes, pace.begin()) == ([8, 2, 1, 2, 4, 8], 8)
    assert len((await asking.store.decisions.list(DecisionFilter())).decisions) == 8


async def test_few_are_written_at_once_while_requests_come(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a batch that was begun when nobody asked anything."""
    monkeypatch.setattr("api.due._BATCH_BESIDE", 2)
    monkeypatch.setattr("api.due._BESIDE_SECONDS", float("inf"))
    pace = Pace(asking.service)
    assert [list(part) for part in pace.split("abcde")] == [list("abcde")]
    await asking.publish()
    assert [list(part) for part in pace.split("abcde")] == [["a", "b"], ["c", "d"], ["e"]]


async def test_turns_that_have_work_look_for_news_of_use_now_and_then(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once where there was some, for a version means more accounts than are marked at once; else after a while."""
    monkeypatch.setattr("api.due._IDLE_SECONDS", float("inf"))
    pace = Pace(asking.service)
    await asking.publish()
    assert pace.looks_for_marks()
    await take_turn(asking.service, pace)
    assert pace.looks_for_marks()
    while await take_turn(asking.service, pace):
        pass
    assert not pace.looks_for_marks()


async def test_what_could_not_be_answered_at_all_is_taken_up_one_by_one(asking: Asking) -> None:
    """However large the batch was that PostgreSQL did not manage, the next is none that it cannot."""
    await asking.publish()
    await asking.put()
    pace = Pace(asking.service)
    assert pace.begin() > 1
    await asking.store.database.fetch("ALTER TABLE dunning.arriving_decisions RENAME TO away")
    with pytest.raises(StoreError):
        await take_turn(asking.service, pace)
    await asking.store.database.fetch("ALTER TABLE dunning.away RENAME TO arriving_decisions")
    assert pace.begin() == 1
    await take_turn(asking.service, pace)
    assert (await asking.read()).outcome == "act"
    assert pace.begin() == 2


async def test_a_server_asks_by_itself(empty_database_url: str) -> None:
    """The chore finds what is due, without anybody's asking."""
    async with start(empty_database_url, due=True) as asking:
        await asking.publish()
        await asking.put()
        await until(_is_answered(asking))


async def test_how_late_it_is_is_said(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lag is a metric; where it is long, or something is in the way, /readyz says it and stays ready."""
    monkeypatch.setattr("api.app.ask_when_due", _ask_nothing)
    async with start(empty_database_url, due=True) as asking:
        await asking.publish()
        assert "\ndunning_due_lag_seconds 0\n" in (await asking.client.get("/metrics")).text
        assert (await asking.client.get("/readyz")).json()["notices"] == []
        asking.service.due.oldest_at = asking.now - dt.timedelta(seconds=301)
        asking.service.due.trouble = "it rests"
        readiness = await asking.client.get("/readyz")
        assert (readiness.status_code, readiness.json()["notices"]) == (
            200,
            ["what is due is not asked: it rests", "what is due has waited for 301 seconds"],
        )
        assert "\ndunning_due_lag_seconds 301\n" in (await asking.client.get("/metrics")).text


async def test_a_server_that_only_answers_asks_nothing(asking: Asking) -> None:
    """Its readiness says only for how long what is due has waited for those that ask."""
    await asking.publish()
    await asking.put()
    asking.service.due.trouble = "it rests"
    assert "\ndunning_due_lag_seconds 0\n" in (await asking.client.get("/metrics")).text
    asked_at = (await asking.read()).ask_at
    assert asked_at is not None
    readiness = (await asking.client.get("/readyz")).json()
    waited = (asking.now - asked_at).total_seconds()
    assert readiness["notices"] == []
    assert readiness["due_lag_seconds"] >= waited
    page = await asking.store.decisions.list(DecisionFilter())
    assert page.decisions == ()
    await asking.ask_all()
    assert (await asking.client.get("/readyz")).json()["due_lag_seconds"] == 0


async def test_a_fault_of_ours_does_not_end_it(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and asking goes on."""
    async with start(empty_database_url) as quiet:
        await quiet.publish()
        await quiet.put()
    calls: list[object] = []

    async def fail(service: Service, _: object) -> bool:
        calls.append(service)
        raise RuntimeError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("api.due.take_turn", fail)
        patch.setattr("api.due._AFTER_TROUBLE_SECONDS", 0.0)
        async with start(empty_database_url, due=True) as asking:
            await until(lambda: len(calls) > 1)
            assert "a fault of the service, RuntimeError" in str(asking.service.due.trouble)
            patch.undo()
            await until(_is_answered(asking))
            await until(lambda: asking.service.due.trouble is None)


async def _ask_nothing(_: Service) -> None:
    """Leave it to the test what was found out."""


def _is_answered(asking: Asking) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return (await asking.read()).outcome == "act"

    return ask
