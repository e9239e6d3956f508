"""Regions as a table of bits: for each class of each fact's values, the boxes that allow it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from engine.conditions.boxes import Box, Point, Region, keys_of
from engine.conditions.classes import Classes, IntegerClasses, WordClasses, divide
from engine.conditions.sets import Dimension, ValueSet
from engine.network.values import BandAnswers, BooleanAnswers, IntegerBounds, WordAnswers


class BitmapTable:
    """Answers which regions contain a point, and which facts keep it out of one.

    Bit i of a mask stands for box i; boxes are numbered through all regions in order. What the `settled` facts leave
    can be asked once, for many points that differ in the others only.
    """

    def __init__(
        self, regions: Sequence[Region], dimensions: Mapping[str, Dimension], settled: AbstractSet[str] = frozenset()
    ) -> None:
        boxes = [box for region in regions for box in region]
        self._owners = [index for index, region in enumerate(regions) for _ in region]
        self._regions = list(regions)
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

    def unmet(self, index: int, point: Point) -> list[str]:
        """Return the facts that keep the point out of the region's box that the fewest facts exclude; [] if none."""
        excluding = [
            [key for key, values in box.sides.items() if not values.contains(point.get(key))]
            for box in self._regions[index]
        ]
        return min(excluding, key=len, default=[])


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
