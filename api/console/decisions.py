"""A decision: what was said and why, what each earlier rule lacked, the version, and its place in the log."""

import asyncio
from collections.abc import Mapping

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import SCREEN_KEY, Screen, show
from api.problems import ProblemError, refuse_parameter
from api.replaying import FactsErased, Replay, remember, replay
from api.requests import read_query
from api.routes.decisions import LIST, READ
from api.service import Service, find_service
from api.versions import UnusableVersion
from engine.model.exactjson import FREE_JSON
from store.decisionrecords import LoggedDecision
from store.decisions import DecisionFilter


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which decisions."""

    account: str | None = None
    ruleset: str | None = None
    rule: str | None = None
    cursor: str | None = None


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again: whether it is the same, with each rule's first lack, or why it could not be."""

    is_equal: bool | None
    explanation: Mapping[str, object] | None
    trouble: str | None


@get("/decisions", opt={SCREEN_KEY: Screen(scope=LIST.scope, reads_personal=True)})
async def show_decisions(scope: Scope) -> Response[bytes]:
    """List decisions, newest first."""
    asked = read_query(scope, Filter)
    wanted = DecisionFilter(account_id=asked.account, ruleset_id=asked.ruleset, rule=asked.rule)
    try:
        page = await find_service(scope).store.decisions.list(wanted, cursor=asked.cursor)
    except ValueError as error:
        raise refuse_parameter("cursor", f"{error}.") from None
    told = {"asked": asked, "decisions": page.decisions, "next_cursor": page.next_cursor}
    return show(scope, "decisions", told)


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
