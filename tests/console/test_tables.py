"""Tables of the console: sorted by any column, narrowed by a word, and taken away as CSV, all by links."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from html import unescape

import httpx
import msgspec
import pytest

from api.console.tables import Column, Order, Sheet, arrange, one_page, write_csv
from api.problems import ProblemError
from tests.console.conftest import Visit
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio

TABLES = (
    ("", "work"),
    ("/accounts", "accounts"),
    ("/accounts/anna", "invoices"),
    ("/decisions", "decisions"),
    ("/rulesets", "versions"),
    ("/audit", "verifications"),
    ("/audit", "checkpoints"),
    ("/audit/accesses", "accesses"),
    ("/audit/events", "events"),
)


class Thing(msgspec.Struct, frozen=True):
    """A row."""

    name: str | None
    size: Decimal | None = None


THINGS = Sheet[Thing](
    "things",
    (
        Column("name", "Name", lambda each: each.name),
        Column("size", "Size", lambda each: each.size, is_figure=True),
        Column("kind", None, lambda _: "a_thing"),
    ),
)
ROWS = (Thing("b", Decimal(9)), Thing("a", None), Thing(None, Decimal(10)), Thing("C", Decimal("-1.5")))


def order_of(sort: str | None = None, find: str | None = None, csv_of: str | None = None) -> Order:
    """Ask for an order on a page that was asked for its second part."""
    return Order(sort=sort, find=find, csv=csv_of, rest=(("state", "ready"), ("cursor", "x")))


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (None, ["b", "a", None, "C"]),
        ("things.name", ["a", "b", "C", None]),
        ("-things.name", ["C", "b", "a", None]),
        ("things.size", ["C", "b", None, "a"]),
        ("-things.size", [None, "b", "C", "a"]),
        ("others.size", ["b", "a", None, "C"]),
    ],
)
def test_a_column_sorts_what_it_holds(sort: str | None, names: list[str | None]) -> None:
    """Words without regard to capitals, numbers by size; rows that hold nothing come last either way."""
    assert [each.name for each in arrange(order_of(sort), THINGS, ROWS).rows] == names


def test_a_head_sorts_one_way_then_the_other_then_not() -> None:
    """Figures begin with the largest, words with the first; what else was asked for stays."""
    kept = "?state=ready&cursor=x"
    unsorted = [head.address for head in arrange(order_of(), THINGS, ROWS).heads]
    assert unsorted == [f"{kept}&sort=things.name#things", f"{kept}&sort=-things.size#things"]
    up = arrange(order_of("things.name"), THINGS, ROWS).heads[0]
    assert (up.direction, up.address) == ("ascending", f"{kept}&sort=-things.name#things")
    down = arrange(order_of("-things.name"), THINGS, ROWS).heads[0]
    assert (down.direction, down.address) == ("descending", f"{kept}#things")


def test_a_word_narrows_the_rows() -> None:
    """Any column may hold it, also one that only CSV shows, as it is read on the page."""
    assert [each.name for each in arrange(order_of(find="B"), THINGS, ROWS).rows] == ["b"]
    assert len(arrange(order_of(find="a thing"), THINGS, ROWS).rows) == 4


@pytest.mark.parametrize("sort", ["things.none", "-things.kind", "things."])
def test_a_column_that_is_not_there_is_refused(sort: str) -> None:
    """With those that are."""
    with pytest.raises(ProblemError, match=re.escape("the table can be sorted by things.name, things.size.")):
        arrange(order_of(sort), THINGS, ROWS)


def test_csv_of_a_table_that_is_not_there_is_refused() -> None:
    """Nobody is shown a page in the place of the file that was asked for."""
    with pytest.raises(ProblemError, match="no table of this page is called 'none'"):
        arrange(order_of(csv_of="none"), THINGS, ROWS)


async def test_no_cell_is_a_formula() -> None:
    """Text that a spreadsheet would run has an apostrophe before it; a number below zero is one."""
    rows = [Thing('=HYPERLINK("x")', Decimal("-1.5")), Thing("+1, 2"), Thing("\N{LATIN SMALL LETTER U WITH DIAERESIS}")]
    lists = Sheet[list[str]]("lists", (Column("tags", "Tags", lambda each: each),))
    (_, listed) = [each async for each in write_csv(lists, one_page([["=1+1", "b"]]))]
    assert listed == b'"\'=1+1, b"\r\n'
    sent = b"".join([each async for each in write_csv(THINGS, one_page(rows))])
    assert sent.startswith(b"\xef\xbb\xbfname,size,kind\r\n")
    read = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))[1:]
    assert [row[:2] for row in read] == [['\'=HYPERLINK("x")', "-1.5"], ["'+1, 2", ""], ["\xfc", ""]]


def test_instants_are_sorted_by_when_they_are() -> None:
    """Whatever zone they are told in."""
    zone = dt.timezone(dt.timedelta(hours=9))
    early, late = dt.datetime(2026, 1, 2, 3, tzinfo=zone), dt.datetime(2026, 1, 1, 20, tzinfo=dt.UTC)
    sheet = Sheet[dt.datetime]("days", (Column("at", "At", lambda each: each),))
    assert arrange(order_of("days.at"), sheet, [late, early]).rows == (early, late)


@pytest.mark.parametrize(("path", "name"), TABLES)
async def test_every_table_is_sorted_by_each_of_its_heads(browser: httpx.AsyncClient, path: str, name: str) -> None:
    """Each head of a page is a link to the page sorted by it, which says so."""
    page = await browser.get(f"/console{path}")
    assert f'id="{name}"' in page.text, page.text
    heads = [unescape(each) for each in re.findall(rf'<th scope="col"[^>]*><a href="([^"]+#{name})"', page.text)]
    assert len(heads) >= 3
    for head in heads:
        answer = await browser.get(f"/console{path}{head.partition('#')[0]}")
        assert answer.status_code == 200, answer.text
        assert sum("aria-sort" in each for _, each in Reader(answer.text).found) == 1


@pytest.mark.parametrize(("path", "name"), TABLES)
async def test_every_table_is_taken_away_as_csv(browser: httpx.AsyncClient, path: str, name: str) -> None:
    """By the link beneath it; as many rows as the page shows, each with all columns."""
    page = await browser.get(f"/console{path}")
    (link,) = [unescape(each) for each in re.findall(rf'<a href="([^"]+csv={name})" download>', page.text)]
    answer = await browser.get(f"/console{path}{link}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert answer.headers["cache-control"] == "private, no-store"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    shown = page.text.partition(f'id="{name}"')[2].partition("</table>")[0]
    assert shown.count("<tr") == len(rows)


async def test_csv_needs_the_right_of_its_page(visit: Visit) -> None:
    """Nobody takes away what they may not see."""
    async with visit("decide") as browser:
        assert (await browser.get("/console/decisions?csv=decisions")).status_code == 403
        assert (await browser.get("/console?csv=work")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["?sort=work.none", "/decisions?outcome=acted", "/decisions?action=shout", "/decisions?csv=none", "?sort=a&sort=b"],
)
async def test_what_cannot_be_shown_is_refused(browser: httpx.AsyncClient, path: str) -> None:
    """On a page that says which words are known."""
    assert (await browser.get(f"/console{path}")).status_code == 422


async def test_decisions_are_filtered(browser: httpx.AsyncClient) -> None:
    """By what they came to, by what is done, and by days."""
    for query, is_there in (
        ("outcome=act&action=send_reminder", True),
        ("outcome=wait", False),
        ("to=2020-01-01", False),
        ("since=2020-01-01&account=anna", True),
    ):
        answer = await browser.get(f"/console/decisions?{query}")
        assert ('id="decisions"><table' in answer.text) is is_there, query
