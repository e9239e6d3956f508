"""Tables of screens: sorted by any column, narrowed by a word, taken away as CSV; all by addresses, without script."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar.response import Stream
from litestar.types import Scope

from api.console.screen import HEADERS
from api.csvcells import guard
from api.problems import refuse_parameter
from api.requests import read_query

Row = TypeVar("Row")
Cursor = TypeVar("Cursor")
RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it spreadsheets read UTF-8 as something else


class Column(msgspec.Struct, Generic[Row], frozen=True):
    """A column: its name in addresses and CSV, its head on the page (None: in CSV only), and what a row holds in it.

    Figures stand to the right, and are sorted with the largest first.
    """

    name: str
    head: str | None
    read: Callable[[Row], object]
    is_figure: bool = False


class Sheet(msgspec.Struct, Generic[Row], frozen=True):
    """What a table is made of; the name is unlike that of every other table on the page."""

    name: str
    columns: tuple[Column[Row], ...]


class _Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sort: str | None = None
    find: str | None = None
    csv: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How a reader wants to see the tables of a page, and the rest of the page's query.

    ``sort`` is a table's name, a dot and a column's, with a minus before them for the largest first; ``csv`` is the
    name of the table to take away.
    """

    sort: str | None
    find: str | None
    csv: str | None
    rest: tuple[tuple[str, str], ...]

    def address(self, *, without: tuple[str, ...] = (), **parts: str | None) -> str:
        """Write the query that asks for the same with other parts; None leaves one out."""
        wanted = {"sort": self.sort, "find": self.find} | parts
        kept = [(name, value) for name, value in self.rest if name not in without]
        return "?" + urlencode([*kept, *((name, value) for name, value in wanted.items() if value is not None)])


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a column: its words, where it sorts, how it is sorted now."""

    words: str
    address: str
    direction: str | None
    is_figure: bool


class Table(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """A table as it is shown; ``is_part``: there are more rows than these, on other pages."""

    name: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    csv_address: str
    is_sorted: bool
    is_part: bool
    find: str | None


def read_asked(scope: Scope, record: type[RecordT]) -> tuple[RecordT, Order]:
    """Read a page's query: its own parameters, and how its tables are to be shown."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    of_tables = [pair for pair in given if pair[0] in _Asked.__struct_fields__]
    rest = tuple(pair for pair in given if pair[0] not in _Asked.__struct_fields__)
    asked = read_query(_with_query(scope, of_tables), _Asked)
    order = Order(sort=asked.sort, find=asked.find, csv=asked.csv, rest=rest)
    return read_query(_with_query(scope, rest), record), order


def arrange(
    order: Order, sheet: Sheet[Row], rows: Iterable[Row], *, is_part: bool = False, csv_address: str | None = None
) -> Table[Row]:
    """Show rows as the reader wants them; a column that is not there is refused, and CSV that nobody answered."""
    if order.csv is not None:
        raise refuse_parameter("csv", f"no table of this page is called {order.csv!r}.")
    shown = [row for row in rows if order.find is None or _holds(sheet, row, order.find.casefold())]
    name, is_descending = "", False
    if order.sort is not None and order.sort.removeprefix("-").startswith(f"{sheet.name}."):
        name, is_descending = order.sort.removeprefix("-").removeprefix(f"{sheet.name}."), order.sort.startswith("-")
        shown = _sort(shown, _find_column(sheet, name), is_descending=is_descending)
    heads = tuple(
        _head(order, sheet, each, is_descending if each.name == name else None)
        for each in sheet.columns
        if each.head is not None
    )
    return Table(
        name=sheet.name,
        heads=heads,
        rows=tuple(shown),
        csv_address=csv_address or order.address(without=("cursor",), csv=sheet.name),
        is_sorted=bool(name),
        is_part=is_part,
        find=order.find,
    )


def send_csv(sheet: Sheet[Row], pages: AsyncIterator[Sequence[Row]]) -> Stream:
    """Answer all rows of a table as CSV, as they are read."""
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{sheet.name}.csv"'}
    return Stream(write_csv(sheet, pages), media_type="text/csv", headers=headers)


async def write_csv(sheet: Sheet[Row], pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """Write rows as CSV, some at a time; amounts are bare numbers, instants ISO 8601."""
    yield (_BOM + _write_line([column.name for column in sheet.columns])).encode()
    async for rows in pages:
        lines = (_write_line([guard(_write(column.read(row))) for column in sheet.columns]) for row in rows)
        yield "".join(lines).encode("utf-8", "replace")


async def one_page(rows: Iterable[Row]) -> AsyncIterator[Sequence[Row]]:
    """Yield rows that are all there."""
    yield tuple(rows)


async def turn_pages(
    read: Callable[[Cursor | None], Awaitable[tuple[Sequence[Row], Cursor | None]]],
) -> AsyncIterator[Sequence[Row]]:
    """Yield page after page, each read by the cursor of the one before."""
    cursor: Cursor | None = None
    while True:
        rows, cursor = await read(cursor)
        yield rows
        if cursor is None:
            return


def _with_query(scope: Scope, pairs: Iterable[tuple[str, str]]) -> Scope:
    return scope | {"query_string": urlencode(list(pairs)).encode()}


def _find_column(sheet: Sheet[Row], name: str) -> Column[Row]:
    for column in sheet.columns:
        if column.name == name and column.head is not None:
            return column
    known = ", ".join(f"{sheet.name}.{column.name}" for column in sheet.columns if column.head is not None)
    raise refuse_parameter("sort", f"the table can be sorted by {known}.")


def _head(order: Order, sheet: Sheet[Row], column: Column[Row], is_descending: bool | None) -> Head:  # noqa: FBT001
    """Return a head whose link sorts one way, then the other, then not at all."""
    up, down = f"{sheet.name}.{column.name}", f"-{sheet.name}.{column.name}"
    first, second = (down, up) if column.is_figure else (up, down)
    sorted_now = None if is_descending is None else down if is_descending else up
    following = {None: first, first: second, second: None}[sorted_now]
    direction = None if is_descending is None else "descending" if is_descending else "ascending"
    return Head(
        words=column.head or "",
        address=f"{order.address(sort=following)}#{sheet.name}",
        direction=direction,
        is_figure=column.is_figure,
    )


def _sort(rows: list[Row], column: Column[Row], *, is_descending: bool) -> list[Row]:
    """Sort rows, those that hold nothing in the column last either way."""
    keyed = [(_key_of(column.read(row)), row) for row in rows]
    holding = [(key, row) for key, row in keyed if key is not None]
    holding.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [row for _, row in holding] + [row for key, row in keyed if key is None]


def _key_of(value: object) -> tuple[int, Decimal, str] | None:
    """Return what a value is sorted by: numbers by size, all else by its words; None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, int | Decimal):
        return 0, Decimal(value), ""
    if isinstance(value, dt.datetime):
        value = value.astimezone(dt.UTC)
    return 1, Decimal(0), _write(value).casefold()


def _holds(sheet: Sheet[Row], row: Row, word: str) -> bool:
    return any(word in _write(column.read(row)).replace("_", " ").casefold() for column in sheet.columns)


def _write_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _write(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return value.isoformat()
    return ", ".join(map(_write, value)) if isinstance(value, list | tuple) else f"{value}"
