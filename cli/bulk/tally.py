"""What a run decided, counted: accounts and money by outcome, rule, action, channel, segment and day."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.exactjson import FREE_JSON
from engine.portfolio.asking import Decided
from engine.portfolio.columns import DOCUMENT
from engine.portfolio.impact import add_money

COUNTED = (
    *("outcome", "ruleset", "rule", "action", "channel", "also", "scheduled_on", "block"),
    *("claim_total", "claim_fee", "currency"),
)
"""The columns of decisions that are counted, whichever are written."""

_DIMENSIONS: dict[str, tuple[str, ...]] = {
    "outcome": ("outcome",),
    "rule": ("ruleset", "rule"),
    "block": ("ruleset", "block"),
    "action": ("action",),
    "channel": ("channel",),
    "segment": ("segment",),
    "day": ("scheduled_on", "channel"),
}
_OF_ALL = frozenset({"outcome"})
NOTHING = ""


class Line(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One row of a table: how many accounts, and what is claimed of them and charged to them, by currency."""

    count: int = 0
    claimed: dict[str, Decimal] = {}
    fees: dict[str, Decimal] = {}

    def add(self, other: "Line") -> None:
        """Add another row of the same name."""
        self.count += other.count
        self.claimed = add_money(self.claimed, other.claimed)
        self.fees = add_money(self.fees, other.fees)


class Tally(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What was counted, by dimension and then by name; ``singly`` is how many went the single path, by why."""

    rows_count: int = 0
    refused_count: int = 0
    contacts: dict[str, int] = {}
    singly: dict[str, int] = {}
    lines: dict[str, dict[str, Line]] = {}

    def merge(self, other: "Tally") -> None:
        """Add what another has counted."""
        self.rows_count += other.rows_count
        self.refused_count += other.refused_count
        self.contacts = dict(Counter(self.contacts) + Counter(other.contacts))
        self.singly = dict(Counter(self.singly) + Counter(other.singly))
        for dimension, lines in other.lines.items():
            ours = self.lines.setdefault(dimension, {})
            for name, line in lines.items():
                ours.setdefault(name, Line()).add(line)


def join_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of what was counted."""
    whole = Tally()
    for each in tallies:
        whole.merge(each)
    return whole


def join_lines(lines: Iterable[Line]) -> Line:
    """Return the sum of rows."""
    whole = Line()
    for each in lines:
        whole.add(each)
    return whole


def count_up(decided: Decided, batch: pa.RecordBatch) -> Tally:
    """Count what was decided of a batch of accounts; its decisions have the columns COUNTED."""
    refused = set(decided.refused["row"].to_pylist())
    decisions = decided.decisions.select(list(COUNTED))
    table = pa.Table.from_batches([decisions]).append_column("segment", _find_segments(batch, refused))
    acts = table.filter(pc.equal(table["outcome"], "act"))
    blocked = table.filter(pc.equal(table["outcome"], "blocked"))
    tally = Tally(rows_count=batch.num_rows, refused_count=len(refused), singly=decided.singly)
    for dimension, names in _DIMENSIONS.items():
        counted = table if dimension in _OF_ALL else blocked if dimension == "block" else acts
        tally.lines[dimension] = _count(counted, names)
    channels = [*acts["channel"].drop_null().to_pylist(), *pc.list_flatten(acts["also"]).to_pylist()]
    tally.contacts = dict(Counter(channels))
    return tally


def _count(table: pa.Table, names: Sequence[str]) -> dict[str, Line]:
    grouped = table.group_by([*names, "currency"]).aggregate(
        [([], "count_all"), ("claim_total", "sum"), ("claim_fee", "sum")]
    )
    lines: dict[str, Line] = {}
    for row in grouped.to_pylist():
        parts = [NOTHING if row[name] is None else str(row[name]) for name in names]
        line = Line(count=row["count_all"])
        if row["claim_total_sum"]:
            line.claimed = {row["currency"]: row["claim_total_sum"]}
        if row["claim_fee_sum"]:
            line.fees = {row["currency"]: row["claim_fee_sum"]}
        lines.setdefault("\t".join(parts), Line(claimed={}, fees={})).add(line)
    return dict(sorted(lines.items()))


def _find_segments(batch: pa.RecordBatch, refused: set[int]) -> pa.Array:
    """Return the segment of every account that was decided, null where it has none."""
    segments = batch["segment"]
    if batch[DOCUMENT].null_count < batch.num_rows:
        given = zip(segments.to_pylist(), batch[DOCUMENT].to_pylist(), strict=True)
        segments = pa.array([known if text is None else _segment_in(text) for known, text in given], pa.string())
    if not refused:
        return segments
    return segments.filter(pa.array([row not in refused for row in range(batch.num_rows)]))


def _segment_in(document: str) -> str | None:
    try:
        segment = FREE_JSON.decode(document)["segment"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return segment if isinstance(segment, str) else None
