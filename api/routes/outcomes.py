"""What came of an account's debt: payments, promises, disputes, recorded here as they become known."""

from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api import outcomes
from api.accountmessages import OneOrMoreOutcomes, OutcomesAnswer
from api.answers import Reply, answer_cached, answer_once
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError
from api.requests import read_body
from api.service import find_service
from store.tokens import Token

_PATH = "/v1/accounts/{account_id:str}/outcomes"
_BODY = Body(record=OneOrMoreOutcomes)

RECORD = Operation(
    name="recordOutcomes",
    summary="Record payments, promises, disputes: one or a list, all or none, each once for its id.",
    method="POST",
    scope="accounts",
    body=_BODY,
    answers=(
        Answer(about="Recorded.", status=201, record=OutcomesAnswer),
        Answer(about="All of them were recorded before: the outcomes as they are.", status=200, record=OutcomesAnswer),
    ),
    headers=ONCE,
    problems=("unknown-account", "outcome-conflict", "unavailable", "idempotency-conflict", "answer-pending"),
)
LIST = Operation(
    name="listOutcomes",
    summary="All that came of an account's debt, in the order it was recorded.",
    scope="accounts",
    answers=(Answer(about="The outcomes.", record=OutcomesAnswer),),
    headers={"If-None-Match": "An ETag: 304 if nothing was recorded since."},
    problems=("unknown-account", "unavailable"),
)


@post(_PATH, status_code=201, opt={OPT_KEY: RECORD})
async def record_outcomes(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Record outcomes."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    service = find_service(scope)
    token: Token = scope["auth"]

    async def make() -> Reply:
        found, is_new = await outcomes.record_outcomes(service, account_id, body, token)
        answer = outcomes.write_outcomes(found)
        return Reply(status=201 if is_new else 200, body=answer, account_ids=(account_id,))

    return (await answer_once(scope, body, make)).respond()


@get(_PATH, opt={OPT_KEY: LIST})
async def list_outcomes(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """List an account's outcomes."""
    store = find_service(scope).store
    if await store.accounts.read(account_id) is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    return answer_cached(scope, outcomes.write_outcomes(await store.outcomes.list(account_id)))
