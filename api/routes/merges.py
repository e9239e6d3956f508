"""Two accounts of one customer become one."""

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response

from api.accountmessages import MergeAnswer, MergeRequest
from api.answers import Reply, answer_once, encode
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import refuse_place
from api.requests import decode_strictly, read_body
from api.service import find_service
from engine.model.exactjson import make_decoder
from store.tokens import Token

_BODY = Body(record=MergeRequest)
_REQUEST = make_decoder(MergeRequest)

MERGE = Operation(
    name="mergeAccounts",
    summary="Take over the history and the outcomes of another account, which is no longer stored afterwards.",
    method="POST",
    scope="accounts",
    body=_BODY,
    answers=(Answer(about="They went over, now or by an earlier request.", record=MergeAnswer),),
    headers=ONCE,
    problems=("unknown-account", "merge-conflict", "unavailable", "idempotency-conflict", "answer-pending"),
)


@post("/v1/accounts/{account_id:str}/merge", status_code=200, opt={OPT_KEY: MERGE})
async def merge_accounts(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Merge another account into this one."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    given: MergeRequest = decode_strictly(_REQUEST, body)
    if given.from_ == account_id:
        raise refuse_place("/from", "an account cannot go over to itself.")
    token: Token = scope["auth"]
    store = find_service(scope).store

    async def make() -> Reply:
        merged = await store.merges.merge(account_id, given.from_, actor=token.id, name=token.name)
        answer = MergeAnswer(
            account_id=account_id,
            from_=given.from_,
            entries_count=merged.entries_count,
            outcomes_count=merged.outcomes_count,
            merged_at=merged.merged_at,
        )
        return Reply(body=encode(answer), account_ids=(account_id, given.from_))

    return (await answer_once(scope, body, make)).respond()
