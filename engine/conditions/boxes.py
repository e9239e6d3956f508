"""Boxes (a set of allowed values for each fact) and regions (unions of boxes), exactly.

The operations on regions divide each fact's values into the classes its sets tell apart and pack a box into one
integer, a field of bits for each fact, so that meeting and containment are a few operations on integers.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import reduce
from operator import or_
from typing import TypeAlias

import msgspec

from engine.conditions.classes import divide
from engine.conditions.sets import Dimension, IntegerSet, Value, ValueSet, WordSet

Point: TypeAlias = Mapping[str, Value]
Dimensions: TypeAlias = Mapping[str, Dimension]

DEFAULT_BUDGET = 100_000


class BudgetExceeded(Exception):
    """An operation on regions needs more steps or more boxes than it was allowed."""

    def __init__(self, budget: int) -> None:
        super().__init__(f"the operation needs more than {budget} steps")
        self.budget = budget


class Box(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product of sets; a fact that is not named may have any value.

    Canonical, and never empty, when built with `region_of`: sides sorted by key, each within the fact's universe and
    neither empty nor the whole of it.
    """

    sides: Mapping[str, ValueSet]

    def __hash__(self) -> int:
        return hash(frozenset(self.sides.items()))

    def contains(self, point: Point) -> bool:
        """Tell whether the point is in the box; a fact that the point does not name is missing."""
        for key, values in self.sides.items():  # noqa: SIM110 - every decision comes here; all() takes twice as long
            if not values.contains(point.get(key)):
                return False
        return True

    def is_subset(self, other: Box) -> bool:
        """Tell whether every point of this box is in the other."""
        return all(key in self.sides and self.sides[key].is_subset(values) for key, values in other.sides.items())

    def intersection(self, other: Box) -> Box | None:
        """Return the box of the points in both, or None if there are none."""
        sides = dict(self.sides)
        for key, values in other.sides.items():
            sides[key] = sides[key].intersection(values) if key in sides else values
            if sides[key].is_empty():
                return None
        return Box(sides=dict(sorted(sides.items())))


Region: TypeAlias = tuple[Box, ...]

EVERYTHING: Region = (Box(sides={}),)
NOTHING: Region = ()


def region_of(sides: Mapping[str, ValueSet], dimensions: Dimensions) -> Region:
    """Return the region of one box in canonical form, or the empty region if a side is empty."""
    kept: dict[str, ValueSet] = {}
    for key, values in sorted(sides.items()):
        dimension = dimensions[key]
        fitting = dimension.universe.intersection(values)
        if fitting.is_empty():
            return NOTHING
        if not dimension.is_universe(fitting):
            kept[key] = fitting
    return (Box(sides=kept),)


def clip(region: Region, dimensions: Dimensions) -> Region:
    """Return what of a region lies within the dimensions, side by side as it is written."""
    found = (
        {key: dimensions[key].universe.intersection(values) for key, values in box.sides.items()} for box in region
    )
    return tuple(Box(sides=sides) for sides in found if not any(values.is_empty() for values in sides.values()))


def is_empty(region: Region) -> bool:
    """Tell whether no point is in the region."""
    return not region


def contains(region: Region, point: Point) -> bool:
    """Tell whether the point is in the region; a fact that the point does not name is missing."""
    return any(box.contains(point) for box in region)


def witness(region: Region) -> dict[str, Value] | None:
    """Return a point of the region's first box, naming the facts the box names, or None if there is none."""
    if not region:
        return None
    return {key: values.witness() for key, values in region[0].sides.items()}


