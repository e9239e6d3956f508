"""The log as a file, sent while it is read."""

from collections.abc import AsyncIterator

from litestar import get
from litestar.response import Stream
from litestar.types import Scope

from api.auditmessages import ExportQuery
from api.exporting import ExportedDecision, write_decisions, write_lines
from api.masking import MaskInvalid, Masks
from api.operation import NDJSON, OPT_KEY, PARQUET, Answer, Operation
from api.problems import refuse_parameter
from api.requests import read_query
from api.service import Service, find_service
from store.decisions import DecisionFilter

EXPORT = Operation(
    name="exportLog",
    summary="Decisions of a period, account, ruleset or rule as NDJSON or Parquet, or all lines of the log.",
    scope="audit",
    reads_personal=True,
    query=ExportQuery,
    answers=(
        Answer(about="One decision, or one line of the log, a row.", record=ExportedDecision, media_type=NDJSON),
        Answer(about="The same decisions as a file of columns.", media_type=PARQUET),
    ),
    problems=("broken-log", "unavailable"),
)


@get("/v1/audit/export", opt={OPT_KEY: EXPORT})
async def export_log(scope: Scope) -> Stream:
    """Export."""
    asked = read_query(scope, ExportQuery)
    service = find_service(scope)
    if asked.content == "lines":
        return Stream(await _send_lines(service, asked), media_type=NDJSON, headers={"Cache-Control": "no-store"})
    try:
        masks = Masks(asked.mask.split(",") if asked.mask else ())
    except MaskInvalid as problem:
        raise refuse_parameter("mask", f"{problem}.") from None
    wanted = DecisionFilter(
        account_id=asked.account,
        ruleset_id=asked.ruleset,
        version=asked.version,
        rule=asked.rule,
        outcome=asked.outcome,
        since=asked.since,
        until=asked.until,
    )
    parts = write_decisions(service.store.decisions.stream(wanted), masks, asked.format)
    media_type = PARQUET if asked.format == "parquet" else NDJSON
    return Stream(parts, media_type=media_type, headers={"Cache-Control": "no-store"})


async def _send_lines(service: Service, asked: ExportQuery) -> AsyncIterator[bytes]:
    """Send all lines; a part of them would prove nothing, and they have only one form."""
    narrowing = [
        name for name in ExportQuery.__struct_fields__ if name != "content" and getattr(asked, name) is not None
    ]
    narrowing = [name for name in narrowing if name != "format" or asked.format != "ndjson"]
    if narrowing:
        raise refuse_parameter(narrowing[0], "all lines of the log are exported, as they are.")
    return write_lines(service.store.log, (await service.store.log.read_head()).size)
