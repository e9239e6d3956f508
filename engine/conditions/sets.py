"""Sets of values for one fact, "missing" being a value of its own."""

from __future__ import annotations

from itertools import count
from typing import Literal, TypeAlias

import msgspec

Value: TypeAlias = int | str | bool | None
Interval: TypeAlias = tuple[int | None, int | None]
Kind: TypeAlias = Literal["integer", "word", "boolean"]

# The language bounds integers, days, amounts and decimals so that no runtime rounds them.
INTEGER_LIMIT = 2**53


class MixedKindsError(TypeError):
    """Sets of two kinds were combined."""

    def __init__(self, left: object, right: object) -> None:
        super().__init__(f"cannot combine {type(left).__name__} with {type(right).__name__}")


class IntegerSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """A union of closed intervals, sorted and never touching; an end of None is unbounded.

    Build it with `integers`, which brings any intervals into this form.
    """

    intervals: tuple[Interval, ...]
    missing: bool = False

    def union(self, other: ValueSet) -> IntegerSet:
        """Return the values in either set."""
        if not isinstance(other, IntegerSet):
            raise MixedKindsError(self, other)
        return integers(*self.intervals, *other.intervals, missing=self.missing or other.missing)

    def intersection(self, other: ValueSet) -> IntegerSet:
        """Return the values in both sets."""
        if not isinstance(other, IntegerSet):
            raise MixedKindsError(self, other)
        return IntegerSet(
            intervals=_overlap(self.intervals, other.intervals),
            missing=self.missing and other.missing,
        )

    def difference(self, other: ValueSet) -> IntegerSet:
        """Return the values of this set that the other lacks."""
        if not isinstance(other, IntegerSet):
            raise MixedKindsError(self, other)
        return IntegerSet(
            intervals=_overlap(self.intervals, _flip(other.intervals)),
            missing=self.missing and not other.missing,
        )

    def is_subset(self, other: ValueSet) -> bool:
        """Tell whether every value of this set is in the other."""
        return self.difference(other).is_empty()

    def is_empty(self) -> bool:
        """Tell whether no value is in the set."""
        return not self.intervals and not self.missing

    def contains(self, value: Value) -> bool:
        """Tell whether the value, None being "missing", is in the set."""
        if value is None:
            return self.missing
        if type(value) is not int:
            return False
        return any((low is None or low <= value) and (high is None or value <= high) for low, high in self.intervals)

    def size(self) -> int | None:
        """Count the values, "missing" included; None when there are infinitely many."""
        total = int(self.missing)
        for low, high in self.intervals:
            if low is None or high is None:
                return None
            total += high - low + 1
        return total

    def witness(self) -> int | None:
        """Return the present value nearest to 0, or None for "missing".

        Raises ValueError on the empty set.
        """
        if self.intervals:
            nearest = [_nearest_to_zero(interval) for interval in self.intervals]
            return min(nearest, key=lambda value: (abs(value), -value))
        _require_missing(self)
        return None


class WordSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Exactly the given words or, when cofinite, every word but those."""

    words: frozenset[str]
    cofinite: bool = False
    missing: bool = False

    def union(self, other: ValueSet) -> WordSet:
        """Return the values in either set."""
        if not isinstance(other, WordSet):
            raise MixedKindsError(self, other)
        missing = self.missing or other.missing
        if self.cofinite and other.cofinite:
            return WordSet(words=self.words & other.words, cofinite=True, missing=missing)
        if self.cofinite:
            return WordSet(words=self.words - other.words, cofinite=True, missing=missing)
        if other.cofinite:
            return WordSet(words=other.words - self.words, cofinite=True, missing=missing)
        return WordSet(words=self.words | other.words, missing=missing)

    def intersection(self, other: ValueSet) -> WordSet:
        """Return the values in both sets."""
        if not isinstance(other, WordSet):
            raise MixedKindsError(self, other)
        missing = self.missing and other.missing
        if self.cofinite and other.cofinite:
            return WordSet(words=self.words | other.words, cofinite=True, missing=missing)
        if self.cofinite:
            return WordSet(words=other.words - self.words, missing=missing)
        if other.cofinite:
            return WordSet(words=self.words - other.words, missing=missing)
        return WordSet(words=self.words & other.words, missing=missing)

    def difference(self, other: ValueSet) -> WordSet:
        """Return the values of this set that the other lacks."""
        if not isinstance(other, WordSet):
            raise MixedKindsError(self, other)
        return self.intersection(WordSet(words=other.words, cofinite=not other.cofinite, missing=not other.missing))

    def is_subset(self, other: ValueSet) -> bool:
        """Tell whether every value of this set is in the other."""
        return self.difference(other).is_empty()

    def is_empty(self) -> bool:
        """Tell whether no value is in the set."""
        return not self.words and not self.cofinite and not self.missing

    def contains(self, value: Value) -> bool:
        """Tell whether the value, None being "missing", is in the set."""
        if value is None:
            return self.missing
        if not isinstance(value, str):
            return False
        return (value in self.words) is not self.cofinite

    def size(self) -> int | None:
        """Count the values, "missing" included; None when there are infinitely many."""
        return None if self.cofinite else len(self.words) + int(self.missing)

    def witness(self) -> str | None:
        """Return the first word, or a fresh one for a cofinite set, or None for "missing".

        Raises ValueError on the empty set.
        """
        if self.cofinite:
            candidates = (f"other-{number}" if number > 1 else "other" for number in count(1))
            return next(word for word in candidates if word not in self.words)
        if self.words:
            return min(self.words)
        _require_missing(self)
        return None


class BooleanSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Some of true, false and "missing"."""

    values: frozenset[bool]
    missing: bool = False

    def union(self, other: ValueSet) -> BooleanSet:
        """Return the values in either set."""
        if not isinstance(other, BooleanSet):
            raise MixedKindsError(self, other)
        return BooleanSet(values=self.values | other.values, missing=self.missing or other.missing)

    def intersection(self, other: ValueSet) -> BooleanSet:
        """Return the values in both sets."""
        if not isinstance(other, BooleanSet):
            raise MixedKindsError(self, other)
        return BooleanSet(values=self.values & other.values, missing=self.missing and other.missing)

    def difference(self, other: ValueSet) -> BooleanSet:
        """Return the values of this set that the other lacks."""
        if not isinstance(other, BooleanSet):
            raise MixedKindsError(self, other)
        return BooleanSet(values=self.values - other.values, missing=self.missing and not other.missing)

    def is_subset(self, other: ValueSet) -> bool:
        """Tell whether every value of this set is in the other."""
        return self.difference(other).is_empty()

    def is_empty(self) -> bool:
        """Tell whether no value is in the set."""
        return not self.values and not self.missing

    def contains(self, value: Value) -> bool:
        """Tell whether the value, None being "missing", is in the set."""
        if value is None:
            return self.missing
        return isinstance(value, bool) and value in self.values

    def size(self) -> int:
        """Count the values, "missing" included."""
        return len(self.values) + int(self.missing)

    def witness(self) -> bool | None:
        """Return false before true, or None for "missing".

        Raises ValueError on the empty set.
        """
        if self.values:
            return min(self.values)
        _require_missing(self)
        return None


