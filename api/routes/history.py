"""What was executed for an account: recorded here once it was carried out."""

from litestar import get, post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.accountmessages import HistoryAnswer, HistoryEntry, RecordRequest
from api.answers import Reply, answer_cached, answer_once
from api.histories import write_recorded
from api.operation import ONCE, OPT_KEY, Answer, Body, Operation
from api.problems import ProblemError
from api.recording import record
from api.requests import decode_strictly, read_body
from api.service import find_service
from engine.model.exactjson import make_decoder
from store.tokens import Token

_PATH = "/v1/accounts/{account_id:str}/history"
_BODY = Body(record=RecordRequest)
_REQUEST = make_decoder(RecordRequest)

RECORD = Operation(
    name="recordHistory",
    summary="Record that an action was carried out: by its decision_id alone, or in full. Once for a decision.",
    method="POST",
    scope="accounts",
    body=_BODY,
    answers=(
        Answer(about="Recorded.", status=201, record=HistoryEntry),
        Answer(about="This decision was recorded before: the entry as it is.", status=200, record=HistoryEntry),
    ),
    headers=ONCE,
    problems=(
        "unknown-account",
        "unknown-decision",
        "history-conflict",
        "already-executed",
        "unavailable",
        "idempotency-conflict",
        "answer-pending",
    ),
)
LIST = Operation(
    name="listHistory",
    summary="What was executed for an account, oldest first.",
    scope="accounts",
    answers=(Answer(about="The entries.", record=HistoryAnswer),),
    headers={"If-None-Match": "An ETag: 304 if nothing was recorded since."},
    problems=("unknown-account", "unavailable"),
)


@post(_PATH, status_code=201, opt={OPT_KEY: RECORD})
async def record_history(request: Request[object, object, State], account_id: FromPath[str]) -> Response[bytes]:
    """Record an executed action."""
    scope = request.scope
    body = await read_body(scope, request.receive, _BODY)
    given: RecordRequest = decode_strictly(_REQUEST, body)
    service = find_service(scope)
    token: Token = scope["auth"]

    async def make() -> Reply:
        recording = await record(service, account_id, given, token)
        return Reply(status=201 if recording.is_new else 200, body=recording.entry.entry, account_ids=(account_id,))

    return (await answer_once(scope, body, make)).respond()


@get(_PATH, opt={OPT_KEY: LIST})
async def list_history(scope: Scope, account_id: FromPath[str]) -> Response[bytes]:
    """List what was executed."""
    store = find_service(scope).store
    if await store.accounts.read(account_id) is None:
        raise ProblemError("unknown-account", f"No account {account_id!r} is stored.")
    entries = await store.history.list_for_account(account_id)
    own = (write_recorded(each.entry, each.recorded_at) for each in entries if each.account_id == account_id)
    return answer_cached(scope, b'{"history":[' + b",".join(own) + b"]}")
