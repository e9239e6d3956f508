"""Sets of values as alternatives of tests that durable_rules answers rightly.

Only integers are ordered; words and truth values are tested for equality. "missing" is sent as a value that no present
one has, so every fact of a rule is in every event.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from engine.conditions.sets import BooleanSet, Dimension, IntegerSet, Interval, MixedKindsError, ValueSet, WordSet
from engine.network.values import clip, hull

Operator: TypeAlias = Literal["==", "$neq", "$gte", "$lte"]

MISSING_INTEGER = -(2**60)
MISSING_WORD = ""
OTHER_WORD = "~"
MISSING_BOOLEAN = 2


class Atom(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True, gc=False):
    """One comparison of a fact with a constant."""

    operator: Operator
    fact: str
    constant: int | str

    def condition(self) -> dict[str, object]:
        """Return the comparison as durable_rules reads it."""
        if self.operator == "==":
            return {self.fact: self.constant}
        return {self.operator: {self.fact: self.constant}}


Conjunction: TypeAlias = tuple[Atom, ...]


def encode_word(word: str) -> str:
    """Return a present word as it is sent: never like the signs for "missing" and "not named by any rule"."""
    return f"={word}"


def decode_word(constant: str) -> str | None:
    """Return the word that a constant stands for, None for "missing"."""
    return None if constant == MISSING_WORD else constant[1:]


def express(fact: str, dimension: Dimension, values: ValueSet) -> tuple[Conjunction, ...]:
    """Return alternatives of tests on the fact, one of which holds just when its value is in the set."""
    universe = dimension.universe
    if isinstance(values, IntegerSet) and isinstance(universe, IntegerSet):
        return tuple(_express_integers(fact, universe, values))
    if isinstance(values, WordSet) and isinstance(universe, WordSet):
        return _express_words(fact, universe, values)
    if isinstance(values, BooleanSet) and isinstance(universe, BooleanSet):
        return _express_booleans(fact, universe, values)
    raise MixedKindsError(universe, values)


def _express_integers(fact: str, universe: IntegerSet, values: IntegerSet) -> list[Conjunction]:
    lowest, highest = hull(universe)
    runs = _runs(values.intervals, lowest, highest)
    # The sign for "missing" lies below every number, so it can be part of a range that begins at the lowest.
    joined = values.missing and bool(runs) and runs[0][0] == lowest
    found: list[Conjunction] = []
    if values.missing and not joined:
        found.append((Atom("==", fact, MISSING_INTEGER),))
    for low, high, holes in runs:
        if low == high and not joined:
            found.append((Atom("==", fact, low),))
            continue
        atoms = [Atom("$neq", fact, hole) for hole in holes]
        if low > lowest or (universe.missing and not values.missing):
            atoms.append(Atom("$gte", fact, low))
        if high < highest:
            atoms.append(Atom("$lte", fact, high))
        found.append(tuple(atoms))
        joined = False
    return found


def _runs(intervals: tuple[Interval, ...], lowest: int, highest: int) -> list[tuple[int, int, list[int]]]:
    """Return the intervals within bounds, those that are one number apart joined, that number being a hole."""
    runs: list[tuple[int, int, list[int]]] = []
    for interval in intervals:
        first, last = clip(interval)
        first, last = max(first, lowest), min(last, highest)
        if first > last:
            continue
        if runs and runs[-1][1] + 2 == first:
            begin, end, holes = runs[-1]
            runs[-1] = (begin, last, [*holes, end + 1])
        else:
            runs.append((first, last, []))
    return runs


def _express_words(fact: str, universe: WordSet, values: WordSet) -> tuple[Conjunction, ...]:
    """Return the words as equalities, which exclude each other, unless few are left out of many."""
    excluded = universe.difference(values)
    included = values.size()
    barred = excluded.size()
    if included is None or (barred is not None and 3 * barred <= included):
        return (tuple(Atom("$neq", fact, constant) for constant in _constants(excluded)),)
    return tuple((Atom("==", fact, constant),) for constant in _constants(values))


def _constants(values: WordSet) -> list[str]:
    missing = [MISSING_WORD] if values.missing else []
    return [*missing, *(encode_word(word) for word in sorted(values.words))]


def _express_booleans(fact: str, universe: BooleanSet, values: BooleanSet) -> tuple[Conjunction, ...]:
    excluded = universe.difference(values)
    if values.size() > 1:
        return (tuple(Atom("$neq", fact, constant) for constant in _signs(excluded)),)
    return tuple((Atom("==", fact, constant),) for constant in _signs(values))


def _signs(values: BooleanSet) -> list[int]:
    return [*sorted(map(int, values.values)), *([MISSING_BOOLEAN] if values.missing else [])]
