"""Regions as a table of bits: for each class of each fact's values, the boxes that allow it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate
from typing import TypeAlias

from engine.conditions.boxes import Box, Point, Region, keys_of
from engine.conditions.classes import Classes, IntegerClasses, WordClasses, divide
from engine.conditions.sets import Dimension, ValueSet
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers

# Facts that keep a point out of boxes, and these as bits.
Bars: TypeAlias = tuple[tuple[str, int], ...]


class BitmapTable:
    """Answers which regions contain a point, and which facts keep it out of their boxes.

    Bit i of a mask stands for box i; boxes are numbered through all regions in order. What the `settled` facts leave
    can be asked once, for many points that differ in the others only.
    """

    def __init__(
        self, regions: Sequence[Region], dimensions: Mapping[str, Dimension], settled: AbstractSet[str] = frozenset()
    ) -> None:
        boxes = [box for region in regions for box in region]
        self._owners = [index for index, region in enumerate(regions) for _ in region]
        self._regions = list(regions)
        self._starts = list(accumulate((len(region) for region in regions), initial=0))
        self._settled = _Columns(len(boxes))
        self._others = _Columns(len(boxes))
        for key in keys_of(regions):
            columns = self._settled if key in settled else self._others
            columns.add(key, dimensions[key], boxes)

    def narrow(self, point: Point) -> int:
        """Return the boxes that the settled facts leave, to be handed on to `matching`."""
        return self._settled.holding(point)

    def first(self, point: Point) -> int | None:
        """Return the index of the first region that contains the point; a fact that is not given is missing.

        Raises UnfitValue for a value that its fact cannot have.
        """
        holding = self._settled.holding(point) & self._others.holding(point)
        return self._owners[(holding & -holding).bit_length() - 1] if holding else None

    def matching(self, point: Point, narrowed: int | None = None) -> int:
        """Return an integer whose bit i is set when region i contains the point."""
        holding = self._others.holding(point) & (self.narrow(point) if narrowed is None else narrowed)
        found = 0
        while holding:
            lowest = holding & -holding
            found |= 1 << self._owners[lowest.bit_length() - 1]
            holding ^= lowest
        return found

    def bars(self, point: Point) -> Bars:
        """Return which facts keep the point out of which boxes, to be handed on to `misfits`."""
        bars = [bar for columns in (self._settled, self._others) for bar in columns.barred(point)]
        return tuple(sorted(bar for bar in bars if bar[1]))

    def misfits(self, index: int, bars: Bars) -> Iterator[tuple[Box, list[str]]]:
        """Yield each box of a region with the facts that keep the point out of it, sorted."""
        start, region = self._starts[index], self._regions[index]
        mask = (1 << len(region)) - 1
        here = [(key, bits >> start & mask) for key, bits in bars]
        for number, box in enumerate(region):
            yield box, [key for key, bits in here if bits >> number & 1]


class _Columns:
    """For each of some facts, which boxes allow each of its values.

    What is usual is read in place, without a call; the last of each tuple answers for the rest, or refuses it.
    """

    def __init__(self, box_count: int) -> None:
        self._all = (1 << box_count) - 1
        self._words: list[tuple[str, WordAnswers[int] | BooleanAnswers[int]]] = []
        self._numbers: list[tuple[str, int, int, Sequence[int], Sequence[int], int | None, BandAnswers[int]]] = []
        self._truths: list[tuple[str, int, int, BooleanAnswers[int]]] = []

    def add(self, key: str, dimension: Dimension, boxes: Sequence[Box]) -> None:
        """Take in which boxes allow each value of the fact."""
        classes = divide(dimension, [box.sides[key] for box in boxes if key in box.sides])
        masks = _transpose(classes, [box.sides.get(key) for box in boxes])
        if isinstance(classes, WordClasses):
            named = dict(zip(classes.named, masks, strict=False))
            self._words.append((key, WordAnswers(dimension, named, others=masks[-2], missing=masks[-1])))
        elif isinstance(classes, IntegerClasses):
            bounds, answers = IntegerBounds(dimension), BandAnswers(dimension, classes.starts, masks)
            missing = masks[-1] if dimension.universe.missing else None
            self._numbers.append((key, bounds.low, bounds.high, classes.starts, masks, missing, answers))
        else:
            truths = BooleanAnswers(dimension, masks)
            if {True, False} <= truths.known.keys():
                self._truths.append((key, truths.known[True], truths.known[False], truths))
            else:
                self._words.append((key, truths))

    def holding(self, point: Point) -> int:
        """Return the boxes that allow the point's values of these facts."""
        get = point.get
        holding = self._all
        for key, words in self._words:
            holding &= words[get(key)]
        for key, yes, no, truths in self._truths:
            value = get(key)
            holding &= yes if value is True else no if value is False else truths[value]
        for key, low, high, starts, masks, missing, bands in self._numbers:
            value = get(key)
            if type(value) is int and low <= value <= high:
                holding &= masks[bisect_right(starts, value)]
            elif value is None and missing is not None:
                holding &= missing
            else:
                holding &= bands[value]
        return holding

    def barred(self, point: Point) -> Iterator[tuple[str, int]]:
        """Yield for each fact the boxes that the point's value keeps it out of."""
        for key, words in self._words:
            yield key, self._all & ~words[point.get(key)]
        for key, _, _, truths in self._truths:
            yield key, self._all & ~truths[point.get(key)]
        for key, *_, bands in self._numbers:
            yield key, self._all & ~bands[point.get(key)]


def _transpose(classes: Classes, sides: Sequence[ValueSet | None]) -> list[int]:
    """Return for each class the boxes that allow it."""
    masks = [0] * classes.width
    for number, values in enumerate(sides):
        allowed = classes.full if values is None else classes.mask(values)
        bit = 1 << number
        while allowed:
            lowest = allowed & -allowed
            masks[lowest.bit_length() - 1] |= bit
            allowed ^= lowest
    return masks
