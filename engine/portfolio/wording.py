"""The sentences of many decisions: each different one written once, by the words of the single path."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.wording import sentence_of
from engine.model.money import exponent
from engine.model.vocabulary import ACTIONS, NUMERIC_TYPES, Fact, Value
from engine.portfolio.arrays import Column, unique, write_decimals
from engine.portfolio.bits import Ints
from engine.portfolio.joining import Coded
from engine.portfolio.standing import Standings
from engine.portfolio.tables import Tables
from engine.words.phrases import lower_first, say_days_since
from engine.words.values import format_value

_SHOWN_IN_A_REASON = 4
_MARK = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NOT_GIVEN = np.iinfo(np.int64).min


class Texts:
    """A text for some of so many rows, put together from what is said of a few at a time."""

    def __init__(self, count: int) -> None:
        self._places = np.full(count, -1, dtype=np.int64)
        self._values: list[pa.Array] = []
        self._size = 0

    def put(self, rows: Ints, said: Coded | str) -> None:
        """Note what is said of some rows."""
        if isinstance(said, str):
            said = Coded(pa.array([said]), np.zeros(len(rows), dtype=np.int64))
        self._places[rows] = said.places + self._size
        self._values.append(said.values)
        self._size += len(said.values)

    def whole(self) -> Coded:
        """Return what was put together, null where nothing was."""
        values = pa.concat_arrays(self._values) if self._values else pa.array([], pa.string())
        return Coded(values, self._places)


class Words:
    """What is said of the rows of a batch."""

    def __init__(self, tables: Tables, standings: Standings) -> None:
        self._tables, self._standings = tables, standings
        self._edition = standings.program.edition

    def _say_fact(self, name: str, rows: Ints, write: Callable[[Fact, Value | None], str]) -> Coded:
        """Return a fact's words for some rows, each different value said once."""
        standings = self._standings
        fact = self._edition.facts[name]
        if fact.type == "set":
            said = [write(fact, each) for each in standings.facts.members(fact, rows)]
            return Coded(pa.array(said, pa.string()), np.arange(len(rows)))
        column = standings.fact(fact, rows, standings.days[rows])
        distinct, places = unique(np.where(column.present, column.values, _NOT_GIVEN))
        said = [write(fact, _value_of(fact, column, key)) for key in distinct.tolist()]
        return Coded(pa.array(said, pa.string()), places)

    def _say_in_a_sentence(self, name: str, rows: Ints) -> Coded:
        """Return `sentence_of` a fact; amounts, which hardly recur, are written all at once."""
        currency, standings = self._edition.currency, self._standings
        fact = self._edition.facts[name]
        if fact.type == "amount":
            column = standings.fact(fact, rows, standings.days[rows])
            if column.present.all():
                written = write_decimals(column.values, pa.decimal128(20, exponent(currency))).cast(pa.string())
                said = pc.binary_join_element_wise(fact.name.replace("_", " "), written, currency, " ")
                return Coded(said, np.arange(len(rows)))
        return self._say_fact(name, rows, lambda each, value: sentence_of(each, value, currency))

    def fill(self, reason: str, rows: Ints) -> Coded | str:
        """Return a block's reason for some rows, with facts' values in the place of their names in braces."""
        currency = self._edition.currency
        marks = [mark for mark in _MARK.finditer(reason) if mark[1] in self._edition.facts]
        if not marks:
            return reason
        pieces: list[Coded | str] = []
        end = 0
        for mark in marks:
            pieces.append(reason[end : mark.start()])
            pieces.append(self._say_fact(mark[1], rows, lambda fact, value: format_value(fact, value, currency)))
            end = mark.end()
        return _join([*pieces, reason[end:]], "")

    def reason_of_rule(self, index: int, rows: Ints, boxes: Ints) -> Iterator[tuple[Ints, Coded | str]]:
        """Yield which facts decided that a rule wins, for some rows each with its box, a part of them at a time."""
        by, since = self._find_before(rows)
        for box in unique(boxes)[0].tolist():
            names = self._tables.facts_of_box(box)[:_SHOWN_IN_A_REASON]
            for has_before in (False, True):
                own = np.flatnonzero((boxes == box) & ((by >= 0) == has_before))
                if not len(own):
                    continue
                parts: list[Coded | str] = [self._say_in_a_sentence(name, rows[own]) for name in names]
                if has_before:
                    parts.append(self._say_before(by[own], since[own]))
                yield rows[own], _join(parts, "; ") if parts else f"{self.title(index)} always holds"

    def _find_before(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return for each row what was executed last in the episode, below 0 for nothing, and how many days ago."""
        standings = self._standings
        by, last = (part[rows] for part in standings.past.last_rules)
        return by, standings.days[rows] - last

    def _say_before(self, by: Ints, ago: Ints) -> Coded:
        pairs, places = unique(ago * len(self._edition.rules) + by)
        said = []
        for pair in pairs.tolist():
            days, place = divmod(pair, len(self._edition.rules))
            rule = self._edition.rules[place]
            done = "sent" if ACTIONS[rule.action.type].is_contact else "executed"
            said.append(f"{lower_first(self.title(place))} {done} {say_days_since(days)}")
        return Coded(pa.array(said, pa.string()), places)

    def title(self, index: int) -> str:
        """Return what a rule is called."""
        rule = self._edition.rules[index]
        return rule.title or rule.id.replace("-", " ")


def _value_of(fact: Fact, column: Column, key: int) -> Value | None:
    if key == _NOT_GIVEN:
        return None
    if fact.type == "boolean":
        return bool(key)
    return key if fact.type in NUMERIC_TYPES else column.words[key]


def _join(parts: Sequence[Coded | str], between: str) -> Coded:
    """Return texts one after the other."""
    if len(parts) == 1 and isinstance(parts[0], Coded):
        return parts[0]
    said = [part if isinstance(part, str) else part.values.take(pa.array(part.places)) for part in parts]
    joined = pc.binary_join_element_wise(*said, between)
    return Coded(joined, np.arange(len(joined)))


def list_texts(said: Coded | str, count: int) -> list[str]:
    """Return what is said of each of so many rows."""
    if isinstance(said, str):
        return [said] * count
    values = said.values.to_pylist()
    return [values[place] for place in said.places.tolist()]
