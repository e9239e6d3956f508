"""The log as a file: one record a decision, byte for byte as logged, with fields masked where they must not be seen."""

import hashlib
import importlib.util
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import msgspec

from api.requests import FREE_JSON
from store.auditlog import AuditLog
from store.decisionrecords import LoggedDecision

Format = Literal["ndjson", "parquet"]
MASKED = "***"
MASKABLE = ("account_id", "answer", "input", "related")
_ROWS_IN_GROUP = 5000


class MaskInvalid(ValueError):
    """A mask names nothing that an export holds."""


class ParquetMissing(Exception):
    """Parquet needs pyarrow: `pip install 'dunning[parquet]'`."""


class ExportedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in an export; `answer`, `input` and `related` are JSON texts, byte for byte as logged, or erased.

    `index` is its place in the log; with `salt` the texts can be held against the commitment in its line. Where
    something is masked the salts are left out: they would help to guess it.
    """

    index: int
    decision_id: str
    logged_at: str
    account_id: str
    track: str
    outcome: str
    ruleset: str | None
    version: int | None
    digest: str | None
    rule: str | None
    action: str | None
    channel: str | None
    as_of: str
    leaf_hash: str
    answer: str | None
    input: str | None
    related: str | None
    salt: str | None
    related_salt: str | None


class Masks:
    """Which fields are hidden: dotted paths such as `input.account.invoices`, which go through every item of a list.

    A masked account is given a name that is the same throughout the export and tells nothing outside of it.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = [tuple(path.split(".")) for path in paths]
        self._secret = secrets.token_bytes(16)
        for path in self._paths:
            if path[0] not in MASKABLE or not all(path) or (path[0] == "account_id" and len(path) > 1):
                raise MaskInvalid(f"{'.'.join(path)!r}: a mask begins with {', '.join(MASKABLE)}")
        if self.hides_accounts:
            self._paths += [("answer", "account_id"), ("input", "account", "id"), ("input", "account", "party")]
            self._paths += [("input", "history", "account"), ("related", "account")]

    @property
    def hides_accounts(self) -> bool:
        """Whether accounts go by other names."""
        return ("account_id",) in self._paths

    def name_account(self, account_id: str) -> str:
        """Name an account as this export does."""
        if not self.hides_accounts:
            return account_id
        return f"account-{hashlib.blake2b(account_id.encode(), key=self._secret, digest_size=8).hexdigest()}"

    def hide(self, column: str, text: bytes | None) -> str | None:
        """Hide what must not be seen of a JSON text."""
        if text is None:
            return None
        paths = [path[1:] for path in self._paths if path[0] == column]
        if not paths:
            return text.decode()
        if () in paths:
            return MASKED
        document = FREE_JSON.decode(text)
        for path in paths:
            _hide(document, path)
        return _ENCODER.encode(document).decode()

    def __bool__(self) -> bool:
        return bool(self._paths)


def export_decision(logged: LoggedDecision, masks: Masks) -> ExportedDecision:
    """Write a decision as it is exported."""
    salts = [None if masks or salt is None else salt.hex() for salt in (logged.salt, logged.related_salt)]
    return ExportedDecision(
        index=logged.leaf_index,
        decision_id=logged.id,
        logged_at=logged.at.isoformat(),
        account_id=masks.name_account(logged.account_id),
        track=logged.track,
        outcome=logged.outcome,
        ruleset=logged.ruleset_id,
        version=logged.version,
        digest=logged.digest,
        rule=logged.rule,
        action=logged.action,
        channel=logged.channel,
        as_of=logged.as_of.isoformat(),
        leaf_hash=logged.leaf_hash.hex(),
        answer=masks.hide("answer", logged.answer),
        input=masks.hide("input", logged.input),
        related=masks.hide("related", logged.related),
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


def check_parquet() -> None:
    """Raise ParquetMissing where Parquet cannot be written."""
    if importlib.util.find_spec("pyarrow") is None:
        raise ParquetMissing("Parquet is written by pyarrow, which is not installed: pip install 'dunning[parquet]'")


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
    check_parquet()
    import pyarrow as pa  # noqa: PLC0415  an extra that most do not install
    from pyarrow import parquet as pq  # noqa: PLC0415  as above

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


def _hide(document: object, path: tuple[str, ...]) -> None:
    """Replace what a path leads to."""
    if isinstance(document, list):
        for item in document:
            _hide(item, path)
    elif isinstance(document, dict) and path[0] in document:
        if len(path) == 1:
            document[path[0]] = MASKED
        else:
            _hide(document[path[0]], path[1:])


_ENCODER = msgspec.json.Encoder(decimal_format="number")
