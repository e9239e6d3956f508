"""What is to be done now: listed, taken, and what people say of it; and whether a decision still holds."""

import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import msgspec
from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope
from msgspec import UNSET

from api.answers import Reply, answer_json, answer_once, encode, money_of
from api.confirming import confirm
from api.operation import NOT_ONCE, ONCE, OPT_KEY, Answer, Body, Operation
from api.operation import Scope as ScopeName
from api.problems import refuse_parameter, refuse_place
from api.requests import check_words, decode_strictly, read_body, read_query
from api.service import Service, find_service
from api.workmessages import (
    ORDER,
    ApproveRequest,
    AssignRequest,
    Confirmation,
    ConfirmRequest,
    RefuseRequest,
    SnoozeRequest,
    Taken,
    TakeRequest,
    WorkItem,
    WorkKind,
    Worklist,
    WorklistQuery,
)
from engine.model.exactjson import make_decoder
from store import worklist as stored
from store.tokens import Token
from store.worklist import FOR_EVER, Actor, WorkFilter

_ITEM = "/v1/worklist/{decision_id:str}"

LIST = Operation(
    name="listWork",
    summary="What the last answers about stored accounts ask to be done. One that is asked about again is left out.",
    scope="decide",
    query=WorklistQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=Worklist),),
    problems=("unavailable",),
)
TAKE = Operation(
    name="takeWork",
    summary="Take what is to be done: nobody else gets it until its lease ends.",
    method="POST",
    scope="decide",
    body=Body(record=TakeRequest),
    answers=(Answer(about="What was taken; none where nothing is ready.", record=Taken),),
    headers=ONCE,
    problems=NOT_ONCE,
)
CONFIRM = Operation(
    name="confirmDecision",
    summary="Whether a decision is still right with today's facts. Carry it out only after `valid`.",
    method="POST",
    scope="decide",
    body=Body(record=ConfirmRequest),
    answers=(Answer(about="Valid, or what changed; with the decision of now, which is logged.", record=Confirmation),),
    headers=ONCE,
    problems=(
        "unknown-decision",
        "unknown-account",
        "lease-ended",
        "invalid-account",
        "rulesets-overlap",
        *NOT_ONCE,
    ),
)


def _describe(
    name: str, summary: str, record: type[msgspec.Struct], *problems: str, scope: ScopeName = "decide"
) -> Operation:
    return Operation(
        name=name,
        summary=summary,
        method="POST",
        scope=scope,
        body=Body(record=record),
        answers=(Answer(about="The item as it is now.", record=WorkItem),),
        headers=ONCE,
        problems=("unknown-work", *problems, *NOT_ONCE),
    )


SNOOZE = _describe("snoozeWork", "Let an item rest until an instant; it is taken by nobody any more.", SnoozeRequest)
ASSIGN = _describe("assignWork", "Say whose an item is; only they take it.", AssignRequest)
APPROVE = _describe(
    "approveWork",
    "Let an action be carried out that waits for a person; never by who published the version.",
    ApproveRequest,
    "no-approval",
    "own-approval",
    scope="approve",
)
REFUSE = _describe(
    "refuseWork",
    "Have an action not carried out, until the account's facts change or an instant has come.",
    RefuseRequest,
    "own-approval",
    scope="approve",
)


@get("/v1/worklist", opt={OPT_KEY: LIST})
async def list_work(scope: Scope) -> Response[bytes]:
    """List a page of what is to be done."""
    asked = read_query(scope, WorklistQuery)
    check_words(asked.action, asked.channel, refuse_parameter)
    service = find_service(scope)
    wanted = filter_of(asked, asked.state)
    try:
        page = await service.store.worklist.list(wanted, now=service.now(), cursor=asked.cursor, limit=asked.limit)
    except ValueError as error:
        raise refuse_parameter("cursor", f"{error}.") from None
    answer = Worklist(order=ORDER, items=tuple(map(_show_item, page.items)), next_cursor=page.next_cursor)
    return answer_json(answer, headers={"Cache-Control": "no-store"})


@post("/v1/worklist/take", status_code=200, opt={OPT_KEY: TAKE})
async def take_work(request: Request[object, object, State]) -> Response[bytes]:
    """Take what is to be done."""

    async def take(service: Service, asked: TakeRequest, actor: Actor) -> Reply:
        check_words(asked.action, asked.channel, lambda name, message: refuse_place(f"/{name}", message))
        now = service.now()
        until = now + dt.timedelta(seconds=asked.for_seconds)
        wanted = filter_of(asked, asked.state)
        items = await service.store.worklist.take(
            wanted, now=now, until=until, most=asked.most, by=actor.name or actor.id
        )
        shown = tuple(msgspec.structs.replace(_show_item(item), lease=item.lease or UNSET) for item in items)
        answer = Taken(order=ORDER, items=shown, taken_until=until)
        return Reply(body=encode(answer), account_ids=tuple(sorted({item.account_id for item in items})))

    return await _answer(request, TAKE, take)


