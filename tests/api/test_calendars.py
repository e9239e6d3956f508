"""The feed of one's calls, read by a calendar."""

import datetime as dt
from collections.abc import AsyncIterator

import httpx
import pytest
from icalendar import Calendar

from api.icalendar import write_calendar
from store.worklist import WorkItem
from tests.api.asking import Asking, start
from tests.api.examples import REMINDER

pytestmark = pytest.mark.anyio

TITLE = "Call; the customer, at last: größer \\ " + "ü" * 60
CALLS = REMINDER.replace(
    "send_reminder, channel: [preferred, email, sms], template: nl.reminder", "place_call, channel: phone"
)


@pytest.fixture
async def asking(empty_database_url: str) -> AsyncIterator[Asking]:
    """A service with two calls, of which one is Carla's."""
    async with start(empty_database_url) as made:
        await made.publish(CALLS)
        for name in ("anna", "bert"):
            await made.put(name, channels=["phone"])
        await made.ask_all()
        call = await made.read("anna")
        await made.client.post(f"/v1/worklist/{call.decision_id}/assign", json={"to": "carla"})
        yield made


async def make_address(client: httpx.AsyncClient) -> str:
    """Make the address of Carla's feed."""
    answer = await client.post("/v1/calendars", json={"assigned_to": "carla"})
    assert answer.status_code == 201, answer.text
    path: str = answer.json()["path"]
    return path


async def test_a_calendar_reads_ones_calls(asking: Asking) -> None:
    """Without a token; when and by which rule, and no name of anybody."""
    path = await make_address(asking.client)
    asking.client.headers.pop("Authorization")
    feed = await asking.client.get(path)
    assert feed.headers["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(feed.content).walk("VEVENT")
    call = await asking.read("anna")
    assert (event["UID"], event.decoded("DTSTART")) == (f"{call.decision_id}@dunning", call.scheduled_for)
    assert event["SUMMARY"] == "Call: Friendly reminder"
    assert event.decoded("DURATION") == dt.timedelta(minutes=15)
    assert b"anna" not in feed.content
    assert b"carla" not in feed.content


async def test_a_new_address_ends_the_one_before(asking: Asking) -> None:
    """An address that leads nowhere is like any other path that is none."""
    before, after = await make_address(asking.client), await make_address(asking.client)
    assert (await asking.client.get(before)).status_code == 404
    assert (await asking.client.get(after.removesuffix(".ics"))).status_code == 404
    assert (await asking.client.get(after)).status_code == 200


async def test_any_title_is_read_back(asking: Asking) -> None:
    """Signs that mean something in the format are escaped, and long lines are folded between characters."""
    call = await asking.store.worklist.read("anna", "dunning", now=asking.now)
    assert isinstance(call, WorkItem)
    fields = {name: getattr(call, name) for name in call.__struct_fields__}
    written = write_calendar([WorkItem(**(fields | {"title": TITLE}))])
    assert max(map(len, written.split(b"\r\n"))) <= 75
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert event["SUMMARY"] == f"Call: {TITLE}"
