"""The next action of one account: the two hot routes, as plain ASGI, and many at once."""

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec
from litestar import asgi, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.response import Response
from litestar.types import Receive, Scope, Send
from msgspec import UNSET

from api.answers import Reply, answer_once, encode, send_reply
from api.callhours import tell_call_hours
from api.deciding import Made, Question, Sent, choose_rulesets, decide, decide_and_log, read_as_of, read_question
from api.errors import find_problem
from api.histories import join_history, join_outcomes
from api.messages import (
    NextActionQuery,
    NextActionRequest,
    NextActionsAnswer,
    NextActionsRequest,
    StoredAccountRequest,
)
from api.operation import MEBIBYTE, ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError, refuse_parameter, refuse_place
from api.requests import decode_strictly, method_of, read_body, read_query
from api.service import Service, find_service
from engine.model.decision import Decision
from engine.model.exactjson import make_decoder
from store.accounts import AccountWithHistory

Stored = Mapping[str, AccountWithHistory | None]


class _Naming(msgspec.Struct, frozen=True):
    """What an item of a batch may name."""

    account_id: str | None = None


_TURN_SECONDS = 0.01
_EMPTY_LIST = msgspec.Raw(b"[]")
_DECIDING = ("invalid-account", "rulesets-overlap", "unknown-ruleset", "unavailable")

_ONE_BODY = Body(record=NextActionRequest)
_MANY_BODY = Body(record=NextActionsRequest, most_bytes=16 * MEBIBYTE)

POST_ONE = Operation(
    name="decideNextAction",
    summary="The next action of an account sent with the question. Logged before it is answered.",
    method="POST",
    scope="decide",
    body=_ONE_BODY,
    answers=(Answer(about="The decision.", record=Decision),),
    headers=ONCE,
    problems=(*_DECIDING, "idempotency-conflict", "answer-pending"),
)
GET_ONE = Operation(
    name="getNextAction",
    summary="The next action of a stored account. Logged before it is answered.",
    scope="decide",
    query=NextActionQuery,
    answers=(Answer(about="The decision.", record=Decision),),
    problems=(*_DECIDING, "unknown-account"),
)
POST_MANY = Operation(
    name="decideNextActions",
    summary="The next actions of up to 1,000 accounts, each answered with its decision or its problem, in order.",
    method="POST",
    scope="decide",
    body=_MANY_BODY,
    answers=(Answer(about="One item for each question, in order.", record=NextActionsAnswer),),
    headers=ONCE,
    problems=("too-many-requests", "unavailable", "idempotency-conflict", "answer-pending"),
)


@asgi("/v1/next-action", copy_scope=False, opt={OPT_KEY: POST_ONE})
async def decide_next_action(scope: Scope, receive: Receive, send: Send) -> None:
    """Decide for an account in the body."""
    _check_method(scope, POST_ONE)
    body = await read_body(scope, receive, _ONE_BODY)
    service = find_service(scope)
    question = _read_request(body, service.store.erasures.known)

    async def make() -> Reply:
        return Reply(body=await decide_and_log(service, question), account_ids=_name_accounts([question]))

    await send_reply(send, await answer_once(scope, body, make))


@asgi("/v1/accounts/{account_id:str}/next-action", copy_scope=False, opt={OPT_KEY: GET_ONE})
async def get_next_action(scope: Scope, receive: Receive, send: Send) -> None:
    """Decide for a stored account."""
    del receive
    _check_method(scope, GET_ONE)
    asked = read_query(scope, NextActionQuery)
    service = find_service(scope)
    question = await read_stored_question(service, scope["path_params"]["account_id"], asked)
    answer = await decide_and_log(service, question)
    await send_reply(send, Reply(body=answer, headers={"Cache-Control": "no-store"}))


@post("/v1/next-actions", status_code=200, opt={OPT_KEY: POST_MANY})
async def decide_next_actions(request: Request[object, object, State], scope: Scope) -> Response[bytes]:
    """Decide for many accounts; all decisions are logged in one transaction before the answer."""
    body = await read_body(scope, request.receive, _MANY_BODY)
    asked = decode_strictly(_MANY, body)
    service = find_service(scope)
    known_erasures = service.store.erasures.known

    async def make() -> Reply:
        if service.batches.locked():
            raise ProblemError(
                "too-many-requests", "Enough batches are being answered already.", headers={"Retry-After": "1"}
            )
        async with service.batches:
            return await _decide_all(service, asked.items, known_erasures)

    return (await answer_once(scope, body, make)).respond()


async def read_stored_question(service: Service, account_id: str, asked: NextActionQuery) -> Question:
    """Read a stored account with its history as a question."""
    known_erasures = service.store.erasures.known
    rulesets = await choose_rulesets(service, asked.ruleset, asked.version, asked.known_at)
    read = await service.store.accounts.read_with_history(account_id)
    (stored,) = await tell_call_hours(service.store.call_hours.read, rulesets, [read])
    if stored is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    as_of = asked.known_at if asked.as_of is None else read_as_of(asked.as_of, refuse_parameter, "as_of")
    return ask_about_stored(stored, asked, known_erasures=known_erasures, as_of=as_of)


