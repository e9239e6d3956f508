"""Dunning runs over the stored accounts: proposed, spoken of, released to the worklist."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import Reply, answer_json, answer_once, encode
from api.operation import NOT_ONCE, ONCE, OPT_KEY, Answer, Body, Operation
from api.operation import Scope as ScopeName
from api.problems import refuse_parameter
from api.requests import check_words, decode_strictly, read_body, read_query
from api.runanswers import propose, read_cursor, tell_head, tell_item, tell_run, write_cursor
from api.runmessages import (
    ITEM_ORDER,
    ApproveRunRequest,
    ItemsQuery,
    Run,
    RunDeedRequest,
    RunItems,
    RunList,
    RunRequest,
    RunsQuery,
    SetAsideRequest,
)
from api.service import Service, find_service
from engine.model.exactjson import make_decoder
from store.identifiers import is_id
from store.runs import ItemFilter
from store.tokens import Token
from store.worklist import Actor

_RUN = "/v1/runs/{run_id:str}"

PROPOSE = Operation(
    name="proposeRun",
    summary="Propose what would be done for every stored account. It changes nothing; it is worked out afterwards.",
    method="POST",
    scope="decide",
    body=Body(record=RunRequest),
    answers=(Answer(about="The run, which is being worked out.", status=202, record=Run),),
    headers=ONCE,
    problems=("too-many-requests", *NOT_ONCE),
)
LIST = Operation(
    name="listRuns",
    summary="Every run, the newest first.",
    scope="decide",
    query=RunsQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=RunList),),
    problems=("unavailable",),
)
READ = Operation(
    name="getRun",
    summary="How far a run came, what is in it by kind and money, and how many contacts each day and channel has.",
    scope="decide",
    answers=(Answer(about="The run.", record=Run),),
    problems=("unknown-run", "unavailable"),
)
ITEMS = Operation(
    name="listRunItems",
    summary="The accounts of a run: what would be done for each, and why nothing for the others.",
    scope="decide",
    query=ItemsQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=RunItems),),
    problems=("unknown-run", "unavailable"),
)


def _describe(
    name: str, summary: str, record: type[msgspec.Struct], *problems: str, scope: ScopeName = "approve"
) -> Operation:
    return Operation(
        name=name,
        summary=summary,
        method="POST",
        scope=scope,
        body=Body(record=record),
        answers=(Answer(about="The run as it is now.", record=Run),),
        headers=ONCE,
        problems=("unknown-run", "run-closed", *problems, *NOT_ONCE),
    )


EXCLUDE = _describe(
    "excludeFromRun", "Take accounts out of a run for good, with a reason.", SetAsideRequest, scope="decide"
)
HOLD = _describe(
    "holdInRun", "Hold accounts back until they are approved by name, with a reason.", SetAsideRequest, scope="decide"
)
APPROVE = _describe(
    "approveRun",
    "Approve all that is proposed, or some accounts by name; with four eyes never by who proposed the run.",
    ApproveRunRequest,
    "own-approval",
)
RELEASE = _describe(
    "releaseRun",
    "Freeze a run and put what is approved on the worklist, where it is confirmed before it is carried out.",
    RunDeedRequest,
)
CANCEL = _describe("cancelRun", "Give a run up that is not released.", RunDeedRequest, scope="decide")


@post("/v1/runs", status_code=202, opt={OPT_KEY: PROPOSE})
async def propose_run(request: Request[object, object, State]) -> Response[bytes]:
    """Ask for a proposal."""

    async def make(service: Service, asked: RunRequest, actor: Actor) -> Reply:
        made = await propose(service, asked, actor)
        return Reply(status=202, body=encode(await tell_run(service, made)))

    return await _answer(request, PROPOSE, make)


@get("/v1/runs", opt={OPT_KEY: LIST})
async def list_runs(scope: Scope) -> Response[bytes]:
    """List a page of runs."""
    asked = read_query(scope, RunsQuery)
    if asked.cursor is not None and not is_id(asked.cursor):
        raise refuse_parameter("cursor", f"{asked.cursor!r} is no cursor of this list.")
    service = find_service(scope)
    found = await service.store.runs.list(before=asked.cursor, limit=asked.limit + 1)
    page = found[: asked.limit]
    heads = tuple(tell_head(run) for run in page)
    answer = RunList(runs=heads, next_cursor=page[-1].id if len(found) > asked.limit else None)
    return answer_json(answer, headers={"Cache-Control": "no-store"})


@get(_RUN, opt={OPT_KEY: READ})
async def get_run(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """Read a run."""
    service = find_service(scope)
    run = await service.store.runs.read(run_id)
    return answer_json(await tell_run(service, run), headers={"Cache-Control": "no-store"})


@get(f"{_RUN}/items", opt={OPT_KEY: ITEMS})
async def list_run_items(scope: Scope, run_id: FromPath[str]) -> Response[bytes]:
    """List a page of a run's items."""
    asked = read_query(scope, ItemsQuery)
    check_words(asked.action, asked.channel, refuse_parameter)
    after = None if asked.cursor is None else read_cursor(asked.cursor)
    runs = find_service(scope).store.runs
    run = await runs.read(run_id)
    wanted = ItemFilter(**{name: getattr(asked, name) for name in ItemFilter.__struct_fields__})
    found = await runs.list_items(run.id, wanted, after=after, limit=asked.limit + 1)
    page = found[: asked.limit]
    answer = RunItems(
        order=ITEM_ORDER,
        items=tuple(map(tell_item, page)),
        next_cursor=write_cursor(page[-1]) if len(found) > asked.limit else None,
    )
    return answer_json(answer, headers={"Cache-Control": "no-store"})


