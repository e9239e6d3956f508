"""What was executed for an account: recorded here once it was carried out."""

from litestar import post
from litestar.connection import Request
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response

from api.accountmessages import HistoryEntry, RecordRequest
from api.answers import Reply, answer_once
from api.operation import OPT_KEY, Answer, Body, Operation
from api.recording import record
from api.requests import decode_strictly, read_body
from api.service import find_service
from engine.model.exactjson import make_decoder
from store.tokens import Token

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
    headers={"Idempotency-Key": "Repeats the first answer for 24 hours."},
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


@post("/v1/accounts/{account_id:str}/history", status_code=201, opt={OPT_KEY: RECORD})
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
