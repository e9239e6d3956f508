"""How boxes are written as rules of durable_rules, and a point as the event that asks about them.

Only the numbers are tested by the rules; an event names the rules whose words and truth values hold. A number is sent
as the number of the class that it lies in: numbers that no box tells apart have one class. These are small, in the
order of the numbers, and "missing" is the last, so every set of numbers is a few comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from sys import intern
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, Dimensions
from engine.conditions.classes import IntegerClasses
from engine.conditions.sets import Dimension, IntegerSet, MixedKindsError, ValueSet
from engine.network.atoms import Conjunction, express
from engine.network.names import FACTS
from engine.network.pool import Pool
from engine.network.values import BandAnswers, clip

# An event names so many rules at most, one by one: the first of them is mostly the one, and each costs a little.
MOST_NAMED = 8
# So few numbers are all sent, and need not be written again for the next event about the same point.
FEW_NUMBERS = 8
# How events begin is kept, for so many choices of a block's rules, some 2 MB; then it is written anew.
MOST_HEADS = 4_096

# How a number is written. What is usual is done in place, without a call: its key; where its classes begin; the text
# for each, "" for what it cannot be; the text for "missing"; what answers the rest, or refuses it.
Column: TypeAlias = tuple[str, Sequence[int], Sequence[str], str, BandAnswers[str]]
# How the event that asks about some boxes begins, the numbers that go with it, the boxes that the next asks about.
Head: TypeAlias = tuple[str, tuple[Column, ...], int]


class Numbers(dict[int, tuple[Column, ...]]):
    """The numbers that some boxes test: their names and classes, and how those are written that go with some boxes."""

    def __init__(self, keys: Iterable[str], boxes: Sequence[Box], dimensions: Dimensions) -> None:
        super().__init__()
        self._classes: dict[str, tuple[str, IntegerClasses]] = {}
        self._columns: dict[str, Column] = {}
        sides: dict[str, list[ValueSet]] = {key: [] for key in sorted(keys)}
        for box in boxes:
            for key in box.sides.keys() & sides.keys():
                sides[key].append(box.sides[key])
        for key, name in zip(sides, FACTS, strict=False):
            classes = _divide(dimensions[key], sides[key])
            self._classes[key] = name, classes
            self._columns[key] = _describe(dimensions[key], classes, name)
        self._has_few = len(self._columns) <= FEW_NUMBERS

    def test(self, box: Box) -> Conjunction:
        """Return a box's tests of numbers, the strictest first: what follows is tested only where they hold."""
        tests: list[tuple[float, Conjunction]] = []
        for key in box.sides.keys() & self._classes.keys():
            name, classes = self._classes[key]
            allowed = classes.mask(box.sides[key]) & classes.full
            share = allowed.bit_count() / classes.full.bit_count()
            tests.append((share, express(name, allowed, classes.full)))
        return tuple(atom for _, atoms in sorted(tests) for atom in atoms)

    def tested(self, box: Box) -> int:
        """Return the numbers that go with a box, as bits."""
        return sum(1 << place for place, key in enumerate(self._columns) if self._has_few or key in box.sides)

    def __missing__(self, tested: int) -> tuple[Column, ...]:
        columns = enumerate(self._columns.values())
        found = self[tested] = tuple(column for place, column in columns if tested >> place & 1)
        return found


class Block(dict[int, Head]):
    """Boxes in order of priority in one session; `block[boxes]` is how the event that asks about some of them begins.

    A dictionary, so that what was asked about before is found without a call. It is placed in a session when it is
    asked about for the first time, if not before: whoever does that holds the pool's lock.
    """

    match: Callable[[str], int | None]
    first: int

    def __init__(
        self, boxes: Sequence[Box], make_numbers: Callable[[], Numbers], pool: Pool, *, is_named: bool
    ) -> None:
        super().__init__()
        self._boxes = boxes
        self._make_numbers = make_numbers
        self._pool = pool
        self._is_named = is_named
        self._most_named = MOST_NAMED if is_named else len(boxes)
        # Of each box, as a bit: the texts that raise its flags, and the numbers that go with it.
        self._named: dict[int, tuple[str, str, int]] = {}

    def place(self) -> None:
        """Find a place for the boxes, where they have none."""
        if self._named:
            return
        self._numbers = numbers = self._make_numbers()
        place = self._pool.place(tuple(map(numbers.test, self._boxes)), is_named=self._is_named)
        self.match = place.session.match
        self.first = place.rule
        for number, box in enumerate(self._boxes):
            group, rule = place.flags(number)
            self._named[1 << number] = f',"{group}":1', f',"{rule}":1', numbers.tested(box)

    def __missing__(self, boxes: int) -> Head:
        self.place()
        if len(self) >= MOST_HEADS:
            self.clear()
        begin, tested, later = '{"id":"e"', 0, boxes
        last_group = last_rule = ""
        for _ in range(self._most_named):
            box = later & -later
            group, rule, numbers = self._named[box]
            if group != last_group:
                begin += group
            if rule != last_rule:
                begin += rule
            last_group, last_rule = group, rule
            tested |= numbers
            later ^= box
            if not later:
                break
        head = self[boxes] = intern(begin), self._numbers[tested], later
        return head


def _divide(dimension: Dimension, sides: Iterable[ValueSet]) -> IntegerClasses:
    """Return the classes of a number, those out of the language's bounds apart."""
    universe = dimension.universe
    if not isinstance(universe, IntegerSet):
        raise MixedKindsError(IntegerSet, universe)
    within = msgspec.structs.replace(universe, intervals=tuple(map(clip, universe.intervals)))
    return IntegerClasses(within, sides)


def _describe(dimension: Dimension, classes: IntegerClasses, name: str) -> Column:
    texts = _write_classes(name, classes.full, classes.width)
    return dimension.key, classes.starts, texts, texts[-1], BandAnswers(dimension, classes.starts, texts)


@lru_cache(maxsize=4_096)
def _write_classes(name: str, possible: int, width: int) -> tuple[str, ...]:
    """Return how each class of a number is written; lists share it, since what is read often is read fast."""
    return tuple(f',"{name}":{number}' if possible >> number & 1 else "" for number in range(width))
