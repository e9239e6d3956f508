"""Runs on their pages: who is in, who is out and why, what people say of it, and what is said of that."""

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from api.operation import SCOPES
from api.runs import RunWorker
from store.worklist import Actor
from tests.api.asking import ASKED_AT, Asking
from tests.console.conftest import Visit
from tests.console.reading import Reader, read

pytestmark = pytest.mark.anyio

ANN = Actor(id="tok_ann", name="ann")
DEEDS = ("exclude", "hold", "approve", "approve-all", "release", "cancel")


@pytest.fixture(scope="module", autouse=True)
async def stored(asking: Asking) -> None:
    """Beside anna two who owe more, and one who disputes it."""
    await asking.put("<b>&\"'", invoices=[{"id": "I-1", "due_on": "2090-11-01", "open": 500}])
    await asking.put("rich", invoices=[{"id": "I-1", "due_on": "2090-11-01", "open": 1200}])
    await asking.put("dirk", disputed=True)


@pytest.fixture
async def run(asking: Asking) -> str:
    """A run in which what can be done is proposed; two letters by email a day are all that there is room for."""
    proposed = await asking.store.runs.propose(
        track="dunning", as_of=ASKED_AT.isoformat(), at_most={"email": 2}, actor=ANN
    )
    await work(asking)
    return str(proposed.id)


@pytest.fixture
async def collector(visit: Visit) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who may look, take out and hold back, but not approve."""
    async with visit(*(scope for scope in SCOPES if scope != "approve")) as made:
        yield made


async def work(asking: Asking) -> None:
    """Work off what there is to do."""
    worker = RunWorker(asking.service)
    while await worker.take_turn():
        pass


async def states(asking: Asking, run: str) -> dict[str, str]:
    """Return the state of each account in a run."""
    items = (await asking.client.get(f"/v1/runs/{run}/items")).json()["items"]
    return {item["account_id"]: item["state"] for item in items}


async def send(browser: httpx.AsyncClient, run: str, deed: str, *accounts: str, **form: str) -> httpx.Response:
    """Send one of the forms of a run's page."""
    body = urlencode([*(("account", each) for each in accounts), *form.items()])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await browser.post(f"/console/runs/{run}/{deed}", content=body, headers=headers)


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> Reader:
    """Go on to where a form leads."""
    assert answer.status_code == 303, answer.text
    return Reader((await browser.get(answer.headers["location"])).text)


async def test_a_run_is_asked_for_from_its_page(browser: httpx.AsyncClient, asking: Asking) -> None:
    """With the contacts that a day can hold; it says how far it is until it stands, and then stands in the list."""
    form = {"as_of": "2090-11-06", "email": "2", "phone": ""}
    answer = await browser.post("/console/runs", data=form)
    address = answer.headers["location"].removeprefix("/console")
    going = await browser.get(f"/console{address}")
    assert going.headers["refresh"] == "2"
    assert "0 of 4 accounts are decided" in Reader(going.text).said
    assert "It changes nothing until" in Reader(going.text).said
    await work(asking)
    page = await browser.get(f"/console{address}")
    assert "refresh" not in page.headers
    assert (await asking.client.get(f"/v1/runs{address.removeprefix('/runs')}")).json()["at_most"] == {"email": 2}
    said = (await read(browser, "/runs")).said
    assert all(word in said for word in ("2090-11-06", "proposed", "carla"))


async def test_it_says_who_is_in_and_out_and_why(browser: httpx.AsyncClient, run: str) -> None:
    """Most money first, the money by state, the contacts of each day beside what it can hold, and each reason."""
    page = await read(browser, f"/runs/{run}")
    assert page.said.index("rich") < page.said.index("<b>&\"'") < page.said.index("anna")
    for words in (
        "2 in · 1 700.00 EUR",
        "1 carried over · 49.95 EUR",
        "2090-11-06 email 2 of 2 1",
        "The debt is disputed.",
        "5 days overdue",
        "nl-consumer 1",
    ):
        assert words in page.said.replace("\N{NARROW NO-BREAK SPACE}", " "), words
    (picture,) = (each for tag, each in page.found if tag == "img")
    drawn = await browser.get(picture["src"] or "")
    assert "2 of 2, 1 carried over" in drawn.text
    out = await read(browser, f"/runs/{run}?state=left_out")
    assert "dirk" in out.said
    assert "rich" not in out.said
    assert "No account of this run is like that" in (await read(browser, f"/runs/{run}?channel=sms")).said


