"""An account: its facts and invoices, what was done and what comes, what it promised, and what was decided."""

import asyncio

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, draw, show
from api.console.today import read_work
from api.histories import join_history, join_outcomes
from api.messages import TimelineQuery
from api.problems import ProblemError
from api.requests import read_query
from api.routes.accounts import GET, LIST
from api.routes.decisions import LIST as LIST_DECISIONS
from api.routes.timeline import GET_TIMELINE, read_timeline
from api.routes.worklist import LIST as LIST_WORK
from api.service import find_service
from engine.model.exactjson import FREE_JSON
from pages.ladder import read_ladder
from pages.timelinepicture import write_svg
from store.accounts import AccountFilter
from store.decisions import DecisionFilter
from store.tokens import Token

_PATH = "/accounts/{account_id:str}"
_KEPT_APART = ("id", "invoices")
_MOST_DECISIONS = 20


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts: those whose id begins so."""

    prefix: str | None = None
    cursor: str | None = None


@get("/accounts", opt={SCREEN_KEY: Screen(scope=LIST.scope, reads_personal=True)})
async def show_accounts(scope: Scope) -> Response[bytes]:
    """List accounts by their ids."""
    asked = read_query(scope, Search)
    accounts = find_service(scope).store.accounts
    page = await accounts.list(AccountFilter(prefix=asked.prefix), cursor=asked.cursor, limit=100)
    return show(scope, "accounts", {"asked": asked, "accounts": page.accounts, "next_cursor": page.next_cursor})


@get(_PATH, opt={SCREEN_KEY: Screen(scope=GET.scope, reads_personal=True)})
async def show_account(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Show one account, of what is due and was decided only what one's other rights open."""
    token: Token = scope["auth"]
    store = find_service(scope).store
    stored = await store.accounts.read_with_history(account_id)
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    document: dict[str, object] = FREE_JSON.decode(stored.account.document)
    outcomes = join_outcomes(stored)
    page = await store.decisions.list(DecisionFilter(account_id=account_id), limit=_MOST_DECISIONS)
    tracks = tuple(dict.fromkeys(one.track for one in page.decisions))
    told = {
        "account_id": account_id,
        "facts": {name: value for name, value in document.items() if name not in _KEPT_APART},
        "invoices": document.get("invoices"),
        "history": FREE_JSON.decode(join_history(stored))[::-1],
        "outcomes": FREE_JSON.decode(outcomes)[::-1] if outcomes else [],
        "has_timeline": GET_TIMELINE.scope in token.scopes,
        "decisions": page.decisions if LIST_DECISIONS.scope in token.scopes else None,
        "work": await read_work(scope, account_id, tracks) if LIST_WORK.scope in token.scopes else (),
    }
    return show(scope, "account", told)


@get(f"{_PATH}/timeline.svg", opt={SCREEN_KEY: Screen(scope=GET_TIMELINE.scope, reads_personal=True)})
async def draw_timeline(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """Draw what comes if nobody pays, on the days on which it happens."""
    timeline = await read_timeline(find_service(scope), account_id, TimelineQuery())
    ladder = await asyncio.to_thread(read_ladder, account_id, timeline.titles, timeline.steps)
    return draw(write_svg(ladder))
