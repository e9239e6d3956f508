"""What dunning brought in, and all that is owed."""

from litestar import get
from litestar.response import Response
from litestar.types import Scope

from api.operation import OPT_KEY, Answer, Operation
from api.problems import ProblemError, refuse_parameter
from api.recoverymessages import RecoveryQuery, RecoveryReport
from api.requests import read_query
from api.service import find_service
from engine.recovery.report import Asked

RECOVERY = Operation(
    name="getRecovery",
    summary="What dunning brought in as of the end of a day, and all that is owed. A past day stays as it was.",
    scope="audit",
    query=RecoveryQuery,
    answers=(Answer(about="The figures, each currency apart.", record=RecoveryReport),),
    problems=("too-many-requests", "unavailable"),
    reads_personal=True,
)


@get("/v1/recovery", opt={OPT_KEY: RECOVERY})
async def get_recovery(scope: Scope) -> Response[bytes]:
    """Work out the figures of everything that is stored."""
    asked = read_asked(scope, read_query(scope, RecoveryQuery))
    service = find_service(scope)
    if service.recoverer.is_busy:
        raise ProblemError("too-many-requests", "Figures are being worked out already.", headers={"Retry-After": "5"})
    body = await service.recoverer.recover(service.store.database.url, asked)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def read_asked(scope: Scope, query: RecoveryQuery) -> Asked:
    """Read what is asked for; as of today (UTC) where no day is given."""
    asked = Asked(
        as_of=query.as_of or find_service(scope).now().date(),
        by=query.by,
        from_on=query.from_on,
        to_on=query.to_on,
        within_days=query.within_days,
    )
    if asked.from_on is not None and asked.from_on > asked.last_on:
        raise refuse_parameter("from", f"it is after {asked.last_on}, the last opening day that is asked about.")
    return asked
