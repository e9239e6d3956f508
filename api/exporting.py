"""The log as a file: one record a decision, byte for byte as logged, with fields masked where they must not be seen."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec

from api.masking import Masks
from store.auditlog import AuditLog
from store.decisionrecords import LoggedDecision

Format = Literal["ndjson", "parquet"]
_ROWS_IN_GROUP = 5000


class ExportedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in an export; `answer`, `input` and `related` are JSON texts, byte for byte as logged, or erased.

    `index` is its place in the log; with `salt` the texts can be held against the commitment in its line. Where
    something is masked the salts are left out: they would help to guess it. A column that is masked is null.
    """

    index: int
    decision_id: str
    logged_at: str
    account_id: str
    track: str | None
    outcome: str | None
    ruleset: str | None
    version: int | None
    digest: str | None
    rule: str | None
    action: str | None
    channel: str | None
    as_of: str | None
    leaf_hash: str
    answer: str | None
    input: str | None
    related: str | None
    salt: str | None
    related_salt: str | None


def export_decision(logged: LoggedDecision, masks: Masks) -> ExportedDecision:
    """Write a decision as it is exported."""
    veil = masks.of(logged)
    salts = [None if masks or salt is None else salt.hex() for salt in (logged.salt, logged.related_salt)]
    columns: dict[str, Any] = {
        "track": logged.track,
        "outcome": logged.outcome,
        "ruleset": logged.ruleset_id,
        "version": logged.version,
        "digest": logged.digest,
        "rule": logged.rule,
        "action": logged.action,
        "channel": logged.channel,
        "as_of": logged.as_of.isoformat(),
    }
    return ExportedDecision(
        index=logged.leaf_index,
        decision_id=logged.id,
        logged_at=logged.at.isoformat(),
        account_id=masks.name_account(logged.account_id),
        **{name: None if name in masks.columns else value for name, value in columns.items()},
        leaf_hash=logged.leaf_hash.hex(),
        answer=veil.hide("answer", logged.answer),
        input=veil.hide("input", logged.input),
        related=veil.hide("related", logged.related),
        salt=salts[0],
        related_salt=salts[1],
    )


async def write_decisions(
    pages: AsyncIterator[tuple[LoggedDecision, ...]], masks: Masks, shape: Format
) -> AsyncIterator[bytes]:
    """Write pages of decisions as a file, a part at a time."""
    if shape == "parquet":
        async for part in _write_parquet(pages, masks):
            yield part
        return
    async for page in pages:
        yield b"".join(msgspec.json.encode(export_decision(each, masks)) + b"\n" for each in page)


async def write_lines(log: AuditLog, size: int) -> AsyncIterator[bytes]:
    """Write the first lines of the log, each exactly as it was hashed, one a row."""
    async for lines in log.stream_lines(size):
        yield b"".join(line + b"\n" for line in lines)


class _Sink:
    """What pyarrow writes into, emptied after every group of rows."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        """Take what was written."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


async def _write_parquet(pages: AsyncIterator[tuple[LoggedDecision, ...]], masks: Masks) -> AsyncIterator[bytes]:
    # Only here: a server that exports nothing starts without it.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet as pq  # noqa: PLC0415

    whole = {"index": pa.int64(), "version": pa.int32()}
    schema = pa.schema([(name, whole.get(name, pa.string())) for name in ExportedDecision.__struct_fields__])
    sink = _Sink()
    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        async for page in pages:
            rows += [msgspec.structs.asdict(export_decision(each, masks)) for each in page]
            if len(rows) >= _ROWS_IN_GROUP:
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
                rows = []
                yield sink.take()
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    yield sink.take()
