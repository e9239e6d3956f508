"""Accounts that are of one kind: alike in all that decides, today and on every later day.

What an account is called, and what it owes within the bounds that no rule tells apart, makes no difference to which
rule wins when. So the rules are asked about one account of each kind. Fees, claims and words are each account's own.
"""

from typing import NamedTuple

import numpy as np

from engine.coordinates.facts import Element, FactCoordinate
from engine.portfolio.arrays import Column, sums, unique
from engine.portfolio.bits import Bits, Ints, lowest
from engine.portfolio.facts import with_default
from engine.portfolio.marks import Marks, mix
from engine.portfolio.readings import classify
from engine.portfolio.standing import Standings
from engine.portfolio.tables import Table, Tables

_MISSING = np.iinfo(np.int64).min
_WORTH_IT = 0.7
"""Kinds are told apart where they are at most this share of the accounts."""


class Held(NamedTuple):
    """The boxes that hold each kind, and the kind of every row; each row is a kind of its own where none is told."""

    holding: Bits
    kinds: Ints | None

    def winning_boxes(self, tables: Tables, index: int, rows: Ints) -> Ints:
        """Return by which box a rule wins that wins some rows."""
        kinds, places = unique(rows if self.kinds is None else self.kinds[rows])
        return lowest(self.holding[kinds] & tables.boxes_of_rule(index))[places]


def find_kinds(tables: Tables, standings: Standings) -> tuple[Ints, Ints] | None:
    """Return one row of each kind, and the kind of every row; None where nearly every account is a kind of its own."""
    marks = Marks(standings.count)
    for each in (standings.days, standings.facts_on, standings.turns_on, standings.oldest_due_on):
        marks.add(each)
    marks.add(standings.usable)
    marks.add(standings.preferred)
    marks.add(standings.past.level)
    marks.add(standings.debts.carried.astype(np.int64))
    for experiment in standings.program.terms.experiments:
        marks.add(standings.drawn[experiment.id])
    for table in tables.read.values():
        if isinstance(table.coordinate, FactCoordinate):
            _mark_fact(marks, table, standings)
        elif isinstance(table.coordinate, Element) and standings.facts.is_set_given(table.coordinate.fact.name):
            marks.add(standings.facts.holds(table.coordinate.fact, table.coordinate.item).astype(np.int64))
    _mark_interest(marks, standings)
    _mark_history(marks, standings)
    firsts, kinds = marks.distinct()
    return (firsts, kinds) if len(firsts) <= _WORTH_IT * standings.count else None


def _mark_fact(marks: Marks, table: Table, standings: Standings) -> None:
    """Mark a fact: by its value where that counts the days, else by the class of it."""
    assert isinstance(table.coordinate, FactCoordinate)  # noqa: S101  the caller asked
    fact = table.coordinate.fact
    given = standings.facts.column(fact.name)
    if given is not None:
        column = with_default(given, fact, np.full(standings.count, fact.source == "given"))
        own = np.where(given.present, given.values, _MISSING) if fact.moves else classify(table.column.classes, column)
        marks.add(own)
        marks.add(given.present.astype(np.int64))
    if fact.source != "invoices":
        return
    found = standings.fact(fact, np.arange(standings.count), standings.days)
    is_counted = table.coordinate.motion == "counted"
    marks.add(np.where(found.present, found.values, _MISSING) if is_counted else classify(table.column.classes, found))
    if table.coordinate.motion == "stepped":
        _mark_waiting(marks, table, standings)


def _mark_waiting(marks: Marks, table: Table, standings: Standings) -> None:
    """Mark the days on which more will be overdue, and the class of all that will be."""
    debts = standings.debts
    owners = np.repeat(np.arange(standings.count), debts.counts)
    is_waiting = debts.lines.due_on >= standings.days[owners]
    if not is_waiting.any():
        return
    if table.coordinate.fact.name == "overdue_balance":  # type: ignore[attr-defined]  # of a fact
        running = np.cumsum(debts.lines.open)
        before = running - debts.lines.open
        reached = running - before[debts.starts[owners]]
    else:
        reached = np.arange(len(owners)) - debts.starts[owners] + 1
    column = Column(reached, np.ones(len(owners), dtype=np.bool_))
    lines = mix(mix(debts.lines.due_on) + classify(table.column.classes, column))
    marks.add(sums(np.where(is_waiting, lines, 0), debts.counts))


def _mark_interest(marks: Marks, standings: Standings) -> None:
    """Mark the days on which more will be overdue, where interest may not be known then."""
    if standings.program.edition.interest:
        debts = standings.debts
        owners = np.repeat(np.arange(standings.count), debts.counts)
        is_waiting = debts.lines.due_on >= standings.days[owners]
        marks.add(sums(np.where(is_waiting, mix(debts.lines.due_on), 0), debts.counts))
        marks.add(debts.overdue(np.arange(standings.count), standings.days))


def _mark_history(marks: Marks, standings: Standings) -> None:
    """Mark each entry that is seen with all that is counted of it, in the order of their instants."""
    entries, past = standings.past.entries, standings.past
    if entries is None:
        return
    lengths = np.bincount(entries.rows, minlength=standings.count)
    order = np.arange(len(entries.rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    flags = past.part.copy()
    for flag in (entries.is_reset, entries.is_foreign_ruleset, entries.is_foreign_account, entries.announced):
        flags = flags * 2 + flag
    found = mix(entries.days + (entries.pay_by << 24), 1)
    found = mix(found + entries.rule + (entries.level << 40), 2)
    found = mix(found + entries.action + (entries.also_count << 20) + (flags << 40), 3)
    entry_marks = mix(found + order, 4)
    marks.add(sums(entry_marks, lengths))
    contacts = mix(entries.contact_channels + (entries.days[entries.contact_entries] << 8), 5)
    of = np.bincount(entries.rows[entries.contact_entries], minlength=standings.count)
    marks.add(sums(contacts, of))
