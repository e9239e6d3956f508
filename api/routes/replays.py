"""Deciding again what was decided."""

import asyncio

from litestar import post
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope
from msgspec import Raw

from api.answers import answer_json
from api.auditmessages import DifferenceFound, ReplayAnswer
from api.operation import OPT_KEY, Answer, Operation
from api.problems import ProblemError
from api.replaying import FactsErased, remember, replay
from api.service import find_service
from api.versions import UnusableVersion

REPLAY = Operation(
    name="replayDecision",
    summary="Make a logged decision again, with the versions and facts it was made from, and compare byte for byte.",
    method="POST",
    scope="audit",
    reads_personal=True,
    answers=(Answer(about="Equal, or where not.", record=ReplayAnswer),),
    problems=("unknown-decision", "facts-erased", "unavailable"),
)


@post("/v1/decisions/{decision_id:str}/replay", status_code=200, opt={OPT_KEY: REPLAY})
async def replay_decision(scope: Scope, decision_id: FromPath[str]) -> Response[bytes]:
    """Replay one decision."""
    service = find_service(scope)
    logged = await service.store.decisions.read(decision_id)
    if logged is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    try:
        remembered = remember(logged)
        rulesets = await service.shelf.take(remembered.rulesets)
    except FactsErased as problem:
        raise ProblemError("facts-erased", f"{str(problem).capitalize()}.") from None
    except UnusableVersion as problem:
        raise ProblemError("unavailable", f"{problem}.", headers={"Retry-After": "60"}) from None
    again = await asyncio.to_thread(replay, remembered, rulesets)
    answer = ReplayAnswer(
        decision_id=decision_id,
        is_equal=again.is_equal,
        language_edition=again.language_edition,
        differences=tuple(
            DifferenceFound(pointer=each.pointer, logged=each.logged, replayed=each.replayed)
            for each in again.differences
        ),
        replayed=None if again.answer is None else Raw(again.answer),
        problem=again.problem,
    )
    return answer_json(answer, headers={"Cache-Control": "no-store"})
