"""A case, what an account owes of a due date, is told when it opens and when it closes, each once."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.deciding import decide_openly
from api.messages import NextActionQuery
from api.noticing import notice
from api.routes.next_action import ask_about_stored
from tests.api.asking import Asking, start

pytestmark = pytest.mark.anyio

BEFORE = "2090-11-01"
AHEAD = [{"id": "I-1", "due_on": "2090-11-10", "open": 49.95}]
# Due on the 10th, in Amsterdam: overdue from the first moment of the 11th.
OVERDUE_AT = dt.datetime(2090, 11, 10, 23, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
OPENED, CLOSED = "case.opened", "case.closed"


@pytest.fixture
async def asking(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service that asks when told to, on 6 November 2090 in the morning."""
    async with start(empty_database_url) as started:
        await started.publish()
        yield started


async def record(asking: Asking, kind: str, amount: str | None = None, **keys: Any) -> None:
    """Record what came of the account just now, and ask."""
    asking.now += SECOND
    outcome = {"id": f"{kind}-{asking.now}", "type": kind, "at": asking.now.isoformat(), "amount": amount, **keys}
    answer = await asking.client.post("/v1/accounts/anna/outcomes", json=outcome)
    assert answer.is_success, answer.text
    await asking.ask_all()


async def told(asking: Asking) -> list[tuple[str, str]]:
    """List what was told of cases, in order, with their due dates."""
    events = (await asking.client.get("/v1/events", params={"limit": 1000})).json()["events"]
    assert {event["data"]["currency"] for event in events if event["type"] in {OPENED, CLOSED}} <= {"EUR"}
    return [(each["type"], each["data"]["due_on"]) for each in events if each["type"] in {OPENED, CLOSED}]


async def test_a_case_opens_when_its_day_is_over(asking: Asking) -> None:
    """At the first moment of the day after the due date, with nobody asking; and not again when it is asked anew."""
    await asking.put(invoices=AHEAD)
    await asking.ask_all()
    assert await told(asking) == []
    asking.now = OVERDUE_AT - SECOND
    await asking.ask_all()
    assert await told(asking) == []
    asking.now = OVERDUE_AT
    await asking.ask_all()
    assert await told(asking) == [(OPENED, "2090-11-10")]
    await asking.put(invoices=AHEAD, vip=True)
    await asking.ask_all()
    assert await told(asking) == [(OPENED, "2090-11-10")]


async def test_a_case_closes_when_it_is_paid_to_the_cent(asking: Asking) -> None:
    """By payments alone, whatever the books say is open; money gone back opens it again."""
    await asking.put()
    await asking.ask_all()
    await record(asking, "payment", "49.94")
    await asking.put(invoices=[])
    await asking.ask_all()
    assert await told(asking) == [(OPENED, BEFORE)]
    await record(asking, "payment", "0.01")
    assert await told(asking) == [(OPENED, BEFORE), (CLOSED, BEFORE)]
    await record(asking, "chargeback", "49.94")
    await record(asking, "payment", "49.94")
    await record(asking, "payment", "10.00")
    assert await told(asking) == [(OPENED, BEFORE), (CLOSED, BEFORE)] * 2


async def test_what_is_written_off_closes_a_case(asking: Asking) -> None:
    """Together with what was paid; money that comes later does not open it again."""
    await asking.put()
    await asking.ask_all()
    await record(asking, "payment", "9.95")
    await record(asking, "written_off", "40.00")
    await record(asking, "payment", "40.00")
    assert await told(asking) == [(OPENED, BEFORE), (CLOSED, BEFORE)]


async def test_each_due_date_is_a_case_and_the_oldest_is_paid_first(asking: Asking) -> None:
    """Money for no invoice pays by due date; money for one pays that."""
    later = [{"id": name, "due_on": f"2090-11-0{day}", "open": 10} for name, day in (("a", 1), ("b", 3), ("c", 2))]
    await asking.put(invoices=later)
    await asking.ask_all()
    days = ["2090-11-01", "2090-11-02", "2090-11-03"]
    assert await told(asking) == [(OPENED, day) for day in days]
    await record(asking, "payment", "10.00", invoice="b")
    await record(asking, "payment", "19.99")
    await record(asking, "payment", "0.01")
    assert (await told(asking))[3:] == [(CLOSED, days[2]), (CLOSED, days[0]), (CLOSED, days[1])]


