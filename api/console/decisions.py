"""A decision: what was said and why, what each earlier rule lacked, the version, and its place in the log."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, read_asked, send_csv, turn_pages
from api.decisionmessages import OfVersion
from api.problems import ProblemError, refuse_parameter
from api.replaying import FactsErased, Replay, remember, replay
from api.requests import check_words
from api.routes.decisions import LIST, READ
from api.service import Service, find_service
from api.versions import UnusableVersion
from engine.model.exactjson import FREE_JSON
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


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again: whether it is the same, with each rule's first lack, or why it could not be."""

    is_equal: bool | None
    explanation: Mapping[str, object] | None
    trouble: str | None


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


@get("/decisions/{decision_id:str}", opt={SCREEN_KEY: Screen(scope=READ.scope, reads_personal=True)})
async def show_decision(scope: Scope, decision_id: FromPath[str]) -> Response[bytes]:
    """Show one decision, decided again so that what each rule lacked can be said."""
    service = find_service(scope)
    logged = await service.store.decisions.read(decision_id)
    if logged is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    answer = None if logged.answer is None else FREE_JSON.decode(logged.answer)
    again = await _decide_again(service, logged)
    return show(scope, "decision", {"logged": logged, "answer": answer, "again": again})


async def _decide_again(service: Service, logged: LoggedDecision) -> Again:
    """Decide again twice: as it was, to compare, and with everything said."""
    try:
        remembered = remember(logged)
        rulesets = await service.shelf.take(remembered.rulesets)
    except (FactsErased, UnusableVersion) as problem:
        return Again(is_equal=None, explanation=None, trouble=f"{problem}")

    def decide() -> tuple[Replay, Replay]:
        return replay(remembered, rulesets), replay(remembered, rulesets, explain="full")

    same, explained = await asyncio.to_thread(decide)
    told = None if explained.answer is None else FREE_JSON.decode(explained.answer).get("explanation")
    return Again(is_equal=same.is_equal, explanation=told, trouble=same.problem)
