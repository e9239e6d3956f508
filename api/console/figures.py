"""Figures: what dunning brought in and all that is owed, as pictures with their tables, and as files."""

from urllib.parse import urlencode

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope
from markupsafe import Markup

from api import recoverycsv
from api.console.figurekeeper import find_keepers
from api.console.parts import write_part
from api.console.screen import HEADERS, HOME, SCREEN_KEY, Screen, draw, show
from api.problems import ProblemError, refuse_parameter
from api.recoverymessages import CurrencyFigures, RecoveryQuery, RecoveryReport
from api.recoverysections import list_facts, list_sections
from api.recoverywords import say_days, say_money, say_percent
from api.requests import read_query
from api.routes.recovery import RECOVERY, read_asked
from engine.recovery.grouping import BYS
from engine.recovery.report import Asked
from pages.page import Block, Picture

_SCREEN = Screen(scope=RECOVERY.scope, reads_personal=RECOVERY.reads_personal)
_LOOK_AGAIN = {"Refresh": "2"}


class FiguresQuery(RecoveryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which figures, and which of their currencies is looked at."""

    currency: str | None = None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that stands above all others."""

    figure: str
    about: str


@get("/figures", opt={SCREEN_KEY: _SCREEN})
async def show_figures(scope: Scope) -> Response[bytes]:
    """Show the figures, or that they are still being worked out."""
    query = read_query(scope, FiguresQuery)
    asked = read_asked(scope, query)
    told = {"query": query, "asked": asked, "bys": BYS}
    found = await find_keepers(scope).recovery.find(asked)
    if found is None:
        return show(scope, "figures", told | {"report": None}, headers=_LOOK_AGAIN)
    report, read_at = found
    address = _address(asked)
    shown = _choose(report, query.currency)
    told |= {
        "report": report,
        "read_at": read_at,
        "facts": list_facts(report),
        "address": address,
        "shown": shown,
        "tiles": () if shown is None else _list_tiles(shown),
        "parts": () if shown is None else _list_parts(shown, report, address),
    }
    return show(scope, "figures", told)


@get("/figures/pictures/{currency:str}/{name:str}", opt={SCREEN_KEY: _SCREEN})
async def draw_figure(scope: Scope, currency: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Draw one of the pictures of a currency."""
    report = await _read(scope)
    found = next((each for each in report.currencies if each.currency == currency), None)
    sections = () if found is None else list_sections(found, report)
    blocks = (block for section in sections for block in section.blocks if isinstance(block, Picture))
    svg = next((block.svg for block in blocks if f"{block.name}.svg" == name), None)
    if svg is None:
        raise ProblemError("not-found", f"There is no picture {name!r} of {currency!r} in these figures.")
    return draw(svg)


@get("/figures/tables/{name:str}", opt={SCREEN_KEY: _SCREEN})
async def write_figures(scope: Scope, name: FromPath[str]) -> Response[bytes]:
    """Write one of the tables, of all currencies, as a file."""
    report = await _read(scope)
    table = name.removesuffix(".csv")
    text = recoverycsv.write_table(report, table)
    if text is None:
        raise ProblemError("not-found", f"There is no table {name!r} of figures.")
    disposition = {"Content-Disposition": f'attachment; filename="{table}-{report.as_of}.csv"'}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=HEADERS | disposition)


async def _read(scope: Scope) -> RecoveryReport:
    """Read the figures that a page was made of."""
    report, _ = await find_keepers(scope).recovery.read(read_asked(scope, read_query(scope, RecoveryQuery)))
    return report


def _choose(report: RecoveryReport, currency: str | None) -> CurrencyFigures | None:
    """Choose the currency that is looked at: the one with most cases where none is asked for."""
    if currency is None:
        return max(report.currencies, key=lambda each: each.total.cases, default=None)
    found = next((each for each in report.currencies if each.currency == currency), None)
    if found is None and report.currencies:
        known = ", ".join(each.currency for each in report.currencies)
        raise refuse_parameter("currency", f"nothing is owed in {currency!r}; there are {known}.")
    return found


def _address(asked: Asked) -> str:
    """Return the query of a page, with the day that it is of, so that what it names is of the same day."""
    fields = {"by": asked.by, "from": asked.from_on, "to": asked.to_on, "as_of": asked.as_of}
    written = {name: f"{value}" for name, value in fields.items() if value is not None}
    return urlencode(written | {"within_days": asked.within_days})


def _list_tiles(found: CurrencyFigures) -> tuple[Tile, ...]:
    total, owed = found.total, found.portfolio
    return (
        Tile(figure=say_percent(total.rate), about=f"of {say_money(total.opened)} {found.currency} opened came in"),
        Tile(figure=f"{say_money(owed.receivables)} {found.currency}", about="is owed"),
        Tile(figure=say_days(owed.days_sales_outstanding), about="days sales outstanding"),
        Tile(figure=say_percent(total.promises.kept_rate), about="of promises kept"),
    )


def _list_parts(found: CurrencyFigures, report: RecoveryReport, address: str) -> list[tuple[str, list[Markup]]]:
    def write(block: Block) -> Markup:
        picture = f"{HOME}/figures/pictures/{found.currency}"
        return write_part(block, picture=picture, file=f"{HOME}/figures/tables", query=address)

    sections = list_sections(found, report)
    return [(section.heading, [write(block) for block in section.blocks]) for section in sections]
