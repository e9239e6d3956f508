"""The sentences of many decisions: each different one written once, by the words of the single path."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.evaluation.wording import sentence_of
from engine.model.vocabulary import ACTIONS, NUMERIC_TYPES, Fact, Value
from engine.portfolio.bits import Bits, Ints, lowest
from engine.portfolio.standing import Standings
from engine.portfolio.tables import Tables
from engine.words.phrases import count_days, lower_first
from engine.words.values import format_value

_SHOWN_IN_A_REASON = 4
_MARK = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Words:
    """What is said of the rows of a batch."""

    def __init__(self, tables: Tables, standings: Standings) -> None:
        self._tables, self._standings = tables, standings
        self._edition = standings.program.edition

    def say_fact(self, name: str, rows: Ints, write: Callable[[Fact, Value | None], str]) -> list[str]:
        """Return a fact's words for some rows."""
        standings = self._standings
        fact = self._edition.facts[name]
        if fact.type == "set":
            own, default = standings.facts.sets.get(name), fact.default
            held = [default] * len(rows) if own is None else own.members(rows, default)
            return [write(fact, each) for each in held]
        column = standings.fact(fact, rows, standings.days[rows])
        keys = np.where(column.present, column.values, np.iinfo(np.int64).min)
        distinct, places = np.unique(keys, return_inverse=True)
        said = []
        for key in distinct.tolist():
            value: Value | None = key
            if key == np.iinfo(np.int64).min:
                value = None
            elif fact.type == "boolean":
                value = bool(key)
            elif fact.type not in NUMERIC_TYPES:
                value = column.words[key]
            said.append(write(fact, value))
        return [said[place] for place in places.reshape(-1).tolist()]

    def fill(self, reason: str, rows: Ints) -> list[str]:
        """Return a block's reason for some rows, with facts' values in the place of their names in braces."""
        currency = self._edition.currency
        marks = [mark for mark in _MARK.finditer(reason) if mark[1] in self._edition.facts]
        if not marks:
            return [reason] * len(rows)
        pieces: list[Sequence[str]] = []
        end = 0
        for mark in marks:
            pieces.append([reason[end : mark.start()]] * len(rows))
            pieces.append(self.say_fact(mark[1], rows, lambda fact, value: format_value(fact, value, currency)))
            end = mark.end()
        pieces.append([reason[end:]] * len(rows))
        return ["".join(parts) for parts in zip(*pieces, strict=True)]

    def reason_of_rule(self, index: int, rows: Ints, holding: Bits) -> list[str]:
        """Return which facts decided that a rule wins, for some rows with the boxes that hold them."""
        said = np.full(len(rows), "", dtype=object)
        boxes = lowest(holding & self._tables.boxes_of_rule(index))
        for box in np.unique(boxes).tolist():
            own = np.flatnonzero(boxes == box)
            said[own] = self._say_box(index, box, rows[own])
        return said.tolist()

    def _say_box(self, index: int, box: int, rows: Ints) -> list[str]:
        currency = self._edition.currency
        names = self._tables.facts_of_box(box)[:_SHOWN_IN_A_REASON]
        parts = [self.say_fact(name, rows, lambda fact, value: sentence_of(fact, value, currency)) for name in names]
        before = self._say_before(rows)
        if before is not None:
            parts.append(before)
        if not parts:
            return [f"{self._title(index)} always holds"] * len(rows)
        if before is None or "" not in before:
            return list(map("; ".join, zip(*parts, strict=True)))
        alone = map("; ".join, zip(*parts[:-1], strict=True)) if len(parts) > 1 else [""] * len(rows)
        said = ["; ".join(filter(None, pair)) for pair in zip(alone, before, strict=True)]
        return [each or f"{self._title(index)} always holds" for each in said]

    def _say_before(self, rows: Ints) -> list[str] | None:
        """Return for each row what was executed last in the episode, nothing where nothing was."""
        standings = self._standings
        by, last = (part[rows] for part in standings.past.last_rules)
        if (by < 0).all():
            return None
        ago = np.where(by < 0, -1, standings.days[rows] - last)
        pairs, places = np.unique(by * (1 << 32) + np.where(by < 0, 0, ago), return_inverse=True)
        said = []
        for pair in pairs.tolist():
            place, days = pair >> 32, pair & 0xFFFFFFFF
            if place < 0:
                said.append("")
                continue
            rule = self._edition.rules[place]
            done = "sent" if ACTIONS[rule.action.type].is_contact else "executed"
            since = "today" if days == 0 else f"{count_days(days)} ago"
            said.append(f"{lower_first(self._title(place))} {done} {since}")
        return [said[place] for place in places.reshape(-1).tolist()]

    def _title(self, index: int) -> str:
        rule = self._edition.rules[index]
        return rule.title or rule.id.replace("-", " ")

    def title(self, index: int) -> str:
        """Return what a rule is called."""
        return self._title(index)
