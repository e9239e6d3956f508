"""The decisions in the log, newest first, and those of an account, a rule, a period."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.decisionmessages import OfVersion
from api.problems import refuse_parameter
from api.requests import check_words
from api.routes.decisions import LIST
from api.service import find_service
from engine.model.vocabulary import ACTIONS
from store.decisionrecords import LoggedDecision
from store.decisions import DecisionFilter

OUTCOMES = ("act", "wait", "blocked", "none", "not_covered")
DECISIONS = Sheet[LoggedDecision](
    "decisions",
    (
        Column("at", "When", lambda each: each.at),
        Column("account", "Account", lambda each: each.account_id),
        Column("outcome", "Outcome", lambda each: each.outcome),
        Column("rule", "Rule", lambda each: each.rule),
        Column("action", "Action", lambda each: each.action),
        Column("ruleset", "Ruleset", lambda each: each.ruleset_id),
        Column("version", None, lambda each: each.version),
        Column("decision", None, lambda each: each.id),
        Column("line", None, lambda each: each.leaf_index),
    ),
)


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions; days are of UTC, the last one included."""

    account: str | None = None
    ruleset: str | None = None
    version: OfVersion | None = None
    rule: str | None = None
    outcome: str | None = None
    action: str | None = None
    since: dt.date | None = None
    to: dt.date | None = None
    cursor: str | None = None


_ROWS_AT_ONCE = 500


@get("/decisions", opt={SCREEN_KEY: Screen(scope=LIST.scope, reads_personal=True)})
async def show_decisions(scope: Scope) -> Response[Any]:
    """List decisions, newest first."""
    asked, order = read_asked(scope, Filter)
    wanted = _read_filter(asked)
    decisions = find_service(scope).store.decisions

    async def read(cursor: str | None) -> tuple[Sequence[LoggedDecision], str | None]:
        page = await decisions.list(wanted, cursor=cursor, limit=_ROWS_AT_ONCE)
        return page.decisions, page.next_cursor

    if order.csv == DECISIONS.name:
        return send_csv(DECISIONS, turn_pages(read))
    try:
        page = await decisions.list(wanted, cursor=asked.cursor)
    except ValueError as error:
        raise refuse_parameter("cursor", f"{error}.") from None
    table = arrange(order, DECISIONS, page.decisions, is_part=page.next_cursor is not None or asked.cursor is not None)
    following = None if page.next_cursor is None else order.address(without=("cursor",), cursor=page.next_cursor)
    told = {"asked": asked, "decisions": table, "next": following, "outcomes": OUTCOMES, "actions": sorted(ACTIONS)}
    return show(scope, "decisions", told)


def _read_filter(asked: Filter) -> DecisionFilter:
    """Return which decisions are asked for; what could never be found is refused."""
    check_words(asked.action, None, refuse_parameter)
    if asked.outcome is not None and asked.outcome not in OUTCOMES:
        raise refuse_parameter("outcome", f"one of {', '.join(OUTCOMES)} is needed, not {asked.outcome!r}.")
    return DecisionFilter(
        account_id=asked.account,
        ruleset_id=asked.ruleset,
        version=asked.version,
        rule=asked.rule,
        outcome=asked.outcome,
        action=asked.action,
        since=None if asked.since is None else dt.datetime.combine(asked.since, dt.time(), dt.UTC),
        until=None if asked.to is None else dt.datetime.combine(asked.to, dt.time(), dt.UTC) + dt.timedelta(days=1),
    )
