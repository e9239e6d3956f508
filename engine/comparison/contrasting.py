"""Where two lists of regions, of each of which the first that holds a point decides, decide otherwise."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

import msgspec

from engine.conditions.boxes import Box, BudgetExceeded, Dimensions, Packing, Region, Steps

T = TypeVar("T")
Items: TypeAlias = Sequence[tuple[Region, T]]
# A patch is cut into so many boxes at most; what would take more stays among what it is told to be without.
_MOST_PIECES = 6
_STEPS_A_PATCH = 400


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Item ``old`` decides on one side and ``new`` on the other, somewhere in the packed ``spaces``: in ``shown``."""

    old: int
    new: int
    spaces: tuple[int, ...]
    shown: Box


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """All points of a finding: those of ``region`` that are not in ``unless``.

    ``before`` are the items, (side, number), whose boxes are in ``unless``.
    """

    region: Region
    unless: Region
    before: tuple[tuple[int, int], ...]


class Lists(Generic[T]):
    """Two lists of items over the same dimensions; the last item of each holds everywhere."""

    def __init__(self, old: Items[T], new: Items[T], differ: Callable[[T, T], Region]) -> None:
        """Take the lists, and what says where two decisions are not the same."""
        self.old = old
        self.new = new
        self._found = {(i, j): differ(one, other) for i, (_, one) in enumerate(old) for j, (_, other) in enumerate(new)}

    def differ(self, i: int, j: int) -> Region:
        """Return where an item of the old list and one of the new do not decide the same."""
        return self._found[i, j]

    @property
    def regions(self) -> Iterable[Region]:
        """Yield every region that is spoken of."""
        for items in (self.old, self.new):
            yield from (region for region, _ in items)
        yield from (region for region in self._found.values() if region)


def list_differing(old: Items[object], new: Items[object], dimensions: Dimensions, steps: Steps) -> Region:
    """Return where two short lists do not name the same."""
    packing = Packing([box for items in (old, new) for region, _ in items for box in region], dimensions)
    flats = [[(packing.pack(box), name) for region, name in items for box in region] for items in (old, new)]
    found: list[int] = []
    for i, (box, was) in enumerate(flats[0]):
        for j, (other, becomes) in enumerate(flats[1]):
            met = packing.meet(box, other)
            if was != becomes and met is not None:
                covers = [each for each, _ in (*flats[0][:i], *flats[1][:j])]
                found += packing.uncovered(met, covers, steps)
    return packing.unpack_all(packing.absorb(packing.merge(found)))


class _Flat:
    """The boxes of a list, packed, with the number of the item that each belongs to."""

    def __init__(self, packing: Packing, items: Items[T]) -> None:
        self.boxes: list[int] = []
        self.owners: list[int] = []
        self.starts: list[int] = []
        for number, (region, _) in enumerate(items):
            self.starts.append(len(self.boxes))
            self.boxes += [packing.pack(box) for box in region]
            self.owners += [number] * len(region)

    def before(self, item: int) -> list[int]:
        return self.boxes[: self.starts[item]]


class Finder(Generic[T]):
    """Finds where two lists differ, but for points in ``impossible``."""

    def __init__(self, lists: Lists[T], dimensions: Dimensions, impossible: Region, steps: Steps) -> None:
        """Pack everything once; ``steps`` are for the whole search."""
        every = [box for region in lists.regions for box in region]
        self._packing = Packing([*every, *impossible], dimensions)
        self._known = {self._packing.pack(box): box for box in every}
        self._lists = lists
        self._flats = (_Flat(self._packing, lists.old), _Flat(self._packing, lists.new))
        self._impossible = [self._packing.pack(box) for box in impossible]
        self._steps = steps

    def find(self) -> Iterator[Finding]:
        """Yield findings that together are exactly where the lists differ: each old item with each new one.

        Raises BudgetExceeded; what was yielded before is true nevertheless.
        """
        meetings: dict[tuple[int, int], dict[int, None]] = {}
        for i, j, met in self._meetings():
            meetings.setdefault((i, j), {})[met] = None
        for (i, j), spaces in meetings.items():
            covers = [*self._before(i, j), *self._impossible]
            pieces = {space: self._packing.find_uncovered(space, covers, self._steps) for space in spaces}
            left = [space for space, piece in pieces.items() if piece is not None]
            shown = next((piece for piece in pieces.values() if piece is not None), None)
            if shown is not None:
                yield Finding(old=i, new=j, spaces=tuple(left), shown=self._packing.unpack(shown))

    def _before(self, i: int, j: int) -> list[int]:
        """Return all boxes that go before either item."""
        return [*dict.fromkeys((*self._flats[0].before(i), *self._flats[1].before(j)))]

    def _meetings(self) -> Iterator[tuple[int, int, int]]:
        """Yield the boxes in which two items meet and decide otherwise, unless an old one like it went before."""
        old, new = self._flats
        for box, i in zip(old.boxes, old.owners, strict=True):
            earlier = set(old.before(i))
            if box in earlier:
                continue
            for other, j in zip(new.boxes, new.owners, strict=True):
                met = self._packing.meet(box, other)
                if met is None or other in earlier:
                    continue
                for part in self._lists.differ(i, j):
                    space = self._packing.meet(met, self._packing.pack(part))
                    if space is not None:
                        yield i, j, space
                if not box & ~other:
                    break

    def is_reaching(self, finding: Finding, region: Region) -> bool:
        """Tell whether a finding has a point in a region; true where that cannot be said in few steps."""
        covers = [*self._before(finding.old, finding.new), *self._impossible]
        steps = Steps(_STEPS_A_PATCH)
        try:
            for box in region:
                for space in finding.spaces:
                    met = self._packing.meet(space, self._packing.pack(box))
                    if met is not None and self._packing.find_uncovered(met, covers, steps) is not None:
                        return True
        except BudgetExceeded:
            return True
        return False

    def cut(self, finding: Finding) -> Patch:
        """Return all points of a finding as few boxes, and what goes before them on both sides alike."""
        before = self._before(finding.old, finding.new)
        common = set(self._flats[0].before(finding.old)) & set(self._flats[1].before(finding.new))
        pieces: list[int] = []
        unless: dict[int, None] = dict.fromkeys(box for box in before if box in common)
        for space in finding.spaces:
            cut, kept = self._cut(space, [box for box in before if box not in common])
            pieces += cut
            unless.update(dict.fromkeys(kept))
        return self._make(finding, pieces, [*unless])

    def leave_whole(self, finding: Finding) -> Patch:
        """Return all points of a finding without cutting anything out: quicker, and less readable."""
        return self._make(finding, finding.spaces, self._before(finding.old, finding.new))

    def _make(self, finding: Finding, pieces: Iterable[int], unless: Sequence[int]) -> Patch:
        packing = self._packing
        merged = packing.absorb(packing.merge(pieces))
        met = {box for box in unless if any(packing.meet(box, piece) is not None for piece in merged)}
        return Patch(
            region=packing.unpack_all(merged),
            unless=tuple(self._known[box] for box in unless if box in met),
            before=tuple(self._owners(met, (finding.old, finding.new))),
        )

    def _cut(self, space: int, covers: Sequence[int]) -> tuple[list[int], list[int]]:
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
            pieces = [*islice(self._packing.uncovered(space, left, Steps(_STEPS_A_PATCH)), _MOST_PIECES + 1)]
        except BudgetExceeded:
            return [space], left
        return (pieces, []) if len(pieces) <= _MOST_PIECES else ([space], left)

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