def union(left: Region, right: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return the points in either region."""
    return simplify((*left, *right), dimensions, budget=budget)


def intersection(left: Region, right: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return the points in both regions."""
    if len(left) * len(right) > budget:
        raise BudgetExceeded(budget)
    met = (one.intersection(other) for one in left for other in right)
    return simplify(tuple(box for box in met if box is not None), dimensions, budget=budget)


def complement(region: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return the points outside the region, as disjoint boxes."""
    return subtract(EVERYTHING, region, dimensions, budget=budget)


def subtract(left: Region, right: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return the points of `left` that are not in `right`, as disjoint boxes."""
    packing = Packing((*left, *right), dimensions)
    removed = [packing.pack(box) for box in right]
    apart = _separate(packing, [packing.pack(box) for box in left], Steps(budget))
    steps = Steps(budget)
    found = [piece for box in apart for piece in packing.uncovered(box, removed, steps)]
    return packing.unpack_all(packing.merge(found))


def iterate_difference(
    left: Region, right: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET
) -> Iterator[Box]:
    """Yield boxes of the points of `left` that are not in `right`, one at a time and as they are found.

    Boxes that come from one box of `left` are disjoint. Taking only the first answers "is there such a point" at once.
    """
    packing = Packing((*left, *right), dimensions)
    removed = [packing.pack(box) for box in right]
    steps = Steps(budget)
    for box in left:
        for piece in packing.uncovered(packing.pack(box), removed, steps):
            yield packing.unpack(piece)


def is_subset(left: Region, right: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> bool:
    """Tell whether every point of `left` is in `right`."""
    packing = Packing((*left, *right), dimensions)
    covers = [packing.pack(box) for box in right]
    steps = Steps(budget)
    return all(packing.find_uncovered(packing.pack(box), covers, steps) is None for box in left)


def disjoint(region: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return an equal region whose boxes share no point."""
    packing = Packing(region, dimensions)
    apart = _separate(packing, [packing.pack(box) for box in region], Steps(budget))
    return packing.unpack_all(packing.merge(apart))


def simplify(region: Region, dimensions: Dimensions, *, budget: int = DEFAULT_BUDGET) -> Region:
    """Return an equal region without boxes inside another, boxes that differ in one fact made one."""
    if len(region) < 2:  # noqa: PLR2004 - nothing to compare
        return region
    if len(region) > budget:
        raise BudgetExceeded(budget)
    packing = Packing(region, dimensions)
    return packing.unpack_all(packing.absorb(packing.merge([packing.pack(box) for box in region])))


def keys_of(regions: Iterable[Region]) -> list[str]:
    """Return the facts that the regions name, sorted."""
    return sorted({key for region in regions for box in region for key in box.sides})


class Steps:
    """A count of steps that runs out."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._left = budget

    def spend(self, comparisons: int = 1) -> None:
        """Take one step; raises BudgetExceeded when there is none left.

        How many comparisons of boxes the step makes at most is for those who count these.
        """
        del comparisons
        self._left -= 1
        if self._left < 0:
            raise BudgetExceeded(self._budget)


class Allowance:
    """How many comparisons of boxes regions may be made simple with, all together."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._left = budget

    def spend(self, comparisons: int) -> None:
        """Take off comparisons; raises BudgetExceeded when there are not so many left."""
        self._left -= comparisons
        if self._left < 0:
            raise BudgetExceeded(self._budget)


_FIELDS_A_COMPARISON = 256
_COMPARISONS_A_SPAN = 2  # to write it into an integer and to read it again
_allowance: ContextVar[Allowance | None] = ContextVar("_allowance", default=None)


@contextlib.contextmanager
def allowing(comparisons: int) -> Iterator[None]:
    """Bound how much is compared inside to make regions simple, which grows with the square of their boxes."""
    token = _allowance.set(Allowance(comparisons))
    try:
        yield
    finally:
        _allowance.reset(token)


def _count_spans(values: ValueSet) -> int:
    """Count the intervals or words that a set is written with."""
    if isinstance(values, IntegerSet):
        return len(values.intervals)
    return len(values.words) if isinstance(values, WordSet) else 1


class Packing:
    """Boxes as integers: for each fact a field with one bit a class and, above it, a spare bit.

    Adding `_ones` (every class bit) to a packed box carries into the spare bit of just those fields that are not
    empty, so one addition tests all of them.
    """

    def __init__(self, boxes: Iterable[Box], dimensions: Dimensions) -> None:
        sides: dict[str, list[ValueSet]] = {}
        for box in boxes:
            for key, values in box.sides.items():
                sides.setdefault(key, []).append(values)
        allowance = _allowance.get()
        if allowance is not None:
            spans_count = sum(_count_spans(values) for given in sides.values() for values in given)
            # Each is written into integers as wide as all are.
            allowance.spend(len(sides) ** 2 // _FIELDS_A_COMPARISON + spans_count * _COMPARISONS_A_SPAN)
        self._classes = {key: divide(dimensions[key], sides[key]) for key in sorted(sides)}
        self._offsets: dict[str, int] = {}
        self._fields: dict[int, int] = {}
        self.everything = self._ones = self._spares = 0
        offset = 0
        for key, classes in self._classes.items():
            self._offsets[key] = offset
            field = (1 << classes.width) - 1 << offset
            spare = 1 << classes.width + offset
            self._fields[spare] = field
            self._ones |= field
            self._spares |= spare
            self.everything |= classes.full << offset
            offset += classes.width + 1

    def pack(self, box: Box) -> int:
        """Return the box as an integer; its sets must be among those given."""
        packed = self.everything
        for key, values in box.sides.items():
            classes, offset = self._classes[key], self._offsets[key]
            packed &= ~((1 << classes.width) - 1 << offset)
            packed |= (classes.mask(values) & classes.full) << offset
        return packed

    def unpack(self, packed: int) -> Box:
        """Return a packed box as a record."""
        sides: dict[str, ValueSet] = {}
        for key, classes in self._classes.items():
            mask = packed >> self._offsets[key] & (1 << classes.width) - 1
            if mask != classes.full:
                sides[key] = classes.combine(mask)
        return Box(sides=sides)

    def unpack_all(self, packed: Iterable[int]) -> Region:
        """Return packed boxes as a region."""
        return tuple(self.unpack(box) for box in packed)

    def meet(self, left: int, right: int) -> int | None:
        """Return the box of what is in both, or None if that is nothing."""
        both = left & right
        return both if (both + self._ones) & self._spares == self._spares else None

    def open_side(self, box: int, key: str) -> int:
        """Return a packed box with one side opened: any value of that fact."""
        if key not in self._classes:
            return box
        return box | self._classes[key].full << self._offsets[key]

    def added(self, box: int, wider: int) -> int:
        """Return what opening one side of a box has added to it."""
        more = wider & ~box
        field = next((field for field in self._fields.values() if field & more), 0)
        return wider & ~(box & field)

    def uncovered(self, box: int, covers: Sequence[int], steps: Steps) -> Iterator[int]:
        """Yield disjoint boxes of what of `box` no cover holds.

        The search is that of a satisfiability solver: a cover that leaves the box on one side only cuts it there;
        else the box is split in two along the side that most of the smallest covers share.
        """
        stack = [(box, covers)]
        while stack:
            space, pending = stack.pop()
            steps.spend(len(pending))
            relevant = self.relevant(space, pending)
            if relevant is None:
                continue
            if not relevant:
                yield space
                continue
            fewest = min(relevant)
            cover = relevant[fewest][0]
            if fewest == 1:
                stack.append((self.take_off(space, cover), [other for same in relevant.values() for other in same]))
                continue
            field = self._choose(space, cover, relevant)
            others = [other for same in relevant.values() for other in same]
            stack.append((space & (cover | ~field), others))
            stack.append((space & ~(cover & field), others))

    def find_uncovered(self, box: int, covers: Sequence[int], steps: Steps) -> int | None:
        """Return a box of what of `box` no cover holds, or None where the covers hold all of it.

        Much faster than `uncovered` at proving that there is nothing: a cover gains weight each time it ends a branch,
        and the search splits by the heaviest, so that it soon keeps to the covers that contradict each other.
        """
        weights: dict[int, int] = {}
        stack: list[tuple[int, Sequence[int]]] = [(box, covers)]
        while stack:
            space, pending = stack.pop()
            narrowed = self._narrow(space, pending, weights, steps)
            if narrowed is None:
                continue
            space, open_sides = narrowed
            if not open_sides:
                return space
            cover = min(open_sides, key=lambda each: open_sides[each].bit_count() / (1 + weights.get(each, 0)))
            field = self._fields[_heaviest(open_sides, open_sides[cover], weights)]
            left = [*open_sides]
            stack.append((space & (cover | ~field), left))
            stack.append((space & ~(cover & field), left))
        return None

    def _narrow(
        self, space: int, covers: Sequence[int], weights: dict[int, int], steps: Steps
    ) -> tuple[int, dict[int, int]] | None:
        """Take off every cover that cuts on one side only, until none does; return what the others leave open.

        None, and more weight for the cover, where one holds all that is left.
        """
        ones, spares = self._ones, self._spares
        while True:
            steps.spend(len(covers))
            is_narrowed = False
            open_sides: dict[int, int] = {}
            for cover in covers:
                if ((space & cover) + ones) & spares != spares:
                    continue
                cuts = ((space & ~cover) + ones) & spares
                if not cuts:
                    weights[cover] = weights.get(cover, 0) + 1
                    return None
                if cuts & (cuts - 1):
                    open_sides[cover] = cuts
                else:
                    space &= ~(cover & self._fields[cuts])
                    is_narrowed = True
            if not is_narrowed:
                return space, open_sides
            covers = [*open_sides]

    def relevant(self, space: int, covers: Sequence[int]) -> dict[int, list[int]] | None:
        """Group the covers that meet the space by their count of sides that cut it; None if one holds it all."""
        ones, spares = self._ones, self._spares
        found: dict[int, list[int]] = {}
        for cover in covers:
            if ((space & cover) + ones) & spares != spares:
                continue
            cuts = ((space & ~cover) + ones) & spares
            if not cuts:
                return None
            found.setdefault(cuts.bit_count(), []).append(cover)
        return found

    def take_off(self, space: int, cover: int) -> int:
        """Return the space without a cover that cuts it on one side only."""
        return space & ~(cover & self._fields[self._open_sides(space, cover)])

    def _open_sides(self, space: int, cover: int) -> int:
        return ((space & ~cover) + self._ones) & self._spares

    def _choose(self, space: int, cover: int, relevant: Mapping[int, Sequence[int]]) -> int:
        """Return the field, among those where the cover cuts the space, in which most small covers cut it too."""
        weights: Counter[int] = Counter()
        mine = self._open_sides(space, cover)
        smallest = min(relevant)
        for count in sorted(relevant)[:3]:
            weight = 4 ** (3 - min(count - smallest, 3))
            for other in relevant[count]:
                for spare in bits_of(self._open_sides(space, other) & mine):
                    weights[spare] += weight
        best = max(bits_of(mine), key=lambda spare: weights[spare])
        return self._fields[best]

    def merge(self, boxes: Iterable[int]) -> list[int]:
        """Join boxes that differ in one field only, field by field, until none can be joined.

        What is joined stands where its first box did. One of the boxes is cut by the field, so those are looked at.
        """
        places = {box: place for place, box in enumerate(dict.fromkeys(boxes))}
        is_joining = len(places) > 1
        while is_joining:
            is_joining = False
            cut = self._list_by_cut(places)
            for spare, field in self._fields.items():
                groups: dict[int, list[int]] = {}
                for box in dict.fromkeys(cut.get(spare, ())):
                    if box in places:
                        groups.setdefault(box & ~field, []).append(box)
                for rest, group in groups.items():
                    if (uncut := rest | self.everything & field) in places:
                        group.append(uncut)
                    if len(group) > 1:
                        is_joining = True
                        place = min(places.pop(box) for box in group)
                        joined = reduce(or_, group)
                        places[joined] = min(place, places.get(joined, place))
                        for side, found in self._list_by_cut([joined]).items():
                            cut.setdefault(side, []).extend(found)
        return sorted(places, key=places.__getitem__)

    def _list_by_cut(self, boxes: Iterable[int]) -> dict[int, list[int]]:
        """Return for the spare bit of each field the boxes that it cuts."""
        found: dict[int, list[int]] = {}
        for box in boxes:
            for spare in bits_of(((self.everything & ~box) + self._ones) & self._spares):
                found.setdefault(spare, []).append(box)
        return found

    def absorb(self, boxes: Sequence[int]) -> list[int]:
        """Leave out the boxes that lie inside another; raises BudgetExceeded where that takes more than is allowed."""
        kept: dict[int, None] = {}
        by_cut: dict[int, list[int]] = {}  # by the first field that a box cuts: what lies inside is cut there too
        allowance = _allowance.get()
        for box in sorted(boxes, key=int.bit_count, reverse=True):
            if allowance is not None:
                allowance.spend(len(kept))
            cuts = ((self.everything & ~box) + self._ones) & self._spares
            rivals = (other for cut in (0, *bits_of(cuts)) for other in by_cut.get(cut, ()))
            if all(box & ~other for other in rivals):
                kept[box] = None
                by_cut.setdefault(cuts & -cuts, []).append(box)
        return [box for box in boxes if box in kept]


def _heaviest(open_sides: Mapping[int, int], mine: int, weights: Mapping[int, int]) -> int:
    """Return the side, among `mine`, on which the heaviest and smallest covers cut."""
    sums: dict[int, float] = {}
    for cover, sides in open_sides.items():
        weight = (1 + weights.get(cover, 0)) / (1 << sides.bit_count())
        for side in bits_of(sides & mine):
            sums[side] = sums.get(side, 0.0) + weight
    return max(sums, key=lambda side: sums[side])


def _separate(packing: Packing, boxes: Sequence[int], steps: Steps) -> list[int]:
    """Make packed boxes disjoint, leaving the largest whole."""
    apart: list[int] = []
    for box in sorted(packing.absorb(list(dict.fromkeys(boxes))), key=int.bit_count, reverse=True):
        apart.extend([*packing.uncovered(box, apart, steps)])
    return apart


def bits_of(mask: int) -> Iterator[int]:
    """Yield each bit that is set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest
