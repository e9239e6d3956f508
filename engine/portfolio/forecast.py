"""What the next days bring if nobody pays: every account asked day by day, each action carried out when scheduled."""

import datetime as dt
from collections import Counter

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.evaluation.rulesets import Rulesets
from engine.portfolio.arrays import NO_DAY, days_of, take_rows
from engine.portfolio.asking import Ask
from engine.portfolio.columns import AMOUNT, DOCUMENT, HISTORY
from engine.portfolio.documents import to_json
from engine.portfolio.kernel import Kernel

_COLUMNS = (
    *("as_of", "outcome", "ruleset", "rule", "level", "action", "channel", "also", "pay_by", "scheduled_for"),
    *("scheduled_on", "episode", "claim_invoices", "currency", "along_with", "review_on"),
    *("fee_name", "fee", "announced_fee_name", "announced_fee"),
)
_NEVER = np.iinfo(np.int64).max
OTHER = ""
"""What stands for the channel of an action that is no contact."""

Volume = Counter[tuple[dt.date, str]]
"""How many actions there are, by day and channel."""
Days = npt.NDArray[np.int64]


class Forecast:
    """Some rulesets asked on each of some days; `volume` counts what they ask for on those days.

    Each account is asked at the first moment of a day in its zone, and again on the day after an action, or on the
    first day on which something else would be decided.
    """

    def __init__(
        self, rulesets: Rulesets, *, first: dt.date, days_count: int, track: str, ruleset: str | None = None
    ) -> None:
        self.volume: Volume = Counter()
        self._first = first
        self.days = tuple(first + dt.timedelta(days=number) for number in range(days_count))
        ask = Ask(as_of=first, track=track, ruleset=ruleset, with_reason=False, columns=_COLUMNS)
        kernel = Kernel(rulesets, ask)
        self._kernels = [kernel.on(day) for day in self.days]

    def add(self, batch: pa.RecordBatch) -> None:
        """Add what is to be done for the accounts of a regularized batch."""
        batch = _stand_on(batch, self._first)
        next_on = np.full(batch.num_rows, self._first.toordinal(), dtype=np.int64)
        for day, kernel in zip(self.days, self._kernels, strict=True):
            rows = np.flatnonzero(next_on <= day.toordinal())
            if not len(rows):
                continue
            decided = kernel.decide(batch if len(rows) == batch.num_rows else take_rows(batch, rows))
            next_on[rows] = _NEVER
            own = np.delete(rows, np.unique(decided.refused["row"].to_numpy(zero_copy_only=False)))
            decisions = decided.decisions
            next_on[own] = np.maximum(_ordinals(decisions["review_on"]), day.toordinal() + 1)
            acts = pc.and_(pc.equal(decisions["outcome"], "act"), pc.is_valid(decisions["rule"]))
            done = decisions.filter(acts)
            if not done.num_rows:
                continue
            acting = own[np.flatnonzero(acts.to_numpy(zero_copy_only=False))]
            next_on[acting] = np.maximum(_ordinals(done["scheduled_on"]), day.toordinal()) + 1
            self._count(done)
            batch = _record(batch, acting, done)

    def _count(self, done: pa.RecordBatch) -> None:
        last = self.days[-1]
        for on, channel, also in zip(
            *(done[name].to_pylist() for name in ("scheduled_on", "channel", "also")), strict=True
        ):
            if on <= last:
                self.volume.update((on, each) for each in ([channel, *also] if channel else [*also] or [OTHER]))


def _stand_on(batch: pa.RecordBatch, first: dt.date) -> pa.RecordBatch:
    """Let given facts hold on the first day where an account does not say otherwise, so that they move from then on."""
    held = pc.fill_null(batch["facts_on"], pa.scalar(first, pa.date32()))
    batch = batch.set_column(batch.schema.names.index("facts_on"), "facts_on", held)
    return _edit_documents(batch, {row: {} for row in _documents_of(batch)}, first)