async def test_its_tables_can_be_taken_away(browser: httpx.AsyncClient, run: str) -> None:
    """All accounts with their reasons, sums, contacts, and the runs themselves; what is filtered is what is written."""
    for query, rows in (
        ("accounts", 4),
        ("accounts&state=left_out", 1),
        ("totals", 3),
        ("contacts", 1),
    ):
        answer = await browser.get(f"/console/runs/{run}?csv={query}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert len(list(csv.DictReader(io.StringIO(answer.text)))) == rows, answer.text
    answer = await browser.get(f"/console/runs/{run}?csv=accounts")
    first = next(csv.DictReader(io.StringIO(answer.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))))
    assert (first["account"], first["claimed"], first["currency"]) == ("rich", "1200.00", "EUR")
    assert run in (await browser.get("/console/runs?csv=runs")).text


async def test_accounts_are_taken_out_and_held_back_with_a_reason(
    collector: httpx.AsyncClient, asking: Asking, run: str
) -> None:
    """What was done is said once, and the reason stands with the account; ids are written as they are."""
    page = await follow(collector, await send(collector, run, "exclude", "<b>&\"'", reason="a friend"))
    assert "1 account is taken out of this run for good: a friend" in page.said
    page = await follow(collector, await send(collector, run, "hold", "rich", reason="asks <i>again</i>"))
    assert "1 account is held back until somebody chooses and approves them: asks <i>again</i>" in page.said
    page = await follow(collector, await send(collector, run, "hold", "rich", reason="\N{EURO SIGN}" * 1000))
    assert "1 account is held back until somebody chooses and approves them: \N{EURO SIGN}" in page.said
    assert "held back until" not in (await read(collector, f"/runs/{run}")).said
    assert (await states(asking, run)) == {
        "<b>&\"'": "excluded",
        "rich": "held",
        "anna": "carried_over",
        "dirk": "left_out",
    }


async def test_all_of_a_page_are_chosen_at_once(browser: httpx.AsyncClient, run: str) -> None:
    """Without a script, by an address; none of them before, and those of whom nothing can be said never."""
    for query, chosen in (("", []), ("?chosen=all", ["rich", "<b>&\"'"]), ("?chosen=all&channel=sms", [])):
        page = await read(browser, f"/runs/{run}{query}")
        boxes = [each for tag, each in page.found if tag == "input" and each.get("type") == "checkbox"]
        assert [each["value"] for each in boxes if "checked" in each] == chosen
    assert (await browser.get(f"/console/runs/{run}?chosen=some")).status_code == 422


async def test_what_is_approved_is_released(browser: httpx.AsyncClient, asking: Asking, run: str) -> None:
    """All that is in, and one that was held by name; then it goes to the worklist, and nothing is left to say."""
    await send(browser, run, "hold", "rich", reason="look at it")
    page = await follow(browser, await send(browser, run, "approve-all"))
    assert "All that is proposed is approved, but not what is held back." in page.said
    page = await follow(browser, await send(browser, run, "approve", "rich"))
    assert "1 account is approved." in page.said
    going = await browser.get((await send(browser, run, "release")).headers["location"])
    assert going.headers["refresh"] == "2"
    await work(asking)
    page = await read(browser, f"/runs/{run}")
    assert "what of it is on the worklist" in page.said
    assert not any(tag == "button" and "formaction" in each for tag, each in page.found)
    found = await states(asking, run)
    assert (found["rich"], found["<b>&\"'"], found["anna"]) == ("released", "released", "carried_over")
    assert "rich" in (await read(browser, f"?run={run}")).said


async def test_a_run_is_given_up(collector: httpx.AsyncClient, asking: Asking, run: str) -> None:
    """Nothing more can be said of it then, and why is told."""
    assert "The run is given up." in (await follow(collector, await send(collector, run, "cancel"))).said
    for deed in ("cancel", "exclude"):
        answer = await send(collector, run, deed, "rich", reason="x")
        assert answer.status_code == 409
        assert "is cancelled" in Reader(answer.text).said
    assert (await states(asking, run))["rich"] == "proposed"


