"""A number as the band it lies in, and sets of numbers as tests on the number of the band.

Numbers that no box of a list tells apart have one band. Only bands reach durable_rules: small numbers, which it
compares rightly; "missing" is the last band, so it can be part of a range.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from engine.conditions.sets import Dimension, IntegerSet, MixedKindsError, ValueSet
from engine.network.atoms import Atom, Conjunction
from engine.network.values import clip, hull

Run: TypeAlias = tuple[int, int]


class Bands:
    """The bands between the thresholds of some sets, in rising order."""

    def __init__(self, dimension: Dimension, sets: Iterable[ValueSet]) -> None:
        self.dimension = dimension
        lowest, highest = hull(_numbers(dimension.universe))
        starts: set[int] = set()
        for values in sets:
            for low, high in map(clip, _numbers(values).intervals):
                starts.update((low, high + 1))
        self.starts = sorted(start for start in starts if lowest < start <= highest)
        self.missing = len(self.starts) + 1
        self.last = self.missing if dimension.universe.missing else len(self.starts)

    def runs(self, values: ValueSet) -> list[Run]:
        """Return the bands of a set that was among those given, as first and last of bands in a row."""
        runs = [
            (bisect_right(self.starts, low), bisect_right(self.starts, high))
            for low, high in map(clip, _numbers(values).intervals)
        ]
        if values.missing and self.dimension.universe.missing:
            if runs and runs[-1][1] == self.missing - 1:
                runs[-1] = (runs[-1][0], self.missing)
            else:
                runs.append((self.missing, self.missing))
        return runs

    def express(self, fact: str, values: ValueSet) -> Conjunction:
        """Return tests on the band that hold just when the number is in the set; none if that needs alternatives."""
        runs = self.runs(values)
        holes = _holes(runs)
        if holes is None:
            return ()
        first, last = runs[0][0], runs[-1][1]
        if first == last:
            return (Atom("==", fact, first),)
        atoms = [Atom("$neq", fact, hole) for hole in holes]
        if first > 0:
            atoms.append(Atom("$gte", fact, first))
        if last < self.last:
            atoms.append(Atom("$lte", fact, last))
        return tuple(atoms)


def _holes(runs: Sequence[Run]) -> list[int] | None:
    """Return the bands between runs that are one band apart; None if some are further apart, or there is no run."""
    if not runs or any(following[0] != run[1] + 2 for run, following in itertools.pairwise(runs)):
        return None
    return [last + 1 for _, last in runs[:-1]]


def _numbers(values: ValueSet) -> IntegerSet:
    if not isinstance(values, IntegerSet):
        raise MixedKindsError(IntegerSet, values)
    return values