def _record(batch: pa.RecordBatch, rows: Days, done: pa.RecordBatch) -> pa.RecordBatch:
    """Return the accounts with what was done for some of them at the end of their histories."""
    kind: pa.ListType = batch.schema.field(HISTORY).type
    entries = _write_entries(done, kind.value_type)
    history = batch[HISTORY]
    lengths = np.asarray(pc.fill_null(pc.list_value_length(history), 0), dtype=np.int64)
    more = np.zeros(batch.num_rows, dtype=np.int64)
    more[rows] = 1
    offsets = np.concatenate([[0], np.cumsum(lengths + more)])
    values = history.flatten()
    order = np.empty(offsets[-1], dtype=np.int64)
    is_new = np.zeros(offsets[-1], dtype=np.bool_)
    is_new[offsets[1:][rows] - 1] = True
    order[~is_new] = np.arange(len(values))
    order[is_new] = len(values) + np.arange(len(rows))
    whole = pa.concat_arrays([values, entries]).take(pa.array(order))
    is_null = history.is_null().to_numpy(zero_copy_only=False) & (more == 0)
    lists = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), whole, type=kind, mask=pa.array(is_null))
    batch = batch.set_column(batch.schema.names.index(HISTORY), HISTORY, lists)
    documents = set(_documents_of(batch))
    added = {row: entries[place].as_py() for place, row in enumerate(rows.tolist()) if row in documents}
    return _edit_documents(batch, added, None)


def _write_entries(done: pa.RecordBatch, kind: pa.StructType) -> pa.Array:
    """Return what was done as entries of a history (language.md 5.3a)."""
    known = {
        **{name: done[name] for name in ("rule", "action", "ruleset", "level", "channel", "also", "episode", "pay_by")},
        "at": pc.coalesce(done["scheduled_for"], done["as_of"]),
        "invoices": done["claim_invoices"],
        "announced_fee": _write_fees(done["announced_fee_name"], done["announced_fee"], done["currency"]),
        "fee": _write_fees(*_find_charged(done), done["currency"]),
    }
    parts = [
        known[field.name].cast(field.type) if field.name in known else pa.nulls(done.num_rows, field.type)
        for field in kind
    ]
    return pa.StructArray.from_arrays(parts, fields=list(kind))


def _find_charged(done: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """Return the fee that each decision charges: its action's, or the first of those along with it."""
    names, amounts = done["fee_name"], done["fee"]
    beside = pc.and_(pc.is_null(names), pc.is_valid(done["along_with"]))
    rows = np.flatnonzero(beside.to_numpy(zero_copy_only=False)).tolist()
    if not rows:
        return names, amounts
    listed, sums = names.to_pylist(), amounts.to_pylist()
    for row in rows:
        actions = msgspec.json.decode(done["along_with"][row].as_py(), type=list[_Along])
        charged = next((each.fee for each in actions if each.fee is not None), None)
        if charged is not None:
            listed[row], sums[row] = charged.name, pa.scalar(charged.amount).cast(AMOUNT).as_py()
    return pa.array(listed, pa.string()), pa.array(sums, AMOUNT)


class _Fee(msgspec.Struct, frozen=True):
    name: str
    amount: str


class _Along(msgspec.Struct, frozen=True):
    fee: _Fee | None = None


def _write_fees(names: pa.Array, amounts: pa.Array, currencies: pa.Array) -> pa.Array:
    fields = ["name", "amount", "currency"]
    return pa.StructArray.from_arrays([names, amounts, currencies], names=fields, mask=pc.is_null(names))


def _ordinals(days: pa.Array) -> Days:
    """Return days as ordinals, those that are null as never."""
    found = days_of(days)
    return np.where(found == NO_DAY, _NEVER, found)


def _documents_of(batch: pa.RecordBatch) -> list[int]:
    """Return the rows that are documents."""
    found: list[int] = np.flatnonzero(batch[DOCUMENT].is_valid().to_numpy(zero_copy_only=False)).tolist()
    return found


def _edit_documents(
    batch: pa.RecordBatch, added: dict[int, dict[str, object]], facts_on: dt.date | None
) -> pa.RecordBatch:
    """Return accounts whose documents have an entry more each, or stand on a day where they name none."""
    if not added:
        return batch
    documents = batch[DOCUMENT].to_pylist()
    for row, entry in added.items():
        documents[row] = _edit(documents[row], entry, facts_on)
    place = batch.schema.names.index(DOCUMENT)
    return batch.set_column(place, DOCUMENT, pa.array(documents, pa.string()))


def _edit(text: str, entry: dict[str, object], facts_on: dt.date | None) -> str:
    try:
        parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        if facts_on is not None:
            parts.setdefault("facts_on", msgspec.Raw(msgspec.json.encode(facts_on)))
        if entry:
            history = msgspec.json.decode(parts.get(HISTORY, b"[]"), type=list[msgspec.Raw])
            history.append(msgspec.Raw(msgspec.json.encode(to_json(entry))))
            parts[HISTORY] = msgspec.Raw(msgspec.json.encode(history))
    except (msgspec.DecodeError, RecursionError):
        return text  # the reading of documents says what is wrong
    return msgspec.json.encode(parts).decode()
