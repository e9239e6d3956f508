"""Whom a ruleset covers, of a whole batch (language.md 5.1)."""

import numpy as np

from engine.coordinates.facts import Element, Given
from engine.evaluation.program import Program
from engine.portfolio.arrays import Column
from engine.portfolio.bits import Ints, Truths, as_words
from engine.portfolio.facts import Facts
from engine.portfolio.readings import classify
from engine.portfolio.sheet import Sheet


def cover(program: Program, sheet: Sheet, rows: Ints) -> tuple[Truths, Truths]:
    """Return which of some rows a ruleset covers, whose coverage asks plain facts alone; and those it cannot read."""
    table = program.coverage_table
    edition, names = program.edition, program.coverage_facts
    facts = Facts(sheet, rows, {name: edition.facts[name] for name in names if name in edition.facts}, edition.currency)
    width = max(1, -(-table.everything.bit_length() // 64))
    holding = np.repeat(as_words([table.everything], width), len(rows), axis=0)
    for coordinate in program.coverage_coordinates:
        column = table.columns.get(coordinate.key)
        if column is None:
            continue
        holding &= as_words(column.masks, width)[classify(column.classes, _read(coordinate, facts))]
    return (holding != 0).any(axis=1), facts.unreadable


def _read(coordinate: object, facts: Facts) -> Column:
    count = len(facts.unreadable)
    if isinstance(coordinate, Element):
        return Column(facts.holds(coordinate.fact, coordinate.item).astype(np.int64), np.ones(count, dtype=np.bool_))
    if isinstance(coordinate, Given):
        return facts.plain(coordinate.fact)
    raise TypeError(coordinate)
