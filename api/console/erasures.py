"""Erasures: whose facts were taken away, by whom, and how far back what was old went."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.routes.exports import EXPORT
from api.service import find_service
from store.auditlog import OtherLine

_ROWS_AT_ONCE = 1000
_ROWS = 100
ERASURES = Sheet[OtherLine](
    "erasures",
    (
        Column("at", "When", lambda each: each.fields.get("at")),
        Column("what", "What", lambda each: each.kind),
        Column("account", "Account", lambda each: each.fields.get("account_id")),
        Column("before", "Older than", lambda each: each.fields.get("before")),
        Column("decisions", "Decisions", lambda each: each.fields.get("decisions_count"), is_figure=True),
        Column("by", "By", lambda each: each.fields.get("name") or each.fields.get("actor")),
        Column("line", "Line", lambda each: each.index, is_figure=True),
    ),
)


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those before a line of the log."""

    cursor: int | None = None


@get("/audit/erasures", opt={SCREEN_KEY: Screen(scope=EXPORT.scope, reads_personal=True)})
async def show_erasures(scope: Scope) -> Response[Any]:
    """List erasures, newest first."""
    asked, order = read_asked(scope, Page)
    log = find_service(scope).store.log

    async def read(cursor: int | None) -> tuple[Sequence[OtherLine], int | None]:
        lines = await log.list_erasures(before=cursor, limit=_ROWS_AT_ONCE)
        return lines, lines[-1].index if len(lines) == _ROWS_AT_ONCE else None

    if order.csv == ERASURES.name:
        return send_csv(ERASURES, turn_pages(read))
    lines = await log.list_erasures(before=asked.cursor, limit=_ROWS + 1)
    more = len(lines) > _ROWS
    table = arrange(order, ERASURES, lines[:_ROWS], is_part=more or asked.cursor is not None)
    following = order.address(without=("cursor",), cursor=f"{lines[_ROWS - 1].index}") if more else None
    return show(scope, "erasures", {"table": table, "next": following})
