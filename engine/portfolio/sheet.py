"""A batch of accounts, each column of it read once, whichever rulesets decide on its rows."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.values import Reader, Unreadable, make_reader
from engine.model.money import exponent
from engine.model.vocabulary import CHANNELS, LARGEST_INTEGER, Fact
from engine.portfolio.arrays import Column, codes_of, days_of, ints_of, present_in, scaled_of, truths_of
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.columns import HISTORY
from engine.portfolio.histories import Histories
from engine.portfolio.invoices import Invoices

_CHANNELS = tuple(CHANNELS)


class Sets:
    """A set of each row: its members, row by row, as codes of ``words``."""

    def __init__(self, column: pa.Array) -> None:
        self.rows = np.asarray(pc.list_parent_indices(column)).astype(np.int64)
        self.codes, self.words = codes_of(column.flatten())
        self.present = present_in(column)
        self._holding: dict[str, Truths] = {}

    def holding(self, item: str) -> Truths:
        """Tell whose set contains an item."""
        if item not in self._holding:
            found = np.zeros(len(self.present), dtype=np.bool_)
            if item in self.words:
                found[self.rows[self.codes == self.words.index(item)]] = True
            self._holding[item] = found
        return self._holding[item]

    def members(self, rows: Ints, default: object) -> list[tuple[str, ...] | None]:
        """Return the sets of some rows, sorted; the default where none is given."""
        found: dict[int, set[str]] = {row: set() for row in rows.tolist() if self.present[row]}
        asked = np.isin(self.rows, rows)
        for row, code in zip(self.rows[asked].tolist(), self.codes[asked].tolist(), strict=True):
            found[row].add(self.words[code])
        other = default if isinstance(default, tuple) else None
        return [tuple(sorted(found[row])) if row in found else other for row in rows.tolist()]


class Sheet:
    """The columns of a batch; ``names`` are those that some row gives."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        self.count = batch.num_rows
        self.names = [name for name in batch.schema.names if batch.column(name).null_count < self.count]
        self._columns: dict[tuple[str, int], tuple[Column, Truths | None]] = {}
        self._sets: dict[str, Sets] = {}
        self._unfit: dict[tuple[Fact, str], Truths | None] = {}
        self._invoices: dict[int, Invoices] = {}

    @cached_property
    def histories(self) -> Histories | None:
        """Return the histories, None where no row has one."""
        return Histories(self.batch) if HISTORY in self.names else None

    @cached_property
    def zones(self) -> tuple[Ints, list[str]]:
        """Return the zones that rows name, as codes and words."""
        return codes_of(self.batch.column("timezone"))

    def invoices(self, currency: str) -> Invoices:
        """Return the invoices, with amounts in a currency's units."""
        places = exponent(currency)
        if places not in self._invoices:
            self._invoices[places] = Invoices(self.batch.column("invoices"), places)
        return self._invoices[places]

    @cached_property
    def facts_on(self) -> Ints:
        """Return the day that the facts of each row are of, `NO_DAY` for none."""
        return days_of(self.batch.column("facts_on"))

    @cached_property
    def channels(self) -> Ints:
        """Return the channels that each row gives, as bits in the order of the vocabulary's."""
        own = self.sets("channels")
        bits = np.array([*(1 << _CHANNELS.index(w) if w in CHANNELS else 0 for w in own.words), 0], dtype=np.int64)
        found = np.zeros(self.count, dtype=np.int64)
        np.bitwise_or.at(found, own.rows, bits[own.codes])
        return found

    def sets(self, name: str) -> Sets:
        """Return a fact that is a set."""
        if name not in self._sets:
            self._sets[name] = Sets(self.batch.column(name))
        return self._sets[name]

    def column(self, fact: Fact, currency: str) -> Column:
        """Return a fact that is no set, as it is given."""
        return self._read(fact, currency)[0]

    def unfit(self, fact: Fact, currency: str) -> Truths | None:
        """Tell which rows give a fact that cannot be read, None where there is none."""
        key = fact, currency
        if key not in self._unfit:
            found = self._find_unfit(fact, currency)
            self._unfit[key] = found if found is not None and found.any() else None
        return self._unfit[key]

    def _find_unfit(self, fact: Fact, currency: str) -> Truths | None:
        read = make_reader(fact, currency)
        if fact.type == "set":
            own = self.sets(fact.name)
            fits: Callable[[str], bool] = lambda word: _is_readable(read, [word])  # noqa: E731
            unfit = np.array([not fits(word) for word in own.words] + [True], dtype=np.bool_)
            if not unfit[:-1].any() and not (own.codes < 0).any():
                return None
            found = np.zeros(self.count, dtype=np.bool_)
            found[own.rows[unfit[own.codes]]] = True  # what is null has the last place
            return found
        column, beyond = self._read(fact, currency)
        if fact.type not in {"enum", "text"}:
            return beyond
        unfit = np.array([not _is_readable(read, word) for word in column.words], dtype=np.bool_)
        return column.present & unfit[column.values] if unfit.any() else None

    def _read(self, fact: Fact, currency: str) -> tuple[Column, Truths | None]:
        """Return a fact's values, and which of them are too large or too fine."""
        places = exponent(currency) if fact.type == "amount" else fact.places
        key = fact.name, places
        if key not in self._columns:
            self._columns[key] = _read_column(fact, self.batch.column(fact.name), places)
        return self._columns[key]


def _read_column(fact: Fact, column: pa.Array, places: int) -> tuple[Column, Truths | None]:
    present = present_in(column)
    match fact.type:
        case "boolean":
            return Column(truths_of(column).astype(np.int64), present), None
        case "integer" | "days":
            values = ints_of(column)
            return Column(values, present), np.abs(values) > LARGEST_INTEGER
        case "amount" | "decimal":
            values, fits = scaled_of(column, places)
            return Column(values, present), present & ~(fits & (np.abs(values) <= LARGEST_INTEGER))
    codes, words = codes_of(column)
    return Column(codes, present, words), None


def _is_readable(read: Reader, value: object) -> bool:
    try:
        read(value)
    except Unreadable:
        return False
    return True