@pytest.mark.parametrize(
    ("deed", "accounts", "form", "status", "said"),
    [
        ("exclude", (), {"reason": "x"}, 422, "No account is chosen"),
        ("approve", (), {}, 422, "No account is chosen"),
        ("hold", ("rich",), {}, 422, "A reason is needed"),
        ("exclude", ("rich",), {"reason": " "}, 422, "A reason is needed"),
        ("exclude", ("rich",), {"reason": "x" * 1001}, 422, "A reason is needed"),
        ("exclude", ("rich", "dirk"), {"reason": "x"}, 422, "Account 'dirk' is left out in this run."),
        ("approve", ("rich", "nobody"), {}, 422, "Account 'nobody' is not in this run."),
        ("exclude", tuple(f"A-{number}" for number in range(101)), {"reason": "x"}, 422, "At most 100"),
        ("release", (), {}, 409, "nothing of run"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is(
    browser: httpx.AsyncClient,
    asking: Asking,
    run: str,
    deed: str,
    accounts: tuple[str, ...],
    form: dict[str, str],
    status: int,
    said: str,
) -> None:
    """A form that cannot be meant is refused in words, with the way back, and changes nothing."""
    before = await states(asking, run)
    browser.headers["Referer"] = f"https://dunning.test/console/runs/{run}?state=held"
    answer = await send(browser, run, deed, *accounts, **form)
    del browser.headers["Referer"]
    page = Reader(answer.text)
    assert (answer.status_code, said.lower() in page.said.lower()) == (status, True), page.said
    assert [each["href"] for tag, each in page.found if tag == "a" and "/runs/" in (each["href"] or "")] == [
        f"/console/runs/{run}?state=held"
    ]
    assert await states(asking, run) == before


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"as_of": "soon"}, "date, or an instant"),
        ({"as_of": "2090-11-06", "email": "many"}, "How many contacts by email a day can hold is a whole number"),
        ({"as_of": "2090-11-06", "phone": "-1"}, "whole number"),
        ({"as_of": "2090-11-06", "phone": "1" * 12}, "whole number"),
    ],
)
async def test_a_run_that_cannot_be_meant_is_not_proposed(
    browser: httpx.AsyncClient, asking: Asking, form: dict[str, str], said: str
) -> None:
    """What is wrong is said, and no run begins."""
    answer = await browser.post("/console/runs", data=form)
    assert answer.status_code == 422
    assert said in Reader(answer.text).said
    assert await asking.store.runs.count_at_work() == 0


@pytest.mark.parametrize("referer", ["https://evil.test/", "http://[", "javascript:x", "/v1/worklist", ""])
async def test_the_way_back_leads_nowhere_else(browser: httpx.AsyncClient, run: str, referer: str) -> None:
    """Whatever a browser says where it was."""
    browser.headers["Referer"] = referer
    answer = await send(browser, run, "release")
    del browser.headers["Referer"]
    assert (answer.status_code, "Back to where you were" in answer.text) == (409, False)


async def test_who_may_not_approve_sees_no_way_and_has_none(
    collector: httpx.AsyncClient, asking: Asking, run: str
) -> None:
    """The buttons are not there, and a form that is sent all the same does nothing."""
    page = await collector.get(f"/console/runs/{run}")
    assert not re.search(r"/(approve|approve-all|release)\"", page.text)
    assert "/hold" in page.text
    for deed in ("approve", "approve-all", "release"):
        answer = await send(collector, run, deed, "rich")
        assert (answer.status_code, "the right 'approve'" in Reader(answer.text).said) == (403, True)
    assert (await states(asking, run))["rich"] == "proposed"


async def test_a_form_of_another_site_says_nothing_of_a_run(
    browser: httpx.AsyncClient, asking: Asking, run: str
) -> None:
    """Whatever a page elsewhere sends along with one's cookie, the run stays as it is."""
    for deed in DEEDS:
        browser.headers["Origin"], own = "https://evil.test", browser.headers["Origin"]
        answer = await send(browser, run, deed, "rich", reason="x")
        browser.headers["Origin"] = own
        assert answer.status_code == 403
    found: dict[str, Any] = (await asking.client.get(f"/v1/runs/{run}")).json()
    assert (found["state"], found["approved_by"]) == ("proposed", None)
    assert (await states(asking, run))["rich"] == "proposed"


async def test_nobody_approves_their_own_run(browser: httpx.AsyncClient, asking: Asking) -> None:
    """With four eyes another must, and it is said who may not."""
    await asking.store.rulesets.switch_four_eyes(is_on=True, actor="ops")
    answer = await browser.post("/console/runs", data={"as_of": "2090-11-06"})
    await work(asking)
    run = answer.headers["location"].rpartition("/")[2]
    refused = await send(browser, run, "approve-all")
    assert refused.status_code == 403
    assert "Let somebody else" in Reader(refused.text).said
    assert (await asking.client.get(f"/v1/runs/{run}")).json()["approved_by"] is None
