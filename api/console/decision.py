"""One decision: what was said and why, what each earlier rule lacked, its version, and its place in the log."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import encode
from api.auditmessages import InclusionQuery
from api.console.screen import HEADERS, SCREEN_KEY, Screen, show
from api.console.tables import Column, Sheet, arrange, one_page, read_asked, send_csv
from api.operation import JSON
from api.problems import ProblemError
from api.proving import prove_decision
from api.replaying import Difference, FactsErased, Replay, remember, replay
from api.requests import NoQuery
from api.routes.audit import PROOF, make_proof
from api.routes.decisions import READ
from api.routes.replays import REPLAY
from api.service import Service, find_service
from api.versions import UnusableVersion
from engine.evaluation.program import Compiled
from engine.model.exactjson import FREE_JSON
from engine.model.language import say_edition
from store.decisionrecords import LoggedDecision

_PATH = "/decisions/{decision_id:str}"

_Told = Mapping[str, Any]
RULES = Sheet[_Told](
    "rules",
    (
        Column("rule", "Rule", lambda each: each["rule"]),
        Column("fact", "What it asks", lambda each: each["fact"]),
        Column("value", "What it found", lambda each: each["value"]),
        Column("required", "What it needs", lambda each: each["required"]),
    ),
)
FACTS = Sheet[_Told](
    "facts",
    (
        Column("fact", "Fact", lambda each: each["fact"]),
        Column("value", "Value", lambda each: each["value"]),
        Column("source", "From", lambda each: each["source"]),
    ),
)


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again, or why it could not be; with all that explains it, and the lines of the rules.

    ``edition`` is named where the decision was made when the language meant something else.
    """

    is_equal: bool | None = None
    trouble: str | None = None
    edition: str | None = None
    differences: tuple[Difference, ...] = ()
    explanation: _Told | None = None
    lines: Mapping[str, int] = {}


@get(_PATH, opt={SCREEN_KEY: Screen(scope=READ.scope, reads_personal=True)})
async def show_decision(scope: Scope, decision_id: FromPath[str]) -> Response[Any]:
    """Show one decision, decided again so that what each rule lacked can be said."""
    return await _show(scope, decision_id, is_replayed=False)


@post(f"{_PATH}/replay", status_code=200, opt={SCREEN_KEY: Screen(scope=REPLAY.scope, reads_personal=True)})
async def replay_decision(scope: Scope, decision_id: FromPath[str]) -> Response[Any]:
    """Decide again, and say when and what came of it."""
    return await _show(scope, decision_id, is_replayed=True)


@get(f"{_PATH}/proof.json", opt={SCREEN_KEY: Screen(scope=PROOF.scope, reads_personal=True)})
async def send_proof(scope: Scope, decision_id: FromPath[str]) -> Response[bytes]:
    """Answer the proof that a decision is in the log, with the log signed as it is now, as a file to keep."""
    read_asked(scope, NoQuery)
    proof = await make_proof(find_service(scope), decision_id, InclusionQuery())
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="proof-{decision_id}.json"'}
    return Response(encode(proof), media_type=JSON, headers=headers)


async def _show(scope: Scope, decision_id: str, *, is_replayed: bool) -> Response[Any]:
    _, order = read_asked(scope, NoQuery)
    service = find_service(scope)
    logged = await service.store.decisions.read(decision_id)
    if logged is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    again = await _decide_again(service, logged)
    explained = again.explanation or {}
    for sheet in (RULES, FACTS):
        if order.csv == sheet.name:
            return send_csv(sheet, one_page(explained.get(sheet.name) or ()))
    told = {
        "logged": logged,
        "answer": None if logged.answer is None else FREE_JSON.decode(logged.answer),
        "again": again,
        "rules": arrange(order, RULES, explained.get("rules") or ()),
        "facts": arrange(order, FACTS, explained.get("facts") or ()),
        "replayed_at": service.now() if is_replayed else None,
        "proven": await prove_decision(service.store.log, logged),
        "can_sign": service.signer is not None,
    }
    return show(scope, "decision", told)


async def _decide_again(service: Service, logged: LoggedDecision) -> Again:
    """Decide again twice: as it was, to compare, and with everything said."""
    try:
        remembered = remember(logged)
        rulesets = await service.shelf.take(remembered.rulesets)
    except (FactsErased, UnusableVersion) as problem:
        return Again(trouble=f"{problem}")

    def decide() -> tuple[Replay, Replay]:
        return replay(remembered, rulesets), replay(remembered, rulesets, explain="full")

    same, explained = await asyncio.to_thread(decide)
    return Again(
        is_equal=same.is_equal,
        trouble=same.problem,
        edition=say_edition(same.language_edition) if same.is_of_earlier_edition else None,
        differences=same.differences,
        explanation=None if explained.answer is None else FREE_JSON.decode(explained.answer).get("explanation"),
        lines=_find_lines(rulesets, logged),
    )


def _find_lines(rulesets: Sequence[Compiled], logged: LoggedDecision) -> dict[str, int]:
    """Find on which line of the version's text each of its rules and blocks stands."""
    decided = [each for each in rulesets if (each.ruleset.id, each.version) == (logged.ruleset_id, logged.version)]
    editions = [edition for each in decided for edition in each.ruleset.editions.values()]
    blocks = {block.id: block.at.line for edition in editions for block in edition.blocks}
    return blocks | {rule.id: rule.at.line for edition in editions for rule in edition.rules}
