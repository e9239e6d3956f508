"""The figures: pictures with tables that say the same, files of them, and what is said while they are worked out."""

import csv
import io
import re
from html import unescape

import httpx
import pytest

from api.console.figurekeeper import FigureKeeper, find_keepers
from api.operation import SCOPES
from api.recoverymessages import RecoveryReport
from engine.recovery.report import Asked
from tests.api.asking import Asking
from tests.console.conftest import Visit
from tests.console.reading import Reader, read

pytestmark = pytest.mark.anyio

AS_OF = "as_of=2090-11-06"


@pytest.fixture(scope="module", autouse=True)
async def paid(asking: Asking) -> None:
    """A part of what anna owes came in, and of what she promised nothing yet."""
    for outcome in (
        {"id": "P-1", "type": "payment", "at": "2090-11-04T09:00:00Z", "amount": "20.00"},
        {"id": "P-2", "type": "promise", "at": "2090-11-05T09:00:00Z", "by": "2090-11-20", "amount": "29.95"},
    ):
        answer = await asking.client.post("/v1/accounts/anna/outcomes", json=outcome)
        assert answer.status_code == 201, answer.text


def keeper_of(asking: Asking) -> FigureKeeper[Asked, RecoveryReport]:
    """What keeps the figures of a service."""
    return find_keepers({"litestar_app": asking.app}).recovery  # type: ignore[arg-type]  # all that it reads


async def test_the_figures_are_those_of_the_api(browser: httpx.AsyncClient, asking: Asking) -> None:
    """What stands on the page, in its files and in the answer of the API is the same."""
    (euro,) = (await asking.client.get(f"/v1/recovery?by=channel&{AS_OF}")).json()["currencies"]
    page = await read(browser, f"/figures?by=channel&{AS_OF}")
    assert (euro["total"]["opened"], euro["total"]["recovered"], euro["total"]["rate"]) == ("49.95", "20.00", 40.0)
    assert all(words in page.said for words in ("40.0 %", "29.95 EUR is owed", "promises open 1", "nl-consumer 1"))
    for name, row in (
        ("cases", {"split": "all", "opened": "49.95", "recovered": "20.00", "rate": "40.0"}),
        ("months", {"split": "month", "key": "2090-11", "rate_7": "40.0", "is_mature_7": "false"}),
        ("versions", {"ruleset": "nl-consumer", "version": "1"}),
        ("ages", {"days_overdue": "not due", "amount": "0.00"}),
        ("owed", {"receivables": "29.95"}),
        ("rolls", {"from": "not due", "into": "not due"}),
        ("promises", {"open": "1", "kept": "0"}),
    ):
        answer = await browser.get(f"/console/figures/tables/{name}.csv?{AS_OF}")
        assert answer.status_code == 200, answer.text
        assert f'filename="{name}-2090-11-06.csv"' in answer.headers["content-disposition"]
        first = next(csv.DictReader(io.StringIO(answer.text)))
        assert row.items() <= first.items()


async def test_each_picture_has_a_table_and_each_table_a_file(browser: httpx.AsyncClient) -> None:
    """Pictures are of the same question as their page, and say what they show; files can be had of every table."""
    page = await read(browser, f"/figures?by=channel&from=2090-10-01&{AS_OF}&within_days=7")
    pictures = [each for tag, each in page.found if tag == "img"]
    assert [re.findall(r"/(\w+)\.svg", each["src"] or "")[0] for each in pictures] == [
        *("split", "cohorts", "ages", "rolls", "promises")
    ]
    files = [each["href"] or "" for tag, each in page.found if tag == "a" and ".csv" in (each["href"] or "")]
    assert len(files) == len([tag for tag, _ in page.found if tag == "table"])
    for address in [*(each["src"] or "" for each in pictures), *files]:
        assert all(part in address for part in ("by=channel", "from=2090-10-01", AS_OF, "within_days=7"))
        assert (await browser.get(unescape(address))).status_code == 200
    assert all(each["alt"] for each in pictures)


async def test_figures_that_take_long_are_waited_for_by_the_page(browser: httpx.AsyncClient, asking: Asking) -> None:
    """The page says so at once and looks again, a picture waits; what was begun goes on and is there in the end."""
    keeper = keeper_of(asking)
    keeper.patience_seconds, patience = 0, keeper.patience_seconds
    try:
        answer = await browser.get(f"/console/figures?within_days=3&{AS_OF}")
        assert (answer.status_code, answer.headers["refresh"]) == (200, "2")
        assert "are being worked out" in Reader(answer.text).said
        picture = await browser.get(f"/console/figures/pictures/EUR/ages.svg?within_days=3&{AS_OF}")
        assert picture.headers["content-type"] == "image/svg+xml"
    finally:
        keeper.patience_seconds = patience
    answer = await browser.get(f"/console/figures?within_days=3&{AS_OF}")
    assert "refresh" not in answer.headers
    assert "40.0 %" in Reader(answer.text).said


async def test_figures_are_read_once_a_minute(browser: httpx.AsyncClient, asking: Asking) -> None:
    """Within the minute pictures and files are of what the page showed, afterwards of what is stored by then."""
    address = f"/figures?within_days=5&{AS_OF}"
    before = await read(browser, address)
    paid = {"id": "P-3", "type": "payment", "at": "2090-11-05T10:00:00Z", "amount": "9.95"}
    assert (await asking.client.post("/v1/accounts/anna/outcomes", json=paid)).status_code == 201
    assert (await read(browser, address)).said == before.said
    asking.now += keeper_of(asking).kept_for
    assert "60.0 %" in (await read(browser, address)).said


async def test_what_cannot_be_worked_out_is_said_and_tried_again(browser: httpx.AsyncClient, asking: Asking) -> None:
    """A database that is not there is told to who looks, and the next one asks anew."""
    database = asking.store.database
    url = database.url
    database.url = "postgresql://nobody@127.0.0.1:1/none"
    try:
        answer = await browser.get(f"/console/figures?within_days=9&{AS_OF}")
        assert answer.status_code == 503
        assert "again" in Reader(answer.text).said
    finally:
        database.url = url
    assert (await browser.get(f"/console/figures?within_days=9&{AS_OF}")).status_code == 200


async def test_who_lacks_the_right_has_nothing_read(visit: Visit, asking: Asking) -> None:
    """Neither the page, a picture nor a file begins anything; who looked is noted."""
    async with visit(*(scope for scope in SCOPES if scope != "audit")) as browser:
        for path in ("", "/pictures/EUR/ages.svg", "/tables/cases.csv"):
            assert (await browser.get(f"/console/figures{path}?within_days=11&{AS_OF}")).status_code == 403
    accesses = (await asking.store.accesses.list()).accesses
    assert any("/console/figures" in each.what and each.name == "carla" for each in accesses)
    assert not any("within_days=11" in each.what for each in accesses)
