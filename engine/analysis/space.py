"""Boxes packed together, so that all checks of an edition share one division of its facts and one budget."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from engine.conditions.boxes import Box, Dimensions, Packing, Steps

Packed: TypeAlias = tuple[int, ...]


class _Meter(Steps):
    """Steps that count for as many comparisons as they make at most."""

    comparisons = 1

    def spend(self) -> None:
        """Take one step."""
        self._left -= self.comparisons - 1
        super().spend()


class Space(Packing):
    """Unions of boxes as tuples of integers; every set of values asked about must be among the boxes given at first.

    The budget counts comparisons of boxes, of all searches together; one that needs more raises BudgetExceeded.
    """

    def __init__(self, boxes: Iterable[Box], dimensions: Dimensions, *, budget: int) -> None:
        super().__init__(tuple(boxes), dimensions)
        self._meter = _Meter(budget)

    def pack_all(self, region: Iterable[Box]) -> Packed:
        """Return a region's boxes that are not empty."""
        return self.common([self.pack(box) for box in region], (self.everything,))

    def common(self, left: Sequence[int], right: Sequence[int]) -> Packed:
        """Return the boxes of the points in both."""
        return tuple(both for one in left for other in right if (both := self.meet(one, other)) is not None)

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
        """Yield, as they are found, boxes of what no cover holds."""
        for box in boxes:
            self._meter.comparisons = len(covers) + 1
            yield from self.uncovered(box, covers, self._meter)

    def first_rest(self, boxes: Iterable[int], covers: Sequence[int]) -> int | None:
        """Return one box of what no cover holds, or None if the covers hold all."""
        return next(self.rest(boxes, covers), None)

    def is_covered(self, boxes: Iterable[int], covers: Sequence[int]) -> bool:
        """Tell whether the covers hold every point of the boxes."""
        return self.first_rest(boxes, covers) is None

    def widen(self, box: int, whole: int, covers: Sequence[int]) -> int:
        """Return a box within the whole that meets none of the covers, with as many sides let go as can be."""
        for field in self._fields.values():
            wider = box | whole & field
            if wider != box and not any(self.meet(wider, cover) is not None for cover in covers):
                box = wider
        return box

    def name_covers(self, boxes: Sequence[int], covers: Sequence[tuple[str, Packed]], always: Packed) -> list[str]:
        """Return the names of few covers that, with those that always count, hold every point of the boxes.

        No name of those returned could be left out.
        """
        kept = [(name, met) for name, packed in covers if (met := tuple(c for c in packed if self.common(boxes, (c,))))]
        for each in reversed(kept):
            fewer = [other for other in kept if other is not each]
            if self.is_covered(boxes, (*always, *(c for _, packed in fewer for c in packed))):
                kept = fewer
        return [name for name, _ in kept]