ValueSet: TypeAlias = IntegerSet | WordSet | BooleanSet


class Dimension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact as an axis: its key, its kind and all the values it can have."""

    key: str
    kind: Kind
    universe: ValueSet

    def complement(self, values: ValueSet) -> ValueSet:
        """Return the values of the universe that are not in the set."""
        return self.universe.difference(values)

    @property
    def present(self) -> ValueSet:
        """Return every value but "missing"."""
        return msgspec.structs.replace(self.universe, missing=False)

    def is_universe(self, values: ValueSet) -> bool:
        """Tell whether the set holds every value the fact can have."""
        return self.universe.is_subset(values)


def is_only_missing(values: ValueSet) -> bool:
    """Tell whether "missing" is the set's only value."""
    return values.missing and values.size() == 1


def integers(*intervals: Interval, missing: bool = False) -> IntegerSet:
    """Return the set of all integers in the closed intervals, given in any order; None is an open end."""
    merged: list[Interval] = []
    kept = [(low, high) for low, high in intervals if low is None or high is None or low <= high]
    for low, high in sorted(kept, key=lambda interval: (interval[0] is not None, interval[0] or 0)):
        if merged and _reaches(merged[-1][1], low):
            last_low, last_high = merged[-1]
            merged[-1] = (last_low, None if last_high is None or high is None else max(last_high, high))
        else:
            merged.append((low, high))
    return IntegerSet(intervals=tuple(merged), missing=missing)


def words(*values: str, missing: bool = False) -> WordSet:
    """Return the set of exactly these words."""
    return WordSet(words=frozenset(values), missing=missing)


def words_except(*values: str, missing: bool = False) -> WordSet:
    """Return the set of every word but these."""
    return WordSet(words=frozenset(values), cofinite=True, missing=missing)


def booleans(*values: bool, missing: bool = False) -> BooleanSet:
    """Return the set of these truth values."""
    return BooleanSet(values=frozenset(values), missing=missing)


YES, NO = booleans(*(True,)), booleans(*(False,))
EITHER = booleans(*(False, True))


def _reaches(high: int | None, low: int | None) -> bool:
    """Tell whether an interval that ends at `high` overlaps or touches a later one that begins at `low`."""
    return high is None or low is None or low <= high + 1


def _overlap(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        (left_low, left_high), (right_low, right_high) = left[i], right[j]
        low = right_low if left_low is None else left_low if right_low is None else max(left_low, right_low)
        high = right_high if left_high is None else left_high if right_high is None else min(left_high, right_high)
        if low is None or high is None or low <= high:
            found.append((low, high))
        if right_high is None or (left_high is not None and left_high < right_high):
            i += 1
        else:
            j += 1
    return tuple(found)


def _flip(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Return the integers outside sorted, separate intervals."""
    gaps: list[Interval] = []
    begin: int | None = None
    for low, high in intervals:
        if low is not None:
            gaps.append((begin, low - 1))
        if high is None:
            return tuple(gaps)
        begin = high + 1
    return (*gaps, (begin, None))


def _nearest_to_zero(interval: Interval) -> int:
    low, high = interval
    if low is not None and low > 0:
        return low
    if high is not None and high < 0:
        return high
    return 0


def _require_missing(values: ValueSet) -> None:
    if not values.missing:
        raise ValueError("the empty set has no witness")
