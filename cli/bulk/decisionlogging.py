"""Every decision of a run in the decision log, like any other: each once, however often the run was stopped.

A batch is one transaction. Before it is sent, the id of its first decision is noted on the disk: who goes on asks the
log whether that one is there, and so knows of the whole batch.
"""

import asyncio
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from api.deciding import Made, Sent, make_decision, read_question
from api.problems import ProblemError
from api.usage import RulesetsInUse, put_in_use
from api.versions import compile_version
from cli.auditing import with_store
from cli.bulk.plan import Plan, RunRefused
from cli.bulk.workfolder import WorkFolder
from cli.options import LogOptions
from engine.evaluation.program import Compiled
from engine.evaluation.routing import parse_as_of
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.portfolio.documents import Row, read_rows
from store.store import Store

BATCH_ROWS = 500
_KNOWN_ERASURES = "known-erasures"


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a batch of a unit, counted from 0, is sent to the log, and the id of its first decision."""

    batch: int
    first_id: str


class DecisionLogging:
    """Logs the units of one plan."""

    def __init__(self, options: LogOptions, folder: WorkFolder, plan: Plan, compiled: Iterable[Compiled]) -> None:
        self._options = options
        self._folder = folder
        self._plan = plan
        self._digests = [(one.ruleset.id, one.ruleset.digest) for one in compiled]
        self._in_use: RulesetsInUse | None = None

    def log_unit(self, unit: int, batches: Iterable[pa.RecordBatch]) -> None:
        """Log every decision on the accounts of a unit; returns when all are committed."""
        with_store(self._options, lambda store: self._log(store, unit, batches))

    async def _log(self, store: Store, unit: int, batches: Iterable[pa.RecordBatch]) -> None:
        if self._in_use is None:
            self._in_use = put_in_use(await _load_published(store, self._digests))
        marks = _Marks(self._folder.logged / f"{unit:05d}.ndjson")
        last = marks.read_last()
        next_batch = 0
        if last is not None:
            next_batch = last.batch if await store.decisions.read(last.first_id) is None else last.batch + 1
        known = read_known_erasures(self._folder)
        known = store.erasures.known if known is None else known
        for number, rows in enumerate(_cut(batches)):
            if number < next_batch:
                continue
            made = await asyncio.to_thread(self._decide_all, rows, known)
            if made:
                marks.add(Mark(batch=number, first_id=made[0].record.id))
                await store.decision_log.append_many([each.record for each in made])

    def _decide_all(self, rows: pa.RecordBatch, known_erasures: int) -> list[Made]:
        """Decide on accounts one by one; who is refused stands in the run's side file, and is not logged."""
        found = (self._decide(row, known_erasures) for row in read_rows(rows))
        return [made for made in found if made is not None]

    def _decide(self, row: Row, known_erasures: int) -> Made | None:
        if row.problem is not None or self._in_use is None:
            return None
        plan = self._plan
        try:
            question = read_question(
                Sent(
                    account=_encode(row.account),
                    history=_encode(row.history),
                    outcomes=_encode(row.outcomes) if row.outcomes else b"",
                ),
                known_erasures=known_erasures,
                as_of=parse_as_of(plan.as_of),
                track=plan.track,
                ruleset=next(iter(plan.rulesets)) if len(plan.rulesets) == 1 else None,
                version=None,
                explain="reason",
            )
            return make_decision(question, self._in_use)
        except (AccountInvalid, RulesetsOverlap, ProblemError):
            return None


def check_published(options: LogOptions, compiled: Sequence[Compiled]) -> None:
    """Raise RunRefused where a ruleset was never published here: its decisions could not be replayed."""
    digests = [(one.ruleset.id, one.ruleset.digest) for one in compiled]
    with_store(options, lambda store: _load_published(store, digests))


def keep_known_erasures(store: Store, folder: Path) -> None:
    """Remember which erasures were known before stored accounts are copied: later ones count for the copy too."""
    (folder / _KNOWN_ERASURES).write_text(str(store.erasures.known), encoding="ascii")


def read_known_erasures(folder: WorkFolder) -> int | None:
    """Return which erasures were known when stored accounts were copied; None where they were not."""
    path = folder.path / _KNOWN_ERASURES
    return int(path.read_text(encoding="ascii")) if path.exists() else None


async def _load_published(store: Store, digests: Sequence[tuple[str, str]]) -> tuple[Compiled, ...]:
    versions = [(name, await store.rulesets.read_by_digest(name, digest)) for name, digest in digests]
    missing = [name for name, version in versions if version is None]
    if missing:
        raise RunRefused(
            f"{', '.join(missing)} is not published as it is here, and a decision that is logged names its version:"
            " publish it, or leave --log decisions out."
        )
    return tuple(compile_version(version) for _, version in versions if version is not None)


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return itertools.chain.from_iterable(
        (batch.slice(start, BATCH_ROWS) for start in range(0, batch.num_rows, BATCH_ROWS)) for batch in batches
    )


class _Marks:
    """What was sent to the log of a unit, a line a batch; a line that was torn was never relied on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read_last(self) -> Mark | None:
        if not self._path.exists():
            return None
        whole, _, torn = self._path.read_bytes().rpartition(b"\n")
        if torn:
            self._path.write_bytes(whole + b"\n" if whole else b"")
        lines = whole.split(b"\n") if whole else []
        return msgspec.json.decode(lines[-1], type=Mark) if lines else None

    def add(self, mark: Mark) -> None:
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(mark) + b"\n")
            file.flush()
            os.fsync(file.fileno())


_encode = msgspec.json.Encoder().encode
