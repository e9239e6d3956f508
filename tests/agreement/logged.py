"""The log of the version before: its published versions and decisions, one JSON document a line, compressed."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from store.decisionrecords import DecisionRecord
from store.identifiers import instant_of
from store.rulesets import Provenance, RulesetDraft

LOG = Path(__file__).parent / "data" / "logged_decisions.ndjson.gz"


class LoggedVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="version"):
    """A published version as it is stored; its number is the next of its ruleset, in the order of the file."""

    number: int
    draft: RulesetDraft
    provenance: Provenance


class LoggedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="decision"):
    """A row of the decision log; its texts stand as they were logged, byte for byte, in UTF-8."""

    fields: dict[str, Any]
    answer: str
    input: str
    related: str | None


def keep(record: DecisionRecord) -> LoggedRow:
    """Write a row so that its bytes can be read and compressed."""
    fields = msgspec.to_builtins(msgspec.structs.replace(record, answer=b"", input=b"", related=None))
    apart = ("at", "answer", "input", "related")
    return LoggedRow(
        fields={name: value for name, value in fields.items() if name not in apart},
        answer=record.answer.decode(),
        input=record.input.decode(),
        related=None if record.related is None else record.related.decode(),
    )


def restore(row: LoggedRow) -> DecisionRecord:
    """Make the row again as it was logged."""
    own = {**row.fields, "at": instant_of(row.fields["id"]), "answer": b"", "input": b""}
    fields = msgspec.convert(own, DecisionRecord)
    related = None if row.related is None else row.related.encode()
    return msgspec.structs.replace(fields, answer=row.answer.encode(), input=row.input.encode(), related=related)


def write_log(path: Path, versions: Sequence[LoggedVersion], records: Sequence[DecisionRecord]) -> None:
    """Write versions and decisions; the same ones always give the same bytes."""
    lines = [msgspec.json.encode(line) for line in (*versions, *map(keep, records))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n", compresslevel=9, mtime=0))


def read_log(path: Path = LOG) -> tuple[list[LoggedVersion], list[DecisionRecord]]:
    """Read the versions and the decisions."""
    lines = [_LINE.decode(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    versions = [line for line in lines if isinstance(line, LoggedVersion)]
    return versions, [restore(line) for line in lines if isinstance(line, LoggedRow)]


_LINE = msgspec.json.Decoder(LoggedVersion | LoggedRow)
