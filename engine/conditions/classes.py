"""The classes of one fact's values that a collection of sets cannot tell apart, as bits of an integer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TypeAlias

from engine.conditions.sets import (
    BooleanSet,
    Dimension,
    IntegerSet,
    Interval,
    MixedKindsError,
    Value,
    ValueSet,
    WordSet,
    integers,
)


class IntegerClasses:
    """Bands between thresholds in rising order; "missing" is the last class."""

    def __init__(self, universe: IntegerSet, sets: Iterable[ValueSet]) -> None:
        """Cut the line at the ends of every interval of the sets and of the universe."""
        starts: set[int] = set()
        for values in (universe, *sets):
            for low, high in _as_integers(values).intervals:
                if low is not None:
                    starts.add(low)
                if high is not None:
                    starts.add(high + 1)
        self.starts = sorted(starts)
        self._missing = 1 << (len(starts) + 1)
        self.width = len(starts) + 2
        self.full = self.mask(universe)

    def mask(self, values: ValueSet) -> int:
        """Return the classes of a set that was among those given, as bits."""
        found = self._missing if values.missing else 0
        for low, high in _as_integers(values).intervals:
            first = 0 if low is None else bisect_right(self.starts, low)
            past = len(self.starts) + 1 if high is None else bisect_left(self.starts, high + 1) + 1
            found |= (1 << past) - (1 << first)
        return found

    def combine(self, mask: int) -> IntegerSet:
        """Return the set whose classes are these bits."""
        bands: list[Interval] = []
        rest = mask & (self._missing - 1)
        while rest:  # a run of classes at a time
            first = (rest & -rest).bit_length() - 1
            past = first + (~(rest >> first) & ((rest >> first) + 1)).bit_length() - 1
            low = self.starts[first - 1] if first else None
            high = self.starts[past - 1] - 1 if past <= len(self.starts) else None
            bands.append((low, high))
            rest = rest >> past << past
        return integers(*bands, missing=bool(mask & self._missing))

    def index(self, value: Value) -> int:
        """Return the number of the bit of a value's class."""
        if value is None:
            return self.width - 1
        if type(value) is not int:
            raise TypeError(f"an integer is needed, not {value!r}")
        return bisect_right(self.starts, value)


class WordClasses:
    """Each word that is named, all others together, and "missing" last."""

    def __init__(self, universe: WordSet, sets: Iterable[ValueSet]) -> None:
        """Name the words of every set."""
        named: set[str] = set(universe.words) if universe.cofinite else set()
        for values in sets:
            named |= _as_words(values).words
        self.named = sorted(named)
        self._numbers = {word: number for number, word in enumerate(self.named)}
        self._universe = universe
        self._others = 1 << len(named)
        self._missing = 2 << len(named)
        self.width = len(named) + 2
        self.full = self._full()

    def _full(self) -> int:
        universe = self._universe
        full = sum(1 << number for word, number in self._numbers.items() if universe.contains(word))
        if universe.cofinite or universe.words - self._numbers.keys():
            full |= self._others
        return full | (self._missing if universe.missing else 0)

    def mask(self, values: ValueSet) -> int:
        """Return the classes of a set that was among those given, as bits."""
        found = 0
        words = _as_words(values)
        for word in words.words:
            found |= 1 << self._numbers[word]
        if words.cofinite:
            found ^= (self._others << 1) - 1
        return found | (self._missing if values.missing else 0)

    def combine(self, mask: int) -> WordSet:
        """Return the set whose classes are these bits."""
        missing = bool(mask & self._missing)
        if mask & self._others:
            absent = frozenset(word for word, number in self._numbers.items() if not mask >> number & 1)
            return self._universe.intersection(WordSet(words=absent, cofinite=True, missing=missing))
        named = frozenset(word for word, number in self._numbers.items() if mask >> number & 1)
        return WordSet(words=named, missing=missing)

    def index(self, value: Value) -> int:
        """Return the number of the bit of a value's class."""
        if value is None:
            return self.width - 1
        if not isinstance(value, str):
            raise TypeError(f"a word is needed, not {value!r}")
        return self._numbers.get(value, self.width - 2)


class BooleanClasses:
    """False, true, "missing"."""

    width = 3

    def __init__(self, universe: BooleanSet) -> None:
        """Take what the fact can be."""
        self.full = self.mask(universe)

    def mask(self, values: ValueSet) -> int:
        """Return the classes of a set, as bits."""
        if not isinstance(values, BooleanSet):
            raise MixedKindsError(self, values)
        return sum(1 << value for value in values.values) | (4 if values.missing else 0)

    def combine(self, mask: int) -> BooleanSet:
        """Return the set whose classes are these bits."""
        values = frozenset(value for value in (False, True) if mask >> value & 1)
        return BooleanSet(values=values, missing=bool(mask & 4))

    def index(self, value: Value) -> int:
        """Return the number of the bit of a value's class."""
        if value is None:
            return 2
        if not isinstance(value, bool):
            raise TypeError(f"a boolean is needed, not {value!r}")
        return int(value)


Classes: TypeAlias = IntegerClasses | WordClasses | BooleanClasses


def divide(dimension: Dimension, sets: Iterable[ValueSet]) -> Classes:
    """Return the classes of the dimension's values that the sets tell apart."""
    universe = dimension.universe
    if isinstance(universe, IntegerSet):
        return IntegerClasses(universe, sets)
    if isinstance(universe, WordSet):
        return WordClasses(universe, sets)
    return BooleanClasses(universe)


def _as_integers(values: ValueSet) -> IntegerSet:
    if not isinstance(values, IntegerSet):
        raise MixedKindsError(IntegerSet, values)
    return values


def _as_words(values: ValueSet) -> WordSet:
    if not isinstance(values, WordSet):
        raise MixedKindsError(WordSet, values)
    return values
