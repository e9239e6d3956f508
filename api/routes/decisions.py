"""The decision log, read back."""

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope
from msgspec import UNSET

from api.answers import answer_cached, encode
from api.decisionmessages import Decisions, DecisionsQuery, LoggedDecision, LoggedHead
from api.histories import fill_input
from api.operation import OPT_KEY, Answer, Operation
from api.problems import ProblemError, refuse_parameter
from api.requests import check_words, read_query
from api.service import find_service
from store import decisionrecords as stored
from store.decisions import DecisionFilter

READ = Operation(
    name="getDecision",
    summary="A logged decision, byte for byte as it was answered, with what it was made from.",
    scope="audit",
    reads_personal=True,
    answers=(
        Answer(about="The decision with `logged_at` and `input`.", record=LoggedDecision),
        Answer(about="Once the account is erased: only what names nobody.", record=LoggedHead),
    ),
    headers={"If-None-Match": "An ETag: 304 if nothing changed."},
    problems=("unknown-decision", "unavailable"),
)
LIST = Operation(
    name="listDecisions",
    summary="Logged decisions, newest first.",
    scope="audit",
    reads_personal=True,
    query=DecisionsQuery,
    answers=(Answer(about="A page; `next_cursor` asks for the one after it.", record=Decisions),),
    problems=("unavailable",),
)


@get("/v1/decisions/{decision_id:str}", opt={OPT_KEY: READ})
async def get_decision(scope: Scope, decision_id: FromPath[str]) -> Response[bytes]:
    """Read one decision."""
    logged = await find_service(scope).store.decisions.read(decision_id)
    if logged is None:
        raise ProblemError("unknown-decision", f"No decision {decision_id!r} is in the log.")
    if logged.answer is None or logged.input is None:
        return answer_cached(scope, encode(_head(logged)))
    made_from = fill_input(logged.input, logged.related) if logged.related_accounts else logged.input
    parts = (logged.answer.rstrip()[:-1], b',"logged_at":', encode(logged.at), b',"input":', made_from, b"}")
    return answer_cached(scope, b"".join(parts))


@get("/v1/decisions", opt={OPT_KEY: LIST})
async def list_decisions(scope: Scope) -> Response[bytes]:
    """List a page of decisions."""
    asked = read_query(scope, DecisionsQuery)
    check_words(asked.action, asked.channel, refuse_parameter)
    wanted = DecisionFilter(
        account_id=asked.account,
        ruleset_id=asked.ruleset,
        version=asked.version,
        rule=asked.rule,
        outcome=asked.outcome,
        action=asked.action,
        channel=asked.channel,
        variant=asked.variant,
        since=asked.since,
        until=asked.until,
    )
    log = find_service(scope).store.decisions
    try:
        page = await log.list(wanted, cursor=asked.cursor, limit=asked.limit)
    except ValueError as error:
        raise refuse_parameter("cursor", f"{error}.") from None
    heads = tuple(_head(one) for one in page.decisions)
    return answer_cached(scope, encode(Decisions(decisions=heads, next_cursor=page.next_cursor)))


def _head(logged: stored.LoggedDecision) -> LoggedHead:
    return LoggedHead(
        decision_id=logged.id,
        logged_at=logged.at,
        account_id=logged.account_id,
        outcome=logged.outcome,
        ruleset=logged.ruleset_id,
        version=logged.version,
        rule=logged.rule,
        decision=UNSET if logged.answer is None else msgspec.Raw(logged.answer),
    )
