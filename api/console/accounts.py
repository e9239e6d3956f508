"""The accounts, by their ids, and those of a country, segment or ruleset."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.routes.accounts import LIST
from api.service import find_service
from store.accounts import AccountFilter, ListedAccount

_ROWS_AT_ONCE = 500

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
