"""An account: its facts and invoices, what was done and what comes, what it promised, and what was decided."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.decisions import DECISIONS
from api.console.screen import HOME, SCREEN_KEY, Screen, draw, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv, turn_pages
from api.console.today import read_work
from api.histories import join_history, join_outcomes
from api.messages import TimelineQuery
from api.problems import ProblemError
from api.requests import NoQuery
from api.routes.accounts import GET, LIST
from api.routes.decisions import LIST as LIST_DECISIONS
from api.routes.timeline import GET_TIMELINE, read_timeline
from api.routes.worklist import LIST as LIST_WORK
from api.service import find_service
from engine.model.exactjson import FREE_JSON
from pages.ladder import read_ladder
from pages.timelinepicture import write_svg
from store.accounts import AccountFilter, ListedAccount
from store.decisions import DecisionFilter
from store.tokens import Token

_PATH = "/accounts/{account_id:str}"
_KEPT_APART = ("id", "invoices")
_MOST_DECISIONS = 20
_ROWS_AT_ONCE = 500

_Entry = Mapping[str, Any]
ACCOUNTS = Sheet[ListedAccount](
    "accounts",
    (
        Column("account", "Account", lambda each: each.id),
        Column("country", "Country", lambda each: each.country),
        Column("segment", "Segment", lambda each: each.segment),
        Column("ruleset", "Ruleset that answered last", lambda each: [ask.ruleset_id for ask in each.asks]),
        Column("asked_again", "Asked again", lambda each: [ask.ask_at for ask in each.asks]),
    ),
)
INVOICES = Sheet[_Entry](
    "invoices",
    (
        Column("invoice", "Invoice", lambda each: each.get("id")),
        Column("due_on", "Due", lambda each: each.get("due_on")),
        Column("open", "Open", lambda each: each.get("open"), is_figure=True),
        Column("disputed", "Disputed", lambda each: each.get("disputed", False)),
    ),
)
HISTORY = Sheet[_Entry](
    "history",
    (
        Column("at", "When", lambda each: each.get("at")),
        Column("rule", "Step", lambda each: each.get("rule")),
        Column("channel", "By", lambda each: each.get("channel")),
        Column("result", "Result", lambda each: each.get("result")),
        Column("episode", "Episode", lambda each: each.get("episode")),
    ),
)
OUTCOMES = Sheet[_Entry](
    "outcomes",
    (
        Column("at", "When", lambda each: each.get("at")),
        Column("type", "What", lambda each: each.get("type")),
        Column("amount", "Amount", lambda each: each.get("amount"), is_figure=True),
        Column("invoice", "Invoice", lambda each: each.get("invoice")),
        Column("by", "By", lambda each: each.get("by")),
    ),
)


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts: those whose id begins so."""

    prefix: str | None = None
    country: str | None = None
    segment: str | None = None
    ruleset: str | None = None
    cursor: str | None = None


@get("/accounts", opt={SCREEN_KEY: Screen(scope=LIST.scope, reads_personal=True)})
async def show_accounts(scope: Scope) -> Response[Any]:
    """List accounts by their ids."""
    asked, order = read_asked(scope, Search)
    accounts = find_service(scope).store.accounts
    wanted = AccountFilter(prefix=asked.prefix, country=asked.country, segment=asked.segment, ruleset_id=asked.ruleset)

    async def read(cursor: str | None) -> tuple[Sequence[ListedAccount], str | None]:
        page = await accounts.list(wanted, cursor=cursor, limit=_ROWS_AT_ONCE)
        return page.accounts, page.next_cursor

    if order.csv == ACCOUNTS.name:
        return send_csv(ACCOUNTS, turn_pages(read))
    page = await accounts.list(wanted, cursor=asked.cursor, limit=100)
    table = arrange(order, ACCOUNTS, page.accounts, is_part=page.next_cursor is not None or asked.cursor is not None)
    following = None if page.next_cursor is None else order.address(without=("cursor",), cursor=page.next_cursor)
    return show(scope, "accounts", {"asked": asked, "table": table, "next": following})


@get(_PATH, opt={SCREEN_KEY: Screen(scope=GET.scope, reads_personal=True)})
async def show_account(scope: Scope, account_id: FromPath[str]) -> Response[Any]:
    """Show one account, of what is due and was decided only what one's other rights open."""
    _, order = read_asked(scope, NoQuery)
    token: Token = scope["auth"]
    store = find_service(scope).store
    stored = await store.accounts.read_with_history(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    document: dict[str, object] = FREE_JSON.decode(stored.account.document)
    outcomes = join_outcomes(stored)
    whole: dict[Sheet[_Entry], list[_Entry]] = {
        INVOICES: _entries(document.get("invoices")),
        HISTORY: FREE_JSON.decode(join_history(stored))[::-1],
        OUTCOMES: FREE_JSON.decode(outcomes)[::-1] if outcomes else [],
    }
    for sheet, rows in whole.items():
        if order.csv == sheet.name:
            return send_csv(sheet, one_page(rows))
    page = await store.decisions.list(DecisionFilter(account_id=account_id), limit=_MOST_DECISIONS)
    tracks = tuple(dict.fromkeys(one.track for one in page.decisions))
    told = {
        "account_id": account_id,
        "facts": {name: value for name, value in document.items() if name not in _KEPT_APART},
        "order": order,
        "tables_of": {sheet.name: arrange(order, sheet, rows) for sheet, rows in whole.items()},
        "has_timeline": GET_TIMELINE.scope in token.scopes,
        "decisions": arrange(
            order,
            DECISIONS,
            page.decisions,
            is_part=page.next_cursor is not None,
            csv_address=f"{HOME}/decisions?{urlencode({'account': account_id, 'csv': DECISIONS.name})}",
        )
        if LIST_DECISIONS.scope in token.scopes
        else None,
        "work": await read_work(scope, account_id, tracks) if LIST_WORK.scope in token.scopes else (),
    }
    return show(scope, "account", told)


@get(f"{_PATH}/timeline.svg", opt={SCREEN_KEY: Screen(scope=GET_TIMELINE.scope, reads_personal=True)})
async def draw_timeline(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Draw what comes if nobody pays, on the days on which it happens."""
    timeline = await read_timeline(find_service(scope), account_id, TimelineQuery())
    ladder = await asyncio.to_thread(read_ladder, account_id, timeline.titles, timeline.steps)
    return draw(write_svg(ladder))


def _entries(value: object) -> list[_Entry]:
    """Return the records of a list that was stored as it was sent; what is none cannot be shown as one."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
