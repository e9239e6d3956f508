"""Accesses: who read personal data, when, and what."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.routes.audit import ACCESSES
from api.service import find_service
from store.accesses import Access

_ROWS_AT_ONCE = 1000
READINGS = Sheet[Access](
    "accesses",
    (
        Column("at", "When", lambda each: each.at),
        Column("name", "Who", lambda each: each.name),
        Column("actor", None, lambda each: each.actor),
        Column("what", "What", lambda each: each.what),
    ),
)


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which readings; days are of UTC, the last one included."""

    actor: str | None = None
    since: dt.date | None = None
    to: dt.date | None = None
    cursor: int | None = None


@get("/audit/accesses", opt={SCREEN_KEY: Screen(scope=ACCESSES.scope)})
async def show_accesses(scope: Scope) -> Response[Any]:
    """List readings, newest first."""
    asked, order = read_asked(scope, Filter)
    accesses = find_service(scope).store.accesses
    since = None if asked.since is None else dt.datetime.combine(asked.since, dt.time(), dt.UTC)
    until = None if asked.to is None else dt.datetime.combine(asked.to, dt.time(), dt.UTC) + dt.timedelta(days=1)

    async def read(cursor: int | None) -> tuple[Sequence[Access], int | None]:
        page = await accesses.list(actor=asked.actor, since=since, until=until, cursor=cursor, limit=_ROWS_AT_ONCE)
        return page.accesses, page.next_cursor

    if order.csv == READINGS.name:
        return send_csv(READINGS, turn_pages(read))
    page = await accesses.list(actor=asked.actor, since=since, until=until, cursor=asked.cursor)
    table = arrange(order, READINGS, page.accesses, is_part=page.next_cursor is not None or asked.cursor is not None)
    following = None if page.next_cursor is None else order.address(without=("cursor",), cursor=f"{page.next_cursor}")
    return show(scope, "accesses", {"asked": asked, "table": table, "next": following})