@post(f"{_RUN}/exclude", status_code=200, opt={OPT_KEY: EXCLUDE})
async def exclude_from_run(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Take items out of a run."""

    async def exclude(service: Service, asked: SetAsideRequest, actor: Actor) -> Reply:
        runs = service.store.runs
        await runs.set_aside(run_id, asked.accounts, to="excluded", reason=asked.reason, actor=actor)
        return await _reply(service, run_id)

    return await _answer(request, EXCLUDE, exclude)


@post(f"{_RUN}/hold", status_code=200, opt={OPT_KEY: HOLD})
async def hold_in_run(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Hold items back."""

    async def hold(service: Service, asked: SetAsideRequest, actor: Actor) -> Reply:
        await service.store.runs.set_aside(run_id, asked.accounts, to="held", reason=asked.reason, actor=actor)
        return await _reply(service, run_id)

    return await _answer(request, HOLD, hold)


@post(f"{_RUN}/approve", status_code=200, opt={OPT_KEY: APPROVE})
async def approve_run(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Let items be released."""

    async def approve(service: Service, asked: ApproveRunRequest, actor: Actor) -> Reply:
        await service.store.runs.approve(run_id, asked.accounts, actor=actor)
        return await _reply(service, run_id)

    return await _answer(request, APPROVE, approve)


@post(f"{_RUN}/release", status_code=200, opt={OPT_KEY: RELEASE})
async def release_run(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Have what is approved put on the worklist."""

    async def release(service: Service, _: RunDeedRequest, actor: Actor) -> Reply:
        await service.store.runs.release(run_id, actor=actor)
        return await _reply(service, run_id)

    return await _answer(request, RELEASE, release)


@post(f"{_RUN}/cancel", status_code=200, opt={OPT_KEY: CANCEL})
async def cancel_run(request: Request[object, object, State], run_id: FromPath[str]) -> Response[bytes]:
    """Give a run up."""

    async def cancel(service: Service, _: RunDeedRequest, actor: Actor) -> Reply:
        await service.store.runs.cancel(run_id, actor=actor)
        return await _reply(service, run_id)

    return await _answer(request, CANCEL, cancel)


async def _answer(
    request: Request[object, object, State],
    operation: Operation,
    make: Callable[[Service, Any, Actor], Awaitable[Reply]],
) -> Response[bytes]:
    """Read the body, and answer once for its Idempotency-Key."""
    scope, described = request.scope, operation.body
    if described is None:
        raise TypeError(f"{operation.name} takes no body")
    body = await read_body(scope, request.receive, described)
    asked = decode_strictly(_DECODERS[operation.name], body)
    token: Token = scope["auth"]
    actor = Actor(id=token.id, name=token.name)
    return (await answer_once(scope, body, lambda: make(find_service(scope), asked, actor))).respond()


async def _reply(service: Service, run_id: str) -> Reply:
    return Reply(body=encode(await tell_run(service, await service.store.runs.read(run_id))))


_DECODERS = {
    operation.name: make_decoder(operation.body.record)
    for operation in (PROPOSE, EXCLUDE, HOLD, APPROVE, RELEASE, CANCEL)
    if operation.body is not None
}
