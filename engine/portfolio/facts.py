"""The facts that accounts give, as a program reads them: columns of typed values (language.md 3.2 to 3.5)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.values import Reader, Unreadable, make_reader
from engine.model.money import exponent
from engine.model.vocabulary import LARGEST_INTEGER, Fact
from engine.portfolio.arrays import Column, codes_of, ints_of, present_in, scaled_of, truths_of
from engine.portfolio.bits import Ints, Truths


class SetColumn(NamedTuple):
    """A set of each row: its members, row by row, as codes of ``words``."""

    rows: Ints
    codes: Ints
    words: list[str]
    present: Truths

    def holds(self, item: str) -> Truths:
        """Tell whose set contains an item."""
        found = np.zeros(len(self.present), dtype=np.bool_)
        if item in self.words:
            found[self.rows[self.codes == self.words.index(item)]] = True
        return found

    def members(self, rows: Ints, default: object) -> list[tuple[str, ...] | None]:
        """Return the sets of some rows, sorted; the default where none is given."""
        found: dict[int, set[str]] = {row: set() for row in rows.tolist() if self.present[row]}
        asked = np.isin(self.rows, rows)
        for row, code in zip(self.rows[asked].tolist(), self.codes[asked].tolist(), strict=True):
            found[row].add(self.words[code])
        other = default if isinstance(default, tuple) else None
        return [tuple(sorted(found[row])) if row in found else other for row in rows.tolist()]


class Facts:
    """What a batch says of a program's facts; ``unreadable`` are the rows of which one cannot be read."""

    def __init__(self, batch: pa.RecordBatch, facts: Mapping[str, Fact], currency: str) -> None:
        self.columns: dict[str, Column] = {}
        self.sets: dict[str, SetColumn] = {}
        self.unreadable = np.zeros(batch.num_rows, dtype=np.bool_)
        for name in batch.schema.names:
            column = batch.column(name)
            if name in facts and column.null_count < len(column):
                self._read(facts[name], column, currency)

    def given(self, name: str) -> Truths:
        """Tell which rows give a fact."""
        if name in self.columns:
            return self.columns[name].present
        if name in self.sets:
            return self.sets[name].present
        return np.zeros(len(self.unreadable), dtype=np.bool_)

    def plain(self, fact: Fact) -> Column:
        """Return a fact that is no set as it is given, or its default."""
        count = len(self.unreadable)
        nothing = Column(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_))
        return with_default(self.columns.get(fact.name, nothing), fact, np.ones(count, dtype=np.bool_))

    def holds(self, fact: Fact, item: str) -> Truths:
        """Tell whose set contains an item."""
        default = isinstance(fact.default, tuple) and item in fact.default
        own = self.sets.get(fact.name)
        if own is None:
            return np.full(len(self.unreadable), default, dtype=np.bool_)
        return np.where(own.present, own.holds(item), default)

    def _read(self, fact: Fact, column: pa.Array, currency: str) -> None:
        present = present_in(column)
        if fact.type == "set":
            self._read_set(fact, column, present, currency)
            return
        words: list[str] = []
        match fact.type:
            case "boolean":
                values = truths_of(column).astype(np.int64)
            case "integer" | "days":
                values = ints_of(column)
                self.unreadable |= np.abs(values) > LARGEST_INTEGER
            case "amount" | "decimal":
                values, fits = scaled_of(column, exponent(currency) if fact.type == "amount" else fact.places)
                self.unreadable |= present & ~(fits & (np.abs(values) <= LARGEST_INTEGER))
            case _:
                values, words = codes_of(column)
                read = make_reader(fact, currency)
                unfit = np.array([not _is_readable(read, word) for word in words], dtype=np.bool_)
                if unfit.any():
                    self.unreadable |= present & unfit[values]
        self.columns[fact.name] = Column(values, present, words)

    def _read_set(self, fact: Fact, column: pa.Array, present: Truths, currency: str) -> None:
        rows = np.asarray(pc.list_parent_indices(column).to_numpy(zero_copy_only=False)).astype(np.int64)
        codes, words = codes_of(column.flatten())
        read = make_reader(fact, currency)
        fits: Callable[[str], bool] = lambda word: _is_readable(read, [word])  # noqa: E731
        unfit = np.array([not fits(word) for word in words] + [True], dtype=np.bool_)
        self.unreadable[rows[unfit[codes]]] = True  # what is null has the last place
        self.sets[fact.name] = SetColumn(rows, codes, words, present)


def with_default(column: Column, fact: Fact, where: Truths) -> Column:
    """Return a fact with its default in some of the places where it is missing."""
    default = fact.default
    if default is None or isinstance(default, tuple):
        return column
    words = column.words
    if isinstance(default, str):
        words = words if default in words else [*words, default]
        default = words.index(default)
    lacking = where & ~column.present
    return Column(np.where(lacking, int(default), column.values), column.present | lacking, words)


def _is_readable(read: Reader, value: object) -> bool:
    try:
        read(value)
    except Unreadable:
        return False
    return True
