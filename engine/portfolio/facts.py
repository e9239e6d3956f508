"""The facts that accounts give, as a program reads them: columns of typed values (language.md 3.2 to 3.5)."""

from collections.abc import Mapping

import numpy as np

from engine.model.vocabulary import Fact
from engine.portfolio.arrays import Column
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.sheet import Sheet


class Facts:
    """What some rows of a batch say of a program's facts; ``unreadable`` are those of which one cannot be read."""

    def __init__(self, sheet: Sheet, rows: Ints, facts: Mapping[str, Fact], currency: str) -> None:
        self._sheet, self._rows, self._currency = sheet, rows, currency
        self._facts = {name: facts[name] for name in sheet.names if name in facts and facts[name].source != "scorecard"}
        self._columns: dict[str, Column | None] = {}
        self._are_given: dict[str, Truths] = {}
        self.unreadable = np.zeros(len(rows), dtype=np.bool_)
        for fact in self._facts.values():
            unfit = sheet.unfit(fact, currency)
            if unfit is not None:
                self.unreadable |= unfit[rows]

    def column(self, name: str) -> Column | None:
        """Return a fact that is no set as it is given, None where no row gives it."""
        if name not in self._columns:
            self._columns[name] = self._find(name)
        return self._columns[name]

    def _find(self, name: str) -> Column | None:
        if name not in self._facts:
            return None
        values, present, words = self._sheet.column(self._facts[name], self._currency)
        own = present[self._rows]
        return Column(values[self._rows], own, words) if own.any() else None

    def given(self, name: str) -> Truths:
        """Tell which rows give a fact."""
        if name not in self._are_given:
            self._are_given[name] = self._find_given(name)
        return self._are_given[name]

    def _find_given(self, name: str) -> Truths:
        if name not in self._facts:
            return np.zeros(len(self._rows), dtype=np.bool_)
        if self._facts[name].type == "set":
            return self._sheet.sets(name).present[self._rows]
        column = self.column(name)
        return np.zeros(len(self._rows), dtype=np.bool_) if column is None else column.present

    def plain(self, fact: Fact) -> Column:
        """Return a fact that is no set as it is given, or its default."""
        count = len(self._rows)
        column = self.column(fact.name)
        if column is None:
            column = Column(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_))
        return with_default(column, fact, np.ones(count, dtype=np.bool_))

    def is_set_given(self, name: str) -> bool:
        """Tell whether some row gives a fact that is a set."""
        return name in self._facts

    def holds(self, fact: Fact, item: str) -> Truths:
        """Tell whose set contains an item."""
        default = isinstance(fact.default, tuple) and item in fact.default
        if fact.name not in self._facts:
            return np.full(len(self._rows), default, dtype=np.bool_)
        own = self._sheet.sets(fact.name)
        found = own.holding(item)[self._rows]
        return np.where(own.present[self._rows], found, default) if default else found

    def members(self, fact: Fact, rows: Ints) -> list[tuple[str, ...] | None]:
        """Return the sets of some of the rows, sorted; the default where none is given."""
        if fact.name not in self._facts:
            return [fact.default if isinstance(fact.default, tuple) else None] * len(rows)
        return self._sheet.sets(fact.name).members(self._rows[rows], fact.default)


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
