"""What was executed, of each account: histories side by side (language.md 5.3 to 5.4b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.coordinates.facts import NEVER_MISSING
from engine.coordinates.repetition import Rest
from engine.model.account import NamedFee
from engine.model.money import Charge
from engine.model.vocabulary import LARGEST_INTEGER, Fact
from engine.portfolio.arrays import NO_DAY, Column, present_in
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.debts import NEVER

if TYPE_CHECKING:
    from engine.portfolio.standing import Standings


class Past:
    """The histories of a batch; ``unread`` are the rows whose history is read one by one, by why."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        count = standings.count
        column = standings.batch.column("history")
        has_history = present_in(column)
        if has_history.any():
            has_history &= np.asarray(column.value_lengths().fill_null(0)) > 0
        self.unread: dict[str, Truths] = {"a history": has_history}
        given = standings.facts.columns.get("dunning_level")
        self.level = np.zeros(count, dtype=np.int64) if given is None else np.where(given.present, given.values, 0)
        self.last_levelled_on = np.full(count, NO_DAY, dtype=np.int64)
        self.is_announced = np.zeros(count, dtype=np.int64)
        self.has_charges = np.zeros(count, dtype=np.bool_)
        self.has_contacts = np.zeros(count, dtype=np.bool_)
        self.sent_before = np.zeros(count, dtype=np.int64)

    def fact(self, fact: Fact, rows: Ints, days: Ints) -> Column:
        """Return a fact that history yields, where it is not given."""
        given = self._standings.facts.columns.get(fact.name)
        values, present, words = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_), ()
        if fact.name in NEVER_MISSING:
            present |= True
        if given is None:
            return Column(values, present, words)
        own = given.values[rows]
        if fact.moves:
            moved = own + fact.moves * (days - self._standings.facts_on[rows])
            own = np.clip(moved, -LARGEST_INTEGER, LARGEST_INTEGER)
        is_given = given.present[rows]
        return Column(np.where(is_given, own, values), present | is_given, given.words)

    def count_contacts(self, channel: str | None, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the contacts of some rows on a channel, or on all, in the days up to theirs, so many in all."""
        del channel, per_days, days
        return np.zeros(len(rows), dtype=np.int64)

    def times(self, target: str, *, met: bool) -> Ints:
        """Count the executions of a target, as far as they hold it back or an ``after`` counts them."""
        del target, met
        return np.zeros(self._standings.count, dtype=np.int64)

    def last_on(self, target: str, *, met: bool) -> Ints:
        """Return the day of the last of them."""
        del target, met
        return np.full(self._standings.count, NO_DAY, dtype=np.int64)

    def last_pay_by(self, target: str) -> Ints:
        """Return the deadline of the last one that an ``after`` counts."""
        del target
        return np.full(self._standings.count, NO_DAY, dtype=np.int64)

    def over_on(self, rest: Rest) -> Ints:
        """Return the day on which the rest after the last execution is over."""
        del rest
        return np.full(self._standings.count, NO_DAY, dtype=np.int64)

    def count_recent(self, target: str, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the executions of a rule in the days up to some rows' own, so many in all."""
        del target, per_days, days
        return np.zeros(len(rows), dtype=np.int64)

    def count_attempts(self, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Count the payment attempts of some rows in the days up to theirs, so many in all."""
        del per_days, days
        return np.zeros(len(rows), dtype=np.int64)

    def next_contact_end(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which a contact leaves the window of a limit."""
        del days
        return np.full(len(rows), NEVER, dtype=np.int64)

    def next_attempt_end(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which an attempt leaves the window of a limit."""
        del days
        return np.full(len(rows), NEVER, dtype=np.int64)

    def next_recent_end(self, target: str, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which an execution of a rule leaves a window of so many days."""
        del target, per_days, days
        return np.full(len(rows), NEVER, dtype=np.int64)

    def next_window_end(self, per_days: int, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which a contact leaves a window of so many days."""
        del per_days, days
        return np.full(len(rows), NEVER, dtype=np.int64)

    def charges(self, row: int) -> tuple[tuple[Charge, ...], tuple[Charge, ...]]:
        """Return what was charged before in one row: what still counts, and what lies before a reset or elsewhere."""
        del row
        return (), ()

    def announced(self, row: int) -> NamedFee:
        """Return the fee that was announced last in the episode of one row, which has one."""
        raise NotImplementedError(row)
