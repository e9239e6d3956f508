"""Regions as masks: for each value of each coordinate, the boxes that allow it, bit i standing for box i.

The masks look ahead, explain, carry batches and check a sample of what durable_rules decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter, xor
from typing import TypeAlias

from engine.conditions.boxes import Box, Point, Region, bits_of
from engine.conditions.classes import Classes, IntegerClasses, WordClasses, divide
from engine.conditions.sets import Dimension, Value, ValueSet
from engine.coordinates.point import Point as LazyPoint
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

MOST_REMEMBERED = 4_096
# So few words and truth values are read as quickly as they are remembered.
FEW_WORDS = 8

# Coordinates that keep a point out of boxes, and these as bits.
Bars: TypeAlias = tuple[tuple[str, int], ...]


def reading_of(point: Point) -> Callable[[str], Value]:
    """Return what reads a point: one that reads its values when they are asked for does so itself, the quicker way."""
    return point.__getitem__ if type(point) is LazyPoint else point.get


class Column:
    """One coordinate: ``touched`` are the boxes that some value of it is kept out of, ``masks`` those of each class.

    A number's ``masks`` belong to the bands between ``starts``, in rising order.
    """

    def __init__(self, key: str, dimension: Dimension, sides: Mapping[int, ValueSet], everything: int) -> None:
        """Take what the boxes that ask about it allow, by their numbers, and all boxes as bits."""
        self.key = key
        self.classes = classes = divide(dimension, sides.values())
        self.touched, masks = _transpose(classes, sides, everything)
        self.starts: Sequence[int] = ()
        self.masks: Sequence[int] = masks
        self.bounds = IntegerBounds(dimension)
        self.missing = masks[-1] if dimension.universe.missing else None
        self.answers: WordAnswers[int] | BandAnswers[int] | BooleanAnswers[int]
        if isinstance(classes, WordClasses):
            named = dict(zip(classes.named, masks, strict=False))
            self.answers = WordAnswers(dimension, named, others=masks[-2], missing=masks[-1])
        elif isinstance(classes, IntegerClasses):
            self.starts = classes.starts
            self.answers = BandAnswers(dimension, classes.starts, masks)
        else:
            self.answers = BooleanAnswers(dimension, masks)

    def holding(self, value: Value) -> int:
        """Return the boxes that allow a value.

        Raises UnfitValue for a value that the coordinate cannot have.
        """
        if value is None and self.missing is not None:
            return self.missing
        if type(value) is int and self.bounds.low <= value <= self.bounds.high:
            return self.masks[bisect_right(self.starts, value)]
        return self.answers[value]


class Columns:
    """Some coordinates read together; what is usual is read in place, without a call.

    What words and truth values leave of the boxes hangs on nothing else, so it is remembered for those last met, where
    they are many.
    """

    def __init__(self, columns: Iterable[Column]) -> None:
        self._words: list[tuple[str, WordAnswers[int] | BooleanAnswers[int]]] = []
        self._numbers: list[tuple[str, int, int, Sequence[int], Sequence[int], int | None, BandAnswers[int]]] = []
        self._truths: list[tuple[str, int, int, BooleanAnswers[int]]] = []
        for each in columns:
            answers = each.answers
            if isinstance(answers, BandAnswers):
                bounds = each.bounds
                self._numbers.append(
                    (each.key, bounds.low, bounds.high, each.starts, each.masks, each.missing, answers)
                )
            elif isinstance(answers, BooleanAnswers) and {True, False} <= answers.known.keys():
                self._truths.append((each.key, answers.known[True], answers.known[False], answers))
            else:
                self._words.append((each.key, answers))
        keys = [key for key, *_ in (*self._words, *self._truths)]
        self._said = itemgetter(*keys) if len(keys) > FEW_WORDS else None
        self._left: dict[tuple[Value, ...], int] = {}

    def holding(self, point: Point, within: int) -> int:
        """Return which of some boxes allow the point's values.

        Raises UnfitValue for a value that a coordinate cannot have.
        """
        get = reading_of(point)
        holding = within & (self._read_words(get) if self._said is None else self._left_by_words(point, self._said))
        for key, low, high, starts, masks, missing, bands in self._numbers:
            value = get(key)
            if type(value) is int and low <= value <= high:
                holding &= masks[bisect_right(starts, value)]
            elif value is None and missing is not None:
                holding &= missing
            else:
                holding &= bands[value]
        return holding

    def _left_by_words(self, point: Point, say: Callable[[Point], tuple[Value, ...]]) -> int:
        get = reading_of(point)
        try:
            said = say(point)
        except KeyError:  # a coordinate that the point does not name is missing
            return self._read_words(get)
        left = self._left.get(said)
        if left is None:
            left = self._read_words(get)
            if len(self._left) >= MOST_REMEMBERED:
                self._left.clear()
            self._left[said] = left
        return left

    def _read_words(self, get: Callable[[str], Value]) -> int:
        left = -1
        for key, words in self._words:
            left &= words[get(key)]
        for key, yes, no, truths in self._truths:
            value = get(key)
            left &= yes if value is True else no if value is False else truths[value]
        return left


class MaskTable:
    """Some regions' boxes, numbered through all of them in order, and the columns of what they hang on."""

    def __init__(self, regions: Sequence[Region], dimensions: Mapping[str, Dimension]) -> None:
        boxes = [box for region in regions for box in region]
        self.everything = (1 << len(boxes)) - 1
        self.owners = [index for index, region in enumerate(regions) for _ in region]
        self.starts = list(accumulate((len(region) for region in regions), initial=0))
        self.columns = list_columns(boxes, dimensions)
        self._regions = list(regions)
        self._all = Columns(self.columns.values())

    def box(self, holding: int) -> Box:
        """Return the first of some boxes."""
        number = (holding & -holding).bit_length() - 1
        region = self.owners[number]
        return self._regions[region][number - self.starts[region]]

    def region_mask(self, first: int, past: int) -> int:
        """Return the boxes of some regions in a row."""
        return (1 << self.starts[past]) - (1 << self.starts[first])

    def holding(self, point: Point) -> int:
        """Return the boxes that hold a point; a coordinate that it does not name is missing.

        Raises UnfitValue for a value that a coordinate cannot have.
        """
        return self._all.holding(point, self.everything)

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point."""
        holding = self.holding(point)
        return self.owners[(holding & -holding).bit_length() - 1] if holding else None

    def matching(self, point: Point) -> int:
        """Return an integer whose bit i is set when region i contains the point."""
        found = 0
        for region in self.owners_of(self.holding(point)):
            found |= 1 << region
        return found

    def owners_of(self, holding: int) -> Iterator[int]:
        """Yield the index of the region of each of some boxes."""
        while holding:
            lowest = holding & -holding
            yield self.owners[lowest.bit_length() - 1]
            holding ^= lowest

    def bars(self, point: Point) -> Bars:
        """Return which coordinates keep the point out of which boxes, to be handed on to `misfits`."""
        barred = ((key, self.everything & ~column.holding(point.get(key))) for key, column in self.columns.items())
        return tuple(sorted(bar for bar in barred if bar[1]))

    def misfits(self, index: int, bars: Bars) -> Iterator[tuple[Box, list[str]]]:
        """Yield each box of a region with the coordinates that keep the point out of it, sorted."""
        start, region = self.starts[index], self._regions[index]
        mask = (1 << len(region)) - 1
        here = [(key, bits >> start & mask) for key, bits in bars]
        for number, box in enumerate(region):
            yield box, [key for key, bits in here if bits >> number & 1]


def list_columns(
    boxes: Sequence[Box], dimensions: Mapping[str, Dimension], keys: Container[str] | None = None
) -> dict[str, Column]:
    """Return the columns of what some boxes ask about, of all of it or of some keys, in the order of these."""
    sides: dict[str, dict[int, ValueSet]] = {}
    for number, box in enumerate(boxes):
        for key, values in box.sides.items():
            if keys is None or key in keys:
                sides.setdefault(key, {})[number] = values
    everything = (1 << len(boxes)) - 1
    return {key: Column(key, dimensions[key], sides[key], everything) for key in sorted(sides)}


def _transpose(classes: Classes, sides: Mapping[int, ValueSet], everything: int) -> tuple[int, list[int]]:
    """Return the boxes that ask, and for each class the boxes that allow it.

    Boxes are many and few of them ask about one coordinate: only those are gone through, and those alike together. Of
    each, only the first class of a row that it allows and the one after the row are looked at.
    """
    alike: dict[int, list[int]] = {}
    for number, values in sides.items():
        alike.setdefault(classes.mask(values), []).append(number)
    touched, turns = 0, [0] * (classes.width + 1)
    for allowed, numbers in alike.items():
        asking = _raise_bits(numbers)
        touched |= asking
        for turn in bits_of(allowed ^ allowed << 1):
            turns[turn.bit_length() - 1] ^= asking
    untouched, full = everything & ~touched, classes.full
    masks = accumulate(turns[: classes.width], xor)
    return touched, [mask | untouched if full >> place & 1 else mask for place, mask in enumerate(masks)]


def _raise_bits(numbers: Sequence[int]) -> int:
    """Return an integer with these bits, given in rising order."""
    first = numbers[0]
    found = bytearray((numbers[-1] - first) // 8 + 1)
    for number in numbers:
        found[(number - first) // 8] |= 1 << (number - first) % 8
    return int.from_bytes(found, "little") << first
