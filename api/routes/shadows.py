"""A version that is asked beside what is in use, and what it would have changed."""

from collections.abc import Sequence

from litestar import delete, get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import Reply, answer_json, answer_once, encode
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError, refuse_place
from api.requests import decode_strictly, read_body
from api.routes.rulesets import read_version
from api.service import Service, find_service
from api.shadowmessages import ShadowAccount, ShadowCell, ShadowReport, ShadowRequest, ShadowStep
from engine.model.decision import Money
from engine.model.exactjson import make_decoder
from engine.model.money import exponent
from store.errors import Unstorable
from store.shadows import Cell, Different, Shadow, Step
from store.tokens import Token

_MOST_SHOWN = 20
_BODY = Body(record=ShadowRequest)
_REQUEST = make_decoder(ShadowRequest)
_PATH = "/v1/rulesets/{ruleset_id:str}/shadow"

BEGIN = Operation(
    name="beginShadow",
    summary="Let a version decide beside what is in use, after each answer, in the place of the shadow before.",
    method="POST",
    scope="publish",
    body=_BODY,
    answers=(Answer(about="The shadow, with nothing decided yet.", status=201, record=ShadowReport),),
    headers=ONCE,
    problems=("unknown-ruleset", "unavailable", "idempotency-conflict", "answer-pending"),
)
READ = Operation(
    name="getShadow",
    summary="What the last shadow of a ruleset would have changed: how many accounts, from which decision to which.",
    scope="audit",
    reads_personal=True,
    answers=(Answer(about="The report.", record=ShadowReport),),
    problems=("unknown-ruleset", "unavailable"),
)
END = Operation(
    name="endShadow",
    summary="End the shadow of a ruleset, over or not, and forget what it would have decided.",
    method="DELETE",
    scope="publish",
    answers=(Answer(about="It is ended, and nothing of it is kept.", status=204),),
    problems=("unknown-ruleset", "unavailable"),
)


@post(_PATH, status_code=201, opt={OPT_KEY: BEGIN})
async def begin_shadow(request: Request[object, object, State], ruleset_id: FromPath[str]) -> Response[bytes]:
    """Begin a shadow."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    asked: ShadowRequest = decode_strictly(_REQUEST, body)
    service = find_service(scope)
    token: Token = scope["auth"]

    async def make() -> Reply:
        await read_version(service, ruleset_id, asked.version)
        if asked.until <= service.now():
            raise refuse_place("/until", "it is over already; name an instant that is still to come.")
        shadow = await service.store.shadows.begin(
            ruleset_id, asked.version, percent=asked.percent, until=asked.until, actor=token.id, name=token.name
        )
        return Reply(status=201, body=encode(_report(service, shadow)))  # accounts are for who may read them

    return (await answer_once(scope, body, make)).respond()


@get(_PATH, opt={OPT_KEY: READ})
async def get_shadow(scope: Scope, ruleset_id: FromPath[str]) -> Response[bytes]:
    """Read what a shadow would have changed."""
    report = await read_report(find_service(scope), ruleset_id)
    return answer_json(report, headers={"Cache-Control": "no-store"})


async def read_report(service: Service, ruleset_id: str) -> ShadowReport:
    """Read what the last shadow of a ruleset would have changed; raises ProblemError where it has none."""
    try:
        shadow = await service.store.shadows.read(ruleset_id)
    except Unstorable:
        shadow = None
    if shadow is None:
        raise _refuse(ruleset_id)
    cells = await service.store.shadows.summarise(ruleset_id)
    first = await service.store.shadows.list_different(ruleset_id, most=_MOST_SHOWN)
    return _report(service, shadow, cells, first)


@delete(_PATH, opt={OPT_KEY: END})
async def end_shadow(scope: Scope, ruleset_id: FromPath[str]) -> None:
    """End a shadow."""
    token: Token = scope["auth"]
    try:
        is_ended = await find_service(scope).store.shadows.end(ruleset_id, actor=token.id, name=token.name)
    except Unstorable:
        is_ended = False
    if not is_ended:
        raise _refuse(ruleset_id)


def _refuse(ruleset_id: str) -> ProblemError:
    return ProblemError("unknown-ruleset", f"Ruleset {ruleset_id!r} has no shadow.")


def _report(
    service: Service, shadow: Shadow, cells: Sequence[Cell] = (), first: Sequence[Different] = ()
) -> ShadowReport:
    return ShadowReport(
        ruleset=shadow.ruleset_id,
        version=shadow.number,
        percent=shadow.percent,
        begun_at=shadow.begun_at,
        until=shadow.until,
        is_over=shadow.until <= service.now(),
        accounts=sum(cell.accounts for cell in cells),
        different=sum(cell.different for cell in cells),
        matrix=tuple(
            ShadowCell(
                champion=_show(cell.champion),
                challenger=_show(cell.challenger),
                accounts=cell.accounts,
                different=cell.different,
                claimed=_claimed(cell),
            )
            for cell in cells
        ),
        first=tuple(
            ShadowAccount(
                account_id=each.account_id,
                decision_id=each.decision_id,
                at=each.at,
                champion=_show(each.champion),
                challenger=_show(each.challenger),
                claimed=_claimed(each),
            )
            for each in first
        ),
    )


def _show(step: Step) -> ShadowStep:
    return ShadowStep(outcome=step.outcome, rule=step.rule, action=step.action, channel=step.channel)


def _claimed(of: Cell | Different) -> Money | None:
    if of.currency is None or of.amount is None:
        return None
    return Money(amount=f"{of.amount:.{exponent(of.currency)}f}", currency=of.currency)