@post("/v1/decisions/{decision_id:str}/confirm", status_code=200, opt={OPT_KEY: CONFIRM})
async def confirm_decision(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Say whether a decision still holds."""

    async def make(service: Service, asked: ConfirmRequest, _: Actor) -> Reply:
        answer = await confirm(service, decision_id, asked.lease)
        return Reply(body=encode(answer), account_ids=(answer.decision.account_id,))

    return await _answer(request, CONFIRM, make)


@post(f"{_ITEM}/snooze", status_code=200, opt={OPT_KEY: SNOOZE})
async def snooze_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Let an item rest."""

    async def snooze(service: Service, asked: SnoozeRequest, actor: Actor) -> Reply:
        now = service.now()
        _check_later(asked.until, now)
        worklist = service.store.worklist
        return _reply(await worklist.snooze(decision_id, until=asked.until, reason=asked.reason, now=now, actor=actor))

    return await _answer(request, SNOOZE, snooze)


@post(f"{_ITEM}/assign", status_code=200, opt={OPT_KEY: ASSIGN})
async def assign_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Say whose an item is."""

    async def assign(service: Service, asked: AssignRequest, actor: Actor) -> Reply:
        now = service.now()
        return _reply(await service.store.worklist.assign(decision_id, to=asked.to, now=now, actor=actor))

    return await _answer(request, ASSIGN, assign)


@post(f"{_ITEM}/approve", status_code=200, opt={OPT_KEY: APPROVE})
async def approve_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Let an action be carried out."""

    async def approve(service: Service, _: ApproveRequest, actor: Actor) -> Reply:
        return _reply(await service.store.worklist.approve(decision_id, now=service.now(), actor=actor))

    return await _answer(request, APPROVE, approve)


@post(f"{_ITEM}/refuse", status_code=200, opt={OPT_KEY: REFUSE})
async def refuse_work(request: Request[object, object, State], decision_id: FromPath[str]) -> Response[bytes]:
    """Have an action not carried out."""

    async def refuse(service: Service, asked: RefuseRequest, actor: Actor) -> Reply:
        now = service.now()
        if asked.until is not None:
            _check_later(asked.until, now)
        worklist = service.store.worklist
        return _reply(await worklist.refuse(decision_id, reason=asked.reason, until=asked.until, now=now, actor=actor))

    return await _answer(request, REFUSE, refuse)


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


def _check_later(until: dt.datetime, now: dt.datetime) -> None:
    """Refuse an instant that has passed."""
    if until <= now:
        raise refuse_place("/until", "this moment has passed.")


def _reply(item: stored.WorkItem) -> Reply:
    return Reply(body=encode(_show_item(item)), account_ids=(item.account_id,))


def filter_of(asked: WorkKind, state: stored.State | None) -> WorkFilter:
    """Return which items are asked for."""
    return WorkFilter(
        state=state,
        action=asked.action,
        channel=asked.channel,
        ruleset_id=asked.ruleset,
        rule=asked.rule,
        track=asked.track,
        assigned_to=asked.assigned_to,
        due_by=asked.due_by,
        min_amount=None if asked.min_amount is None else Decimal(asked.min_amount),
        run_id=asked.run,
    )


def _show_item(item: stored.WorkItem) -> WorkItem:
    """Show an item; a lease is shown only to who took it."""
    return WorkItem(
        account_id=item.account_id,
        track=item.track,
        state=item.state,
        decision_id=item.decision_id,
        ruleset=item.ruleset_id,
        version=item.version,
        rule=item.rule,
        title=item.title,
        level=item.level,
        action=item.action,
        channel=item.channel,
        scheduled_for=item.scheduled_for,
        reason=item.reason,
        episode=item.episode,
        claim=money_of(item.claim, item.currency),
        to_be_collected=money_of(item.collectable, item.currency),
        promised=money_of(item.promised, item.currency),
        promised_by=item.promised_by,
        broken_promises=item.broken_promises,
        last_contact_at=item.contacted_at,
        assigned_to=item.assigned_to,
        approved_by=item.approved_by,
        taken_by=item.taken_by,
        taken_until=item.taken_until,
        snoozed_until=_find_rest(item),
        snooze_reason=item.refusal_reason if item.is_refused else item.snooze_reason,
        is_refused=item.is_refused,
        run=item.run_id,
    )


def _find_rest(item: stored.WorkItem) -> dt.datetime | None:
    """Find until when an item rests; one that was refused may do so until its account changes."""
    until = max((each for each in (item.snoozed_until, item.refused_until) if each is not None), default=None)
    if not item.is_refused:
        until = item.snoozed_until
    return None if until == FOR_EVER else until


_DECODERS = {
    operation.name: make_decoder(operation.body.record)
    for operation in (TAKE, CONFIRM, SNOOZE, ASSIGN, APPROVE, REFUSE)
    if operation.body is not None
}
