"""Boxes packed together, so that all checks of an edition share one division of its facts and one budget."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from engine.conditions.boxes import Box, BudgetExceeded, Dimensions, Packing, Steps

Packed: TypeAlias = tuple[int, ...]
_QUESTIONS_A_BUDGET = 20
_BITS_A_COMPARISON = 2_000


class Meter(Steps):
    """A budget of comparisons for all questions about an edition, of whose rest each question may take a part.

    A comparison counts for the more the wider the boxes are: once for each so many bits.
    """

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self._floor = 0
        self._weight = 1

    @property
    def is_spent(self) -> bool:
        """Tell whether so little is left that no question is begun any more."""
        return self._left < self._budget // _QUESTIONS_A_BUDGET

    def begin(self, bits: int = 0) -> None:
        """Begin another question about boxes of so many bits."""
        self._floor = self._left - self._left // _QUESTIONS_A_BUDGET
        self._weight = 1 + bits // _BITS_A_COMPARISON

    def spend(self, comparisons: int = 1) -> None:
        """Take as many steps as comparisons; raises BudgetExceeded when the question has none left."""
        self._left -= comparisons * self._weight
        if self._left < self._floor:
            raise BudgetExceeded(self._budget)


class Space(Packing):
    """Unions of boxes as tuples of integers; every set of values asked about must be among the boxes given at first.

    A question that needs more than its part of the budget, or of what is left of it, raises BudgetExceeded.
    """

    def __init__(self, boxes: Iterable[Box], dimensions: Dimensions, *, meter: Meter) -> None:
        super().__init__(tuple(boxes), dimensions)
        self.meter = meter

    @property
    def fields(self) -> list[int]:
        """Return the bits of each fact."""
        return list(self._fields.values())

    def pack_all(self, region: Iterable[Box]) -> Packed:
        """Return a region's boxes that are not empty."""
        return self.common([self.pack(box) for box in region], (self.everything,))

    def common(self, left: Sequence[int], right: Sequence[int]) -> Packed:
        """Return the boxes of the points in both."""
        ones, spares = self._ones, self._spares
        return tuple(both for one in left for other in right if ((both := one & other) + ones) & spares == spares)

    def split(self, covers: Iterable[int]) -> tuple[int, Packed]:
        """Return the box outside all covers that have one side only, and the other covers."""
        outside, others = self.everything, []
        for cover in covers:
            sides = self._open_sides(self.everything, cover)
            if sides.bit_count() == 1:
                outside &= ~(cover & self._fields[sides])
            else:
                others.append(cover)
        return outside, tuple(others)

    def rest(self, boxes: Iterable[int], covers: Sequence[int]) -> Iterator[int]:
        """Yield, as they are found, boxes of what no cover holds; those that come from one box are disjoint."""
        self.meter.begin(self.everything.bit_length())
        for box in boxes:
            yield from self.uncovered(box, covers, self.meter)

    def first_rest(self, boxes: Iterable[int], covers: Sequence[int]) -> int | None:
        """Return one box of what no cover holds, or None if the covers hold all."""
        self.meter.begin(self.everything.bit_length())
        found = (self.find_uncovered(box, covers, self.meter) for box in boxes)
        return next((box for box in found if box is not None), None)

    def is_covered(self, boxes: Iterable[int], covers: Sequence[int]) -> bool:
        """Tell whether the covers hold every point of the boxes."""
        return self.first_rest(boxes, covers) is None

    def widen(self, box: int, whole: int, covers: Sequence[int]) -> int:
        """Return a box within the whole that meets none of the covers, with as many sides let go as can be."""
        apart = [self._list_apart(box, cover) for cover in covers]
        kept_by: dict[int, list[int]] = {}
        for index, spares in enumerate(apart):
            for spare in spares:
                kept_by.setdefault(spare, []).append(index)
        for spare, field in self._fields.items():
            added = whole & field & ~box
            touched = [index for index in kept_by.get(spare, ()) if covers[index] & added] if added else []
            if added and all(len(apart[index]) > 1 for index in touched):
                box |= added
                for index in touched:
                    apart[index].discard(spare)
        return box

    def _list_apart(self, box: int, cover: int) -> set[int]:
        """Return the fields, by their spare bits, of which a box and a cover share no value."""
        rest, found = self._spares & ~((box & cover) + self._ones), set()
        while rest:
            lowest = rest & -rest
            found.add(lowest)
            rest ^= lowest
        return found

    def name_covers(self, boxes: Sequence[int], covers: Sequence[tuple[str, Packed]], always: Packed) -> list[str]:
        """Return the names of few covers that, with those that always count, hold every point of the boxes.

        No name of those returned could be left out.
        """
        kept = [(name, met) for name, packed in covers if (met := tuple(c for c in packed if self.common(boxes, (c,))))]
        for each in reversed(kept):
            fewer = [other for other in kept if other is not each]
            if self.is_covered(boxes, (*always, *(c for _, packed in fewer for c in packed))):
                kept = fewer
        return list(dict.fromkeys(name for name, _ in kept))


class PackedBox(msgspec.Struct, frozen=True, kw_only=True):
    """A packed box with the space that it is packed in."""

    space: Space
    packed: int

    @property
    def box(self) -> Box:
        """Return the box."""
        return self.space.unpack(self.packed)
