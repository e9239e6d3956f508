"""Few and wide boxes for a region: what cannot happen is taken out, and used to say the rest in fewer words."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.conditions.boxes import BudgetExceeded, Dimensions, Packing, Region, Steps, keys_of

# More boxes than these are not made readable by making them wider.
_MOST_WIDENED = 40
Order: TypeAlias = Callable[[str], tuple[bool, str]]
_STEPS = 20_000


def is_within(region: Region, other: Region, dimensions: Dimensions) -> bool:
    """Tell whether every point of a region is in the other; false where that cannot be said in the budget."""
    packing = Packing([*region, *other], dimensions)
    covers = [packing.pack(box) for box in other]
    try:
        return all(_is_covered(packing, packing.pack(box), covers, Steps(_STEPS)) for box in region)
    except BudgetExceeded:
        return False


def widen_all(region: Region, nothing: Region, dimensions: Dimensions, steps: Steps, *, order: Order) -> Region:
    """Return as few and as wide boxes as are easily found; they hold the region, and beyond it only ``nothing``.

    ``order`` sorts the sides that are tried. When the steps run out, the boxes stay as narrow as they are.
    """
    if not region:
        return region
    packing = Packing([*region, *nothing], dimensions)
    impossible = [packing.pack(box) for box in nothing]
    found = packing.absorb(packing.merge([packing.pack(box) for box in region]))
    if len(found) <= _MOST_WIDENED:
        found = _Widening(packing, found, impossible, steps).run(sorted(keys_of([region]), key=order))
    return packing.unpack_all(sorted(found, key=int.bit_count, reverse=True))


class _Widening:
    """Boxes grown side by side within their union, then thinned out."""

    def __init__(self, packing: Packing, boxes: Sequence[int], impossible: Sequence[int], steps: Steps) -> None:
        self._packing = packing
        self._boxes = list(boxes)
        self._impossible = list(impossible)
        self._steps = steps

    def run(self, keys: Sequence[str]) -> list[int]:
        wide = self._boxes
        try:
            wide = [self._widen(box, keys) for box in self._boxes]
            return self._thin(self._packing.absorb(self._packing.merge(wide)))
        except BudgetExceeded:
            return self._boxes

    def _widen(self, box: int, keys: Sequence[str]) -> int:
        covers = [*self._boxes, *self._impossible]
        for key in keys:
            wider = self._packing.open_side(box, key)
            if wider != box and _is_covered(self._packing, self._packing.added(box, wider), covers, self._steps):
                box = wider
        return box

    def _thin(self, boxes: list[int]) -> list[int]:
        """Leave out boxes that the others hold together, the smallest first."""
        kept = list(boxes)
        for box in sorted(boxes, key=int.bit_count):
            others = [other for other in kept if other != box]
            if others and _is_covered(self._packing, box, [*others, *self._impossible], self._steps):
                kept = others
        return kept


def _is_covered(packing: Packing, box: int, covers: Sequence[int], steps: Steps) -> bool:
    return packing.find_uncovered(box, covers, steps) is None
