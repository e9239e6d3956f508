"""Findings put as patches: few boxes, told with what goes before them and with what decides the same."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from engine.comparison.contrasting import Clash, Finder, Flat
from engine.conditions.boxes import EVERYTHING, Box, BudgetExceeded, Region, Steps

T = TypeVar("T")
# A patch is cut into so many boxes at most; what would take more stays among what it is told to be without.
_MOST_PIECES = 6
_STEPS_A_PATCH = 400
# Where an item has more patches than these, it is told as one, without those where the other side does the same.
_MOST_PATCHES = 4
_STEPS_AN_ITEM = 1_000


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Where item ``number`` of a side decides, and does the same: in ``region``, but not in ``unless``."""

    side: int
    number: int
    region: Region
    unless: Region


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """Points where two lists differ: those of ``region`` that are not in ``unless`` and that nothing has kept.

    ``before`` are the items, (side, number), whose boxes are in ``unless``; ``shown`` is a box of such points.
    """

    region: Region
    unless: Region
    before: tuple[tuple[int, int], ...]
    kept: tuple[Kept, ...] = ()
    shown: Box


class Patcher(Generic[T]):
    """Puts what a finder found as patches."""

    def __init__(self, finder: Finder[T]) -> None:
        """Take the finder, for what it has packed."""
        self._finder = finder
        self._packing = finder.packing
        self._flats = finder.flats

    def cut(self, clash: Clash) -> Patch:
        """Return all points of a clash as few boxes, and what goes before them on either side."""
        ends = clash.old, clash.new
        before = self._finder.before(*ends)
        common = {*self._flats[0].before(ends[0])} & {*self._flats[1].before(ends[1])}
        apart = {box for box in self._counterparts(clash) if box not in common}
        others = [box for box in before if box not in common and box not in apart]
        pieces: list[int] = []
        unless = dict.fromkeys(box for box in before if box in common)
        for space in clash.spaces:
            found, left = self._cut_space(space, [box for box in before if box in apart], _MOST_PIECES)
            unless.update(dict.fromkeys(left))
            for piece in found:
                more, left = self._cut_space(piece, others, 1)
                pieces += more
                unless.update(dict.fromkeys(left))
        return self._make(pieces, [*unless], ends, self._show(clash))

    def leave_whole(self, clash: Clash) -> Patch:
        """Return all points of a clash without taking anything out: quicker, and less readable."""
        ends = clash.old, clash.new
        return self._make(clash.spaces, self._finder.before(*ends), ends, clash.shown)

    def _counterparts(self, clash: Clash) -> Iterator[int]:
        """Yield the boxes of what decides on the other side as either item of a clash does: the same rule, mostly."""
        for side, number in enumerate((clash.old, clash.new)):
            for item in self._find_alike(side, number) or ():
                yield from self._flats[1 - side].of(item)

    def _show(self, clash: Clash) -> int:
        """Return a wider box of a clash than the one it was found by, if that takes few steps."""
        covers = [*self._finder.before(clash.old, clash.new), *self._finder.impossible]
        return self._widen(clash.spaces[0], covers, clash.shown)

    def _widen(self, space: int, covers: Sequence[int], guess: int) -> int:
        try:
            return self._packing.find_uncovered(space, covers, Steps(_STEPS_A_PATCH)) or guess
        except BudgetExceeded:
            return guess

    def cut_item(self, side: int, number: int) -> tuple[Patch, ...] | None:
        """Return all points where an item of one side decides and the other decides otherwise, as few patches.

        None where that takes many, or where another item decides the same in some points only.
        """
        alike = self._find_alike(side, number)
        return None if alike is None else self._cut_apart(side, number, alike)

    def leave_item(self, side: int, number: int, clash: Clash) -> Patch | None:
        """Return these points as the item's boxes without those that decide the same; ``clash`` is one of theirs.

        None where another item decides the same in some points only.
        """
        alike = self._find_alike(side, number)
        return None if alike is None else self._cut_whole(side, number, alike, self._show(clash))

    def _find_alike(self, side: int, number: int) -> list[int] | None:
        """Return the items of the other side that decide as this one does; None if one does so in some points only."""
        found: list[int] = []
        for other in range(self._flats[1 - side].count):
            differ = self._finder.lists.differ(*((number, other) if side == 0 else (other, number)))
            if differ and differ != EVERYTHING:
                return None
            if not differ:
                found.append(other)
        return found

    def _cut_apart(self, side: int, number: int, alike: Sequence[int]) -> tuple[Patch, ...] | None:
        """Return the points as patches in which nothing does the same; None where that is too much."""
        mine, theirs = self._flats[side], self._flats[1 - side]
        before = mine.before(number)
        own = [box for box in mine.of(number) if box not in set(before)]
        steps = Steps(_STEPS_AN_ITEM)
        found: list[tuple[dict[int, int], list[int]]] = []
        try:
            for spaces, taken in self._spread(own, theirs, alike):
                covers = [*before, *taken, *self._finder.impossible]
                points = {space: self._packing.find_point(space, covers, steps) for space in spaces}
                left = {space: point for space, point in points.items() if point is not None}
                if left and len(found) == _MOST_PATCHES:
                    return None
                if left:
                    found.append((left, taken))
        except BudgetExceeded:
            return None
        return tuple(self._cut_spaces(side, number, left, taken) for left, taken in found)

    def _cut_spaces(self, side: int, number: int, spaces: Mapping[int, int], taken: Sequence[int]) -> Patch:
        """Take boxes out of an item's spaces, that each have a point by which it was found, or else keep them apart."""
        before = self._flats[side].before(number)
        space, point = next(iter(spaces.items()))
        shown = self._widen(space, [*before, *taken, *self._finder.impossible], point)
        pieces: list[int] = []
        kept: dict[int, None] = {}
        for each in spaces:
            cut, left = self._cut_space(each, taken, _MOST_PIECES)
            pieces += cut
            kept.update(dict.fromkeys(left))
        patch = self._make(pieces, before, self._ends(side, number), shown)
        return msgspec.structs.replace(patch, kept=tuple(self._keep_boxes(1 - side, kept)))

    def _keep_boxes(self, side: int, boxes: Container[int]) -> Iterator[Kept]:
        flat = self._flats[side]
        for item in range(flat.count):
            held = [box for box in flat.of(item) if box in boxes]
            if held:
                yield Kept(side=side, number=item, region=self._packing.unpack_all(held), unless=())

    def _ends(self, side: int, number: int) -> tuple[int, int]:
        """Return up to where, in both lists, items may go before one item: all of the other side's may."""
        ends = [flat.count for flat in self._flats]
        ends[side] = number
        return ends[0], ends[1]

    def _spread(
        self, own: Sequence[int], theirs: Flat, alike: Sequence[int]
    ) -> Iterator[tuple[Sequence[int], list[int]]]:
        """Yield spaces of an item's boxes, each with the boxes to be taken out, after which no item does the same.

        They are what is left without those items, and what another item decides before one of them can.
        """
        yield own, [box for item in alike for box in theirs.of(item)]
        for other in range(max(alike, default=0)):
            if other not in alike:
                later = [box for item in alike if item > other for box in theirs.of(item)]
                spaces = self._meet_all(self._meet_all(own, theirs.of(other)), later)
                if spaces:
                    yield spaces, [box for item in alike if item < other for box in theirs.of(item)]

    def _meet_all(self, left: Sequence[int], right: Sequence[int]) -> list[int]:
        met = (self._packing.meet(one, other) for one in left for other in right)
        return [*dict.fromkeys(box for box in met if box is not None)]

    def _cut_whole(self, side: int, number: int, alike: Sequence[int], shown: int) -> Patch:
        """Return the points as the item's boxes without those that the items alike keep."""
        mine, theirs = self._flats[side], self._flats[1 - side]
        patch = self._make(mine.of(number), mine.before(number), self._ends(side, number), shown)
        kept = (self._keep(mine.of(number), theirs, 1 - side, item, alike) for item in alike)
        return msgspec.structs.replace(patch, kept=tuple(each for each in kept if each.region))

    def _keep(self, own: Sequence[int], theirs: Flat, side: int, item: int, alike: Sequence[int]) -> Kept:
        held = self._meet_all(own, theirs.of(item))
        earlier = (box for other in range(item) if other not in alike for box in theirs.of(other))
        return Kept(
            side=side,
            number=item,
            region=self._packing.unpack_all(held),
            unless=tuple(self._finder.known[box] for box in earlier if self._meet_all(held, [box])),
        )

    def _make(self, pieces: Iterable[int], unless: Sequence[int], ends: tuple[int, int], shown: int) -> Patch:
        packing = self._packing
        merged = packing.absorb(packing.merge(pieces))
        met = {box for box in unless if any(packing.meet(box, piece) is not None for piece in merged)}
        return Patch(
            region=packing.unpack_all(merged),
            unless=tuple(self._finder.known[box] for box in unless if box in met),
            before=tuple(self._owners(met, ends)),
            shown=packing.unpack(shown),
        )

    def _cut_space(self, space: int, covers: Sequence[int], most: int) -> tuple[list[int], list[int]]:
        """Take covers out of a space as far as that leaves few boxes; return them, and the covers left."""
        while True:
            relevant = self._packing.relevant(space, covers)
            if relevant is None:
                return [], []
            if 1 not in relevant:
                break
            space = self._packing.take_off(space, relevant[1][0])
        left = [cover for same in relevant.values() for cover in same]
        try:
            pieces = [*islice(self._packing.uncovered(space, left, Steps(_STEPS_A_PATCH)), most + 1)]
        except BudgetExceeded:
            return [space], left
        return (pieces, []) if len(pieces) <= most else ([space], left)

    def _owners(self, boxes: set[int], ends: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield whose boxes these are: an item of the new list where it has one, else one of the old."""
        seen: set[int] = set()
        for side in (1, 0):
            flat = self._flats[side]
            pairs = zip(flat.owners, flat.boxes, strict=True)
            found = [(owner, box) for owner, box in pairs if box in boxes and owner < ends[side]]
            for owner in dict.fromkeys(owner for owner, box in found if box not in seen):
                yield side, owner
            seen.update(box for _, box in found)
