"""A promise that is not kept is told once, on the day after its tolerance, without anybody asking about the account."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.asking import Asking, start
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio

PROMISED_AT = "2026-11-01T08:00:00+00:00"
PROMISE = {"id": "P-1", "type": "promise", "at": PROMISED_AT, "by": "2090-11-10", "amount": "49.95"}
# Promised by the 10th, in Amsterdam, with two days more: broken from the first moment of the 13th.
BROKEN_AT = dt.datetime(2090, 11, 12, 23, tzinfo=dt.UTC)
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


@pytest.fixture
async def asking(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service that asks when told to, with an account that promised to pay."""
    async with start(empty_database_url) as started:
        await started.publish()
        await started.put()
        started.now = dt.datetime(2090, 11, 6, 9, tzinfo=dt.UTC)
        yield started


async def record(asking: Asking, outcome: dict[str, Any]) -> None:
    """Record what came of the account."""
    answer = await asking.client.post("/v1/accounts/anna/outcomes", json=outcome)
    assert answer.is_success, answer.text
    await asking.store.database.fetch("SELECT dunning.ask_again(ARRAY['anna'])")


async def told(asking: Asking) -> list[str]:
    """List the promises that were told to be broken."""
    events = (await asking.client.get("/v1/events", params={"limit": 1000})).json()["events"]
    return [event["data"]["promise"] for event in events if event["type"] == "promise.broken"]


async def test_a_broken_promise_is_told_once_on_its_day(asking: Asking) -> None:
    """Not before the tolerance is over, then at once, and not again however often the account is asked about."""
    await record(asking, PROMISE)
    await asking.ask_all()
    assert (await asking.read()).ask_at == BROKEN_AT
    asking.now = BROKEN_AT - SECOND
    await asking.ask_all()
    assert await told(asking) == []
    asking.now = BROKEN_AT
    await asking.ask_all()
    assert await told(asking) == ["P-1"]
    await asking.store.database.fetch("SELECT dunning.ask_again(ARRAY['anna'])")
    await asking.ask_all()
    assert await told(asking) == ["P-1"]


@pytest.mark.parametrize("amount", ["49.95", "10.00"])
async def test_a_promise_that_was_paid_in_part_is_not_broken(asking: Asking, amount: str) -> None:
    """Kept, or kept in part, is no broken promise."""
    await record(asking, PROMISE)
    await record(asking, {"id": "M-1", "type": "payment", "at": PROMISED_AT, "amount": amount})
    asking.now = BROKEN_AT
    await asking.ask_all()
    assert await told(asking) == []


async def test_an_account_that_is_stored_anew_breaks_its_promises_anew(asking: Asking) -> None:
    """What was told goes with the account."""
    for _ in range(2):
        await record(asking, PROMISE)
        asking.now = BROKEN_AT
        await asking.ask_all()
        assert (await asking.client.delete("/v1/accounts/anna")).status_code == 204
        await asking.put()
        asking.now = dt.datetime(2090, 11, 6, 9, tzinfo=dt.UTC)
    assert await told(asking) == ["P-1", "P-1"]


async def test_a_broken_promise_is_told_whatever_the_answer(asking: Asking) -> None:
    """On its day, of an account that cannot be decided on meanwhile; and not again when it can be."""
    await record(asking, PROMISE)
    await asking.put(channels=None)
    await asking.ask_all()
    assert (await asking.read()).problem is not None
    asking.now = BROKEN_AT
    await asking.ask_all()
    assert await told(asking) == ["P-1"]
    await asking.put()
    await asking.ask_all()
    assert (await asking.read()).problem is None
    assert await told(asking) == ["P-1"]


async def test_a_promise_that_goes_over_to_another_account_is_not_told_again(asking: Asking) -> None:
    """What was told of it goes along, under its new id too."""
    await asking.put("bert")
    kept = PROMISE | {"by": "2090-12-31"}
    assert (await asking.client.post("/v1/accounts/bert/outcomes", json=kept)).is_success
    await record(asking, PROMISE)
    asking.now = BROKEN_AT
    await asking.ask_all()
    merged = await asking.client.post("/v1/accounts/bert/merge", json={"from": "anna"})
    assert merged.is_success, merged.text
    await asking.ask_all()
    assert (await asking.read("bert")).broken_promises == 1
    assert await told(asking) == ["P-1"]


async def test_a_promise_that_was_recorded_late_is_told(asking: Asking) -> None:
    """One whose tolerance had passed when it was recorded was asked about since, and told by nobody."""
    asking.now = BROKEN_AT + dt.timedelta(days=9)
    await asking.ask_all()
    await record(asking, PROMISE)
    await asking.ask_all()
    assert await told(asking) == ["P-1"]


async def test_a_payment_that_lies_ahead_counts_from_its_instant(asking: Asking) -> None:
    """The account is asked about then."""
    await record(asking, PROMISE)
    paid_at = asking.now + dt.timedelta(hours=20)
    await record(asking, {"id": "M-1", "type": "payment", "at": paid_at.isoformat(), "amount": "49.95"})
    await asking.ask_all()
    assert (await asking.read()).ask_at == paid_at


async def test_a_ruleset_says_how_long_a_promise_can_still_be_kept(asking: Asking) -> None:
    """Its `tolerance_days` are those of the event, of the moment to ask again, and of the logged decision."""
    await asking.publish(REMINDER.replace("effective:", "tolerance_days: 0\neffective:"))
    await record(asking, PROMISE)
    await asking.ask_all()
    assert (await asking.read()).ask_at == BROKEN_AT - 2 * DAY
    asking.now = BROKEN_AT - 2 * DAY - SECOND
    await asking.ask_all()
    assert await told(asking) == []
    asking.now = BROKEN_AT - 2 * DAY
    await asking.ask_all()
    assert await told(asking) == ["P-1"]
    answer = await asking.read()
    assert answer.broken_promises == 1
    replayed = (await asking.client.post(f"/v1/decisions/{answer.decision_id}/replay")).json()
    assert replayed["is_equal"], replayed
