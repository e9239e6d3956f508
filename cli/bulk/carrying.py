"""One unit carried out: its accounts read, decided, counted, and written as parts that are whole or not there."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from cli.bulk.beginning import Asked, find_wanted
from cli.bulk.beside import read_beside
from cli.bulk.decisionlogging import DecisionLogging
from cli.bulk.places import find_place
from cli.bulk.plan import Plan, RunRefused, Unit
from cli.bulk.reading import Portion, read_unit
from cli.bulk.tally import COUNTED, Tally, count_up
from cli.bulk.workfolder import Record, WorkFolder
from cli.bulk.writing import write_bytes, write_part
from cli.options import LogOptions
from cli.rulesetfiles import load_compiled
from engine.evaluation.routing import parse_as_of
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.kernel import Kernel

REFUSED_COLUMNS = ("file", "row", "account_id", "pointer", "fact", "message")

Advance = Callable[[int], None]


class Carrier:
    """Carries out the units of one plan with one set of rulesets."""

    def __init__(
        self, folder: WorkFolder, plan: Plan, asked: Asked, rulesets: Rulesets, log: LogOptions | None = None
    ) -> None:
        self._folder = folder
        self.plan = plan
        self._wanted = find_wanted(rulesets)
        self._system = find_place(asked.accounts).system
        self._beside = {
            name: read_beside(asked.beside[name], each, plan.leave_out) for name, each in plan.beside.items()
        }
        self._kernel = Kernel(rulesets, make_ask(plan))
        self._log = None if log is None else DecisionLogging(log, folder, plan, rulesets.compiled)

    @classmethod
    def open(cls, folder: Path, asked: Asked, rulesets: Path, log: LogOptions | None) -> "Carrier":
        """Take up the run of a folder, with the rulesets that it was begun with."""
        work = WorkFolder(folder)
        plan = work.read_plan()
        if plan is None:
            raise RunRefused(f"{folder} holds no run.")
        compiled = Rulesets(load_compiled(rulesets))
        if {one.ruleset.id: one.ruleset.digest for one in compiled.compiled} != plan.rulesets:
            raise RunRefused(f"{rulesets} was changed while the run goes on; begin anew with --overwrite.")
        return cls(work, plan, asked, compiled, log)

    @cached_property
    def _read_columns(self) -> pa.Schema:
        """The columns that are read: what is left out is as though the file did not have it."""
        return pa.schema([field for field in self._wanted if field.name not in self.plan.leave_out])

    def try_unit(self, index: int, *, waits: bool, advance: Advance) -> Record | None:
        """Return what is known of a unit once it is done; None where another is at it and it is not waited for."""
        unit = self.plan.units[index]
        if (known := self._folder.find(unit)) is not None:
            return known
        lock = self._folder.lock_of(unit)
        if waits:
            lock.own()
        elif not lock.try_own():
            lock.forget()
            return None
        try:
            return self._folder.find(unit) or self._carry_out(unit, advance)
        finally:
            lock.release()

    def _carry_out(self, unit: Unit, advance: Advance) -> Record:
        tally, refused = Tally(), io.StringIO()
        for attached in self._beside.values():
            attached.found[:] = False
        path, columns, form = self._folder.part_of(unit, self.plan.form), self.plan.columns, self.plan.form
        write_part(path, self._decide(unit, tally, refused, advance), columns, form)
        write_bytes(self._folder.refused_of(unit), refused.getvalue().encode())
        if self._log is not None:
            self._log.log_unit(unit.index, (portion.batch for portion in self._read(unit)))
        for name, attached in self._beside.items():
            self._folder.keep_found(unit, name, attached.found, attached.lengths)
        record = Record(unit=unit.index, tally=tally)
        self._folder.note(record)
        return record

    def _decide(self, unit: Unit, tally: Tally, refused: io.StringIO, advance: Advance) -> Iterator[pa.RecordBatch]:
        """Yield the decisions of a unit; what is counted and who is refused is added on the way."""
        for portion in self._read(unit):
            decided = self._kernel.decide(portion.batch)
            tally.merge(count_up(decided, portion.batch))
            _write_refused(refused, self.plan.inputs[unit.input].path, portion, decided)
            yield decided.decisions
            advance(portion.batch.num_rows)

    def _read(self, unit: Unit) -> Iterator[Portion]:
        """Yield the accounts of a unit with all columns of accounts."""
        source = self.plan.inputs[unit.input]
        for portion in read_unit(self._system, source, unit, self._read_columns, self._beside, self.plan.leave_out):
            yield Portion(batch=_complete(portion.batch, self._wanted), rows=portion.rows)


def make_ask(plan: Plan) -> Ask:
    """Return what is asked of every account: what is written of its decision, and what is counted."""
    return Ask(
        as_of=parse_as_of(plan.as_of),
        track=plan.track,
        ruleset=next(iter(plan.rulesets)) if len(plan.rulesets) == 1 else None,  # whatever its track
        columns=tuple(dict.fromkeys((*plan.columns, *COUNTED))),
    )


def _complete(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """Return a batch with all columns of accounts."""
    arrays = [
        batch[field.name] if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
        for field in wanted
    ]
    return pa.RecordBatch.from_arrays(arrays, names=wanted.names)


def _write_refused(file: io.StringIO, path: str, portion: Portion, decided: Decided) -> None:
    writer = csv.writer(file, lineterminator="\n")
    for problem in decided.refused.to_pylist():
        row: Sequence[object] = (
            path,
            portion.rows[problem["row"]],
            *(problem[name] for name in ("account_id", "pointer", "fact", "message")),
        )
        writer.writerow(row)