def ask_about_stored(
    stored: AccountWithHistory, asked: NextActionQuery, *, known_erasures: int, as_of: dt.datetime | dt.date | None
) -> Question:
    """Make the question about an account as it was read."""
    question = read_question(
        Sent(
            account=stored.account.document,
            history=join_history(stored, known_at=asked.known_at),
            outcomes=join_outcomes(stored, known_at=asked.known_at),
        ),
        known_erasures=known_erasures,
        as_of=as_of,
        track=asked.track,
        ruleset=asked.ruleset,
        version=asked.version,
        explain=asked.explain,
    )
    return msgspec.structs.replace(question, known_at=asked.known_at)


async def _decide_all(service: Service, items: list[msgspec.Raw], known_erasures: int) -> Reply:
    results: list[Made | ProblemError] = []
    questions: list[Question] = []
    made: list[tuple[Question, Made]] = []
    stored = await _read_stored(service, items)
    clock = asyncio.get_running_loop().time
    due = clock() + _TURN_SECONDS
    for item in items:
        try:
            questions.append(_read_item(item, known_erasures, stored))
            made.append((questions[-1], await _decide_item(service, questions[-1])))
            results.append(made[-1][1])
        except Exception as error:  # noqa: BLE001  one bad item must not take the other 999 with it
            results.append(find_problem(error))
        if clock() > due:
            await asyncio.sleep(0)  # single requests have their turn
            due = clock() + _TURN_SECONDS
    await service.store.decision_log.append_many([one.record for _, one in made])
    for question, one in made:
        service.metrics.count_decision(one.record.outcome)
        service.after_answer(question, one)
    body = b'{"items":[' + b",".join(map(_write_item, results)) + b"]}"
    return Reply(body=body, account_ids=_name_accounts(questions))


async def _read_stored(service: Service, items: Iterable[msgspec.Raw]) -> Stored:
    """Read the stored accounts that a batch names; all at once, so that they share statements."""
    named = sorted({name for item in items if (name := _name_stored(item)) is not None})
    read = await asyncio.gather(*(service.store.accounts.read_with_history(name) for name in named))
    try:
        rulesets = service.rulesets.in_use()
    except ProblemError:  # told of each question that asks them
        return dict(zip(named, read, strict=True))
    return dict(zip(named, await tell_call_hours(service.store.call_hours.read, rulesets, read), strict=True))


def _name_stored(item: msgspec.Raw) -> str | None:
    """Name the stored account that an item asks about, None where it brings its own."""
    if b"account_id" not in bytes(item):
        return None
    try:
        return _NAMING.decode(item).account_id
    except (msgspec.DecodeError, ValueError):
        return None  # what is wrong with it is said when it is read


def _read_item(item: msgspec.Raw, known_erasures: int, stored: Stored) -> Question:
    name = _name_stored(item)
    if name is None:
        return _read_request(item, known_erasures)
    asked: StoredAccountRequest = decode_strictly(_STORED, item)
    _check_version(asked)
    found = stored[name]
    if found is None:
        raise ProblemError("unknown-account", f"No account {name!r} is stored.")
    query = NextActionQuery(track=asked.track, ruleset=asked.ruleset, version=asked.version, explain=asked.explain)
    as_of = read_as_of(asked.as_of, refuse_place, "/as_of")
    return ask_about_stored(found, query, known_erasures=known_erasures, as_of=as_of)


async def _decide_item(service: Service, question: Question) -> Made:
    rulesets = await choose_rulesets(service, question.ruleset, question.version)
    return await decide(question, rulesets)


def _name_accounts(questions: Iterable[Question]) -> tuple[str, ...]:
    """Name the accounts that an answer speaks of, for the day one is erased."""
    ids = (question.account.get("id") for question in questions)
    return tuple(sorted({account_id for account_id in ids if isinstance(account_id, str)}))


def _write_item(result: Made | ProblemError) -> bytes:
    if isinstance(result, Made):
        return b'{"decision":' + result.answer + b"}"
    return b'{"problem":' + encode(result.details) + b"}"


def _read_request(body: bytes | msgspec.Raw, known_erasures: int) -> Question:
    asked: NextActionRequest = decode_strictly(_ONE, body)
    _check_version(asked)
    return read_question(
        Sent(
            account=asked.account,
            history=_EMPTY_LIST if asked.history is UNSET else asked.history,
            outcomes=b"" if asked.outcomes is UNSET else asked.outcomes,
        ),
        known_erasures=known_erasures,
        as_of=read_as_of(asked.as_of, refuse_place, "/as_of"),
        track=asked.track,
        ruleset=asked.ruleset,
        version=asked.version,
        explain=asked.explain,
    )


def _check_version(asked: NextActionRequest | StoredAccountRequest) -> None:
    if asked.version is not None and asked.ruleset is None:
        raise refuse_place("/version", "a version needs `ruleset` beside it.")


def _check_method(scope: Scope, operation: Operation) -> None:
    """Refuse another method: an ASGI route is asked for all of them."""
    if method_of(scope) != operation.method:
        raise ProblemError(
            "method-not-allowed",
            f"This path knows {operation.method} only.",
            headers={"Allow": operation.method},
        )


_ONE = make_decoder(NextActionRequest)
_MANY = make_decoder(NextActionsRequest)
_STORED = make_decoder(StoredAccountRequest)
_NAMING = msgspec.json.Decoder(_Naming)
