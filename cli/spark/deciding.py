"""What a process of the cluster does: batches of accounts come in, decisions, refused accounts and counts go out."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from cli.bulk.beginning import find_wanted
from cli.bulk.plan import RunRefused
from cli.bulk.tally import Tally, count_up
from engine.evaluation.rulesets import Rulesets
from engine.examination.examine import examine_files
from engine.portfolio.asking import Ask, Decided
from engine.portfolio.decisions import DECISIONS
from engine.portfolio.kernel import Kernel
from engine.portfolio.regular import regularize

FILE, ROW = "_dunning_file", "_dunning_row"
"""The columns that say in which file an account stands, and in which row of it, counted from 0."""
REFUSED, COUNTS = "refused", "counts"
"""The columns of what is no decision: a row has one of them, or is a decision."""
_REFUSED = pa.struct(
    [
        *(("file", pa.string()), ("row", pa.int64()), ("account_id", pa.string())),
        *(("pointer", pa.string()), ("fact", pa.string()), ("message", pa.string())),
    ]
)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What every process is sent: the rulesets as files with the digests that they have here, and what is asked.

    ``read`` are the columns of the accounts that are read. Of those of decisions that are asked for ``columns`` are
    handed on, and of those of the accounts ``carried``.
    """

    files: dict[str, bytes]
    digests: dict[str, str]
    ask: Ask
    read: tuple[str, ...]
    columns: tuple[str, ...]
    carried: dict[str, pa.DataType]


def make_schema(columns: Sequence[str], carried: dict[str, pa.DataType]) -> pa.Schema:
    """Return the columns of what `decide_batches` yields."""
    decisions = [DECISIONS.field(name) for name in columns]
    return pa.schema([*decisions, *carried.items(), (REFUSED, _REFUSED), (COUNTS, pa.string())])


class Decider:
    """Some rulesets, ready to decide what Spark hands over."""

    def __init__(self, work: Work, rulesets: Rulesets) -> None:
        self.work = work
        self._wanted = find_wanted(rulesets)
        self._kernel = Kernel(rulesets, work.ask)
        self._schema = make_schema(work.columns, work.carried)

    @classmethod
    def open(cls, work: Work) -> "Decider":
        """Read the rulesets; RunRefused where this release reads them as others than the one that began the run."""
        examination = examine_files(work.files)
        rulesets = Rulesets(tuple(examination.compiled(ruleset) for ruleset in examination.rulesets))
        if {one.ruleset.id: one.ruleset.digest for one in rulesets.compiled} != work.digests:
            raise RunRefused("The Python of the cluster has other releases than the one here; pack it anew.")
        return cls(work, rulesets)

    def decide(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield what is decided, who is refused and, at the end, what was counted, all in one schema."""
        tally = Tally()
        for batch in batches:
            accounts = regularize(batch.select(list(self.work.read)), self._wanted)
            decided = self._kernel.decide(accounts)
            tally.merge(count_up(decided, accounts))
            yield self._write_decisions(batch, decided)
            if decided.refused.num_rows:
                yield self._write_refused(batch, decided.refused)
        yield self._complete({COUNTS: pa.array([msgspec.json.encode(tally).decode()])}, 1)

    def _write_decisions(self, batch: pa.RecordBatch, decided: Decided) -> pa.RecordBatch:
        arrays = {name: decided.decisions[name] for name in self.work.columns}
        if self.work.carried:
            refused = {*decided.refused["row"].to_pylist()}
            kept = pa.array([row not in refused for row in range(batch.num_rows)])
            arrays |= {name: batch[name].filter(kept) for name in self.work.carried}
        return self._complete(arrays, decided.decisions.num_rows)

    def _write_refused(self, batch: pa.RecordBatch, refused: pa.RecordBatch) -> pa.RecordBatch:
        rows, count = refused["row"], refused.num_rows
        file = batch[FILE].take(rows) if FILE in batch.schema.names else pa.nulls(count, pa.string())
        row = pc.add(batch[ROW].take(rows), 1) if ROW in batch.schema.names else pa.nulls(count, pa.int64())
        rest = [refused[name] for name in ("account_id", "pointer", "fact", "message")]
        return self._complete({REFUSED: pa.StructArray.from_arrays([file, row, *rest], fields=list(_REFUSED))}, count)

    def _complete(self, arrays: dict[str, pa.Array], count: int) -> pa.RecordBatch:
        whole = [arrays[field.name] if field.name in arrays else pa.nulls(count, field.type) for field in self._schema]
        return pa.RecordBatch.from_arrays(whole, schema=self._schema)


_ready: list[Decider] = []


def decide_batches(work: Work, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Decide the batches of a task; a process that has decided for the same run is ready already."""
    if not _ready or _ready[0].work != work:
        _ready[:] = [Decider.open(work)]
    yield from _ready[0].decide(batches)