@pytest.mark.parametrize("is_recorded", [True, False])
async def test_a_disputed_account_opens_no_case(asking: Asking, *, is_recorded: bool) -> None:
    """Whoever says so; it opens when that is over."""
    await asking.put(disputed=not is_recorded)
    if is_recorded:
        await record(asking, "dispute_opened")
    await asking.ask_all()
    assert await told(asking) == []
    if is_recorded:
        await record(asking, "dispute_closed")
    await asking.put(disputed=False)
    await asking.ask_all()
    assert await told(asking) == [(OPENED, BEFORE)]


@pytest.mark.parametrize("keys", [{"disputed": True}, {"held_until": "2090-11-08"}])
async def test_what_is_disputed_or_held_opens_no_case(asking: Asking, keys: dict[str, object]) -> None:
    """It does when that ends; a dispute that comes later closes nothing."""
    invoice = {"id": "I-1", "due_on": "2090-11-05", "open": 10}
    await asking.put(invoices=[invoice | keys])
    await asking.ask_all()
    assert await told(asking) == []
    asking.now = dt.datetime(2090, 11, 7, 23, tzinfo=dt.UTC)
    if "disputed" in keys:
        await asking.put(invoices=[invoice])
    await asking.ask_all()
    assert await told(asking) == [(OPENED, "2090-11-05")]
    await record(asking, "dispute_opened", invoice="I-1")
    assert await told(asking) == [(OPENED, "2090-11-05")]


async def test_a_dispute_that_was_recorded_opens_no_case(asking: Asking) -> None:
    """Until it is closed; what was paid before then opens none and closes none."""
    await asking.put(invoices=AHEAD)
    await record(asking, "dispute_opened", invoice="I-1")
    asking.now = OVERDUE_AT
    await asking.ask_all()
    await record(asking, "payment", "20.00")
    assert await told(asking) == []
    await asking.put(invoices=[AHEAD[0] | {"open": 29.95}])
    await record(asking, "dispute_closed", invoice="I-1")
    assert await told(asking) == [(OPENED, "2090-11-10")]
    await record(asking, "payment", "29.94")
    assert await told(asking) == [(OPENED, "2090-11-10")]
    await record(asking, "payment", "0.01")
    assert await told(asking) == [(OPENED, "2090-11-10"), (CLOSED, "2090-11-10")]


async def test_a_case_opens_whatever_the_answer(asking: Asking) -> None:
    """Also of an account that cannot be decided on, and one that no ruleset covers; on its day with nobody asking."""
    await asking.put(invoices=AHEAD, channels=None)
    await asking.ask_all()
    assert (await asking.read()).problem is not None
    asking.now = OVERDUE_AT
    await asking.ask_all()
    assert await told(asking) == [(OPENED, "2090-11-10")]


async def test_a_case_goes_with_its_account(asking: Asking) -> None:
    """One that is stored anew opens its own."""
    for _ in range(2):
        await asking.put()
        await asking.ask_all()
        assert (await asking.client.delete("/v1/accounts/anna")).status_code == 204
    assert await told(asking) == [(OPENED, BEFORE)] * 2
    for table in ("cases", "broken_promises"):
        assert not await asking.store.database.fetch(f"SELECT * FROM dunning.{table}")  # noqa: S608  two names of our own


OVERDUE = {"id": "I-1", "due_on": "2090-10-01", "open": 49.95}


@pytest.mark.parametrize(
    "facts",
    [
        {"invoices": [OVERDUE, {"id": "I-2", "due_on": "2090-11-20", "open": 5}]},
        {"invoices": [OVERDUE | {"held_until": "2090-11-09"}, {"id": "I-2", "due_on": "2090-10-09", "open": 7}]},
        {"invoices": [OVERDUE, {"id": "C-1", "due_on": "2090-10-02", "open": -9.95}], "timezone": "America/New_York"},
        {"invoices": [OVERDUE | {"disputed": True}]},
        {"invoices": [OVERDUE], "disputed": True},
    ],
)
async def test_what_a_decision_read_need_not_be_read_again(asking: Asking, facts: dict[str, Any]) -> None:
    """The same is noticed of an account as it was read for a decision, and as it is read for this alone."""
    await asking.put(**facts)
    stored = await asking.store.accounts.read_with_history("anna")
    assert stored is not None
    question = ask_about_stored(stored, NextActionQuery(), known_erasures=0, as_of=asking.now)
    _, answered = await decide_openly(question, asking.service.rulesets.in_use())
    assert answered.standing is not None
    anew = notice(asking.service, question, (), asking.now)
    assert notice(asking.service, question, (), asking.now, answered=answered) == anew
