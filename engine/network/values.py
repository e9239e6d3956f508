"""What a fact's value means to an executor: a table of answers, refusing what the fact cannot be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from engine.conditions.sets import INTEGER_LIMIT, Dimension, IntegerSet, Interval, Value, WordSet

Answer = TypeVar("Answer")


class UnfitValue(ValueError):
    """A value is of the wrong type, or not one that the fact can have."""

    def __init__(self, dimension: Dimension, value: object) -> None:
        super().__init__(f"{value!r} is not a value of {dimension.key}, which is of kind {dimension.kind}")
        self.key = dimension.key


class WordAnswers(dict[Value, Answer]):
    """One answer for each word that a rule names and one for all others; read it by `answers[value]`.

    A dictionary, so that a word that is named is found without a call.
    """

    def __init__(self, dimension: Dimension, named: Mapping[str, Answer], *, others: Answer, missing: Answer) -> None:
        universe = dimension.universe
        super().__init__({word: answer for word, answer in named.items() if universe.contains(word)})
        if isinstance(universe, WordSet) and not universe.cofinite:
            self.update(dict.fromkeys(universe.words - named.keys(), others))
        if universe.missing:
            self[None] = missing
        self._dimension = dimension
        self._others = others

    def __missing__(self, value: Value) -> Answer:
        if isinstance(value, str) and self._dimension.universe.contains(value):
            return self._others
        raise UnfitValue(self._dimension, value)


class BooleanAnswers(Generic[Answer]):
    """The answers for false, true and "missing"; read them by `answers[value]`.

    `known` has those of the values that the fact can have.
    """

    def __init__(self, dimension: Dimension, answers: Sequence[Answer]) -> None:
        self._dimension = dimension
        allowed = {False: answers[0], True: answers[1], None: answers[2]}
        self.known = {value: answer for value, answer in allowed.items() if dimension.universe.contains(value)}

    def __getitem__(self, value: Value) -> Answer:
        # Not a dictionary alone: to it, 1 is the same key as true.
        if (value is True or value is False or value is None) and value in self.known:
            return self.known[value]
        raise UnfitValue(self._dimension, value)


class IntegerBounds:
    """The check that a number is one the fact can be.

    Every number from `low` to `high` is; the range is empty where the fact's universe is not of one piece.
    """

    def __init__(self, dimension: Dimension) -> None:
        universe = dimension.universe
        pieces = [clip(piece) for piece in universe.intervals] if isinstance(universe, IntegerSet) else []
        self.low, self.high = pieces[0] if len(pieces) == 1 else (1, 0)
        self._pieces = pieces
        self._dimension = dimension

    def check(self, value: Value) -> int | None:
        """Return the value, or None for "missing", if the fact can be it."""
        if type(value) is int and any(low <= value <= high for low, high in self._pieces):
            return value
        if value is None and self._dimension.universe.missing:
            return None
        raise UnfitValue(self._dimension, value)


def clip(interval: Interval) -> tuple[int, int]:
    """Return the interval within the numbers that the language allows."""
    low, high = interval
    return (
        -INTEGER_LIMIT if low is None else max(low, -INTEGER_LIMIT),
        INTEGER_LIMIT if high is None else min(high, INTEGER_LIMIT),
    )


class BandAnswers(Generic[Answer]):
    """One answer for each band between thresholds, one for "missing" after them; read them by `answers[value]`."""

    def __init__(self, dimension: Dimension, starts: Sequence[int], answers: Sequence[Answer]) -> None:
        self._bounds = IntegerBounds(dimension)
        self._low, self._high = self._bounds.low, self._bounds.high
        self._starts = starts
        self._answers = answers

    def __getitem__(self, value: Value) -> Answer:
        if type(value) is not int or not self._low <= value <= self._high:
            value = self._bounds.check(value)
        return self._answers[-1 if value is None else bisect_right(self._starts, value)]
