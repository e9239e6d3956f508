"""Where two lists of regions, of each of which the first that holds a point decides, decide otherwise."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from engine.conditions.boxes import EVERYTHING, Box, Dimensions, Packing, Region, Steps

T = TypeVar("T")
Items: TypeAlias = Sequence[tuple[Region, T]]
Piece: TypeAlias = tuple[Box, T, T]
Flat: TypeAlias = list[tuple[int, int]]


def contrast(
    old: Items[T],
    new: Items[T],
    dimensions: Dimensions,
    differ: Callable[[T, T], Region],
    *,
    budget: int | Steps,
) -> Iterator[Piece[T]]:
    """Yield boxes that together are exactly where the lists differ, each with what either decides there.

    The last item of each list holds everywhere. ``differ`` says where two decisions are not the same. Raises
    BudgetExceeded; what was yielded before is true nevertheless.
    """
    judged = _Judged(old, new, differ)
    every = [box for items in (old, new) for region, _ in items for box in region]
    packing = Packing([*every, *(box for region in judged.regions for box in region)], dimensions)
    flats = [[(packing.pack(box), i) for i, (region, _) in enumerate(items) for box in region] for items in (old, new)]
    steps = budget if isinstance(budget, Steps) else Steps(budget)
    for piece, i, j in _Search(packing, flats[0], flats[1], judged, steps).run():
        yield packing.unpack(piece), old[i][1], new[j][1]


class _Judged:
    """Where each pair of decisions differs."""

    def __init__(self, old: Items[T], new: Items[T], differ: Callable[[T, T], Region]) -> None:
        self._found = {(i, j): differ(one, other) for i, (_, one) in enumerate(old) for j, (_, other) in enumerate(new)}

    @property
    def regions(self) -> Iterator[Region]:
        """Yield the regions that are more than all or nothing."""
        yield from (region for region in self._found.values() if region and region != EVERYTHING)

    def at(self, i: int, j: int) -> Region:
        return self._found[i, j]


class _Search:
    def __init__(self, packing: Packing, old: Flat, new: Flat, judged: _Judged, steps: Steps) -> None:
        self._packing = packing
        self._old = old
        self._new = new
        self._judged = judged
        self._steps = steps

    def run(self) -> Iterator[tuple[int, int, int]]:
        """Take each old box with each new box that may decide in it otherwise, less all that go before either."""
        earlier: set[int] = set()
        for position, (box, i) in enumerate(self._old):
            if box not in earlier:
                before = [other for other, _ in self._old[:position]]
                for rival, j in self._rivals(box, i, earlier):
                    covers = [*before, *(other for other, _ in self._new[:rival])]
                    yield from self._within(box, rival, covers, i, j)
            earlier.add(box)

    def _rivals(self, box: int, i: int, earlier: set[int]) -> Iterator[tuple[int, int]]:
        """Yield the new boxes that meet an old one and decide otherwise, up to the one that holds all of it."""
        for position, (other, j) in enumerate(self._new):
            self._steps.spend()
            if other in earlier or self._packing.meet(box, other) is None:
                continue
            if self._judged.at(i, j):
                yield position, j
            if not box & ~other:
                return

    def _within(self, box: int, rival: int, covers: list[int], i: int, j: int) -> Iterator[tuple[int, int, int]]:
        met = self._packing.meet(box, self._new[rival][0])
        for part in self._judged.at(i, j):
            space = None if met is None else self._packing.meet(met, self._packing.pack(part))
            if space is not None:
                for piece in self._packing.uncovered(space, covers, self._steps):
                    yield piece, i, j
