"""The screen of an account: how it goes as a picture and in tables, promises, disputes, channels, facts."""

import json
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.api.asking import Asking, start
from tests.api.examples import REMINDER
from tests.console.conftest import sign_in
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio

DONE = {"rule": "friendly-reminder", "at": "2090-11-04T09:00:00+01:00", "channel": "email", "episode": "2090-11-01"}
OUTCOMES = (
    {"id": "P-1", "type": "promise", "at": "2090-11-02T09:00:00Z", "by": "2090-11-03", "amount": 20},
    {"id": "M-1", "type": "payment", "at": "2090-11-03T09:00:00Z", "amount": 20},
    {"id": "P-2", "type": "promise", "at": "2090-11-04T09:00:00Z", "by": "2090-11-20", "amount": 9.95},
    {"id": "D-1", "type": "dispute_opened", "at": "2090-11-02T10:00:00Z", "invoice": "I-1"},
    {"id": "D-2", "type": "dispute_closed", "at": "2090-11-03T10:00:00Z", "dispute": "D-1"},
    {"id": "D-3", "type": "dispute_opened", "at": "2090-11-05T10:00:00Z", "invoice": "I-9"},
)


@pytest.fixture(scope="module")
async def asking(database_url: str) -> AsyncIterator[Asking]:
    """A service with an account in the middle of its ladder, and one that nobody covers."""
    async with start(database_url) as made:
        await made.publish(REMINDER)
        await made.put("anna", channels=["email"])
        path = "/v1/accounts/anna"
        assert (await made.client.post(f"{path}/history", json=DONE)).is_success
        for outcome in OUTCOMES:
            answer = await made.client.post(f"{path}/outcomes", json=outcome)
            assert answer.is_success, answer.text
        await made.put("stray", country="XX")
        odd = {"id": "broken", "country": "NL", "currency": "EUR", "invoices": [{"due_on": "soon", "open": "much"}]}
        await made.store.accounts.put("broken", json.dumps(odd).encode())
        yield made


@pytest.fixture(scope="module")
async def browser(asking: Asking) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a collector who may see what was decided."""
    async with sign_in(asking, "accounts", "decide", "audit") as made:
        yield made


async def read(browser: httpx.AsyncClient, name: str) -> Reader:
    """Read the page of an account."""
    answer = await browser.get(f"/console/accounts/{name}")
    assert answer.status_code == 200, answer.text
    return Reader(answer.text)


async def test_the_picture_shows_what_was_done_and_what_comes(browser: httpx.AsyncClient) -> None:
    """Done is filled, coming is a ring; money, promises and disputes stand on their days; words say the same."""
    picture = (await browser.get("/console/accounts/anna/course.svg")).text
    ET.fromstring(picture)  # noqa: S314  our own
    assert len(re.findall(r'<circle class="message"', picture)) == 2  # the step, and its family beneath
    assert len(re.findall(r'<circle class="message open"', picture)) == 1
    for kind, count in (("due", 1), ("payment", 1), ("promise", 2), ("dispute", 2)):
        assert len(re.findall(rf'<(?:path|circle|rect) class="{kind}"', picture)) == count, kind
    (about,) = re.findall(r"<title>(Account anna[^<]+)</title>", picture)
    assert "Done: 2090-11-04 Friendly reminder." in about
    assert "To come if nobody pays: " in about
    images = [each for tag, each in (await read(browser, "anna")).found if tag == "img"]
    assert [each["alt"] for each in images] == [about]


async def test_what_comes_is_a_table_too(browser: httpx.AsyncClient) -> None:
    """Each step with the day on which it happens, and that on which it is asked for."""
    rows = (await browser.get("/console/accounts/anna?csv=coming")).text.splitlines()
    assert len(rows) == 2
    assert (
        rows[1].startswith("2090-11-15,notice,send_dunning_notice,email,2090-11-15,2090-11-29,") or "notice" in rows[1]
    )


async def test_promises_and_disputes_are_told_as_they_stand(browser: httpx.AsyncClient) -> None:
    """Kept by the money that came, or open; closed with the day, or open."""
    rows = (await browser.get("/console/accounts/anna?csv=promises")).text.splitlines()[1:]
    assert [row.split(",")[:4] for row in rows] == [
        ["2090-11-20", "9.95", "0.00", "open"],
        ["2090-11-03", "20.00", "20.00", "kept"],
    ]
    rows = (await browser.get("/console/accounts/anna?csv=disputes")).text.splitlines()[1:]
    assert [row.split(",")[1:] for row in rows] == [["I-9", ""], ["I-1", "2090-11-03T10:00:00+00:00"]]


async def test_a_closed_channel_says_why_and_a_fact_where_it_is_from(browser: httpx.AsyncClient) -> None:
    """Also a channel that the account does not have, where a rule asks for it."""
    said = (await read(browser, "anna")).said
    assert "email open" in said
    assert "letter closed : the account does not have it" in said
    assert "days overdue 5 invoices" in said
    assert "country NL given" in said


async def test_why_a_channel_is_closed_is_of_a_decision(asking: Asking) -> None:
    """Who may read accounts but not ask for decisions sees neither that nor why there is none."""
    async with sign_in(asking, "accounts") as browser:
        said = (await read(browser, "anna")).said
        assert "email open" in said
        assert "letter closed" not in said
        assert "cannot be decided" not in (await read(browser, "broken")).said


@pytest.mark.parametrize(("name", "said"), [("stray", "Nothing more."), ("broken", "It cannot be decided on just now")])
async def test_an_account_that_is_not_decided_on_is_shown(browser: httpx.AsyncClient, name: str, said: str) -> None:
    """With what is known of it, and why."""
    assert said in (await read(browser, name)).said
    assert (await browser.get(f"/console/accounts/{name}/course.svg")).status_code == 200


async def test_what_comes_needs_the_right_to_ask(asking: Asking) -> None:
    """Neither the table nor the picture tells it to others."""
    async with sign_in(asking, "accounts") as browser:
        assert "What comes" not in (await read(browser, "anna")).said
        picture = (await browser.get("/console/accounts/anna/course.svg")).text
        assert ('class="message"' in picture, 'class="message open"' in picture) == (True, False)
        assert len((await browser.get("/console/accounts/anna?csv=coming")).text.splitlines()) == 1
