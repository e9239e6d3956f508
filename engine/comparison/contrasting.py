"""Where two lists of regions, of each of which the first that holds a point decides, decide otherwise."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

import msgspec

from engine.conditions.boxes import Box, Dimensions, Packing, Region, Steps

T = TypeVar("T")
Items: TypeAlias = Sequence[tuple[Region, T]]
# A patch is cut into so many boxes at most; what would take more stays among what it is told to be without.
_MOST_PIECES = 6


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """The points of ``region`` not in ``unless``: there item ``old`` decides on one side, ``new`` on the other.

    ``before`` are the items, (side, number), whose boxes are in ``unless``; ``shown`` is a box of the patch.
    """

    old: int
    new: int
    region: Region
    unless: Region
    before: tuple[tuple[int, int], ...]
    shown: Box

    def contains(self, point: dict[str, int | str | bool | None]) -> bool:
        """Tell whether a point is in the patch."""
        return any(box.contains(point) for box in self.region) and not any(box.contains(point) for box in self.unless)


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


def contrast(lists: Lists[T], dimensions: Dimensions, impossible: Region, steps: Steps) -> Iterator[Patch]:
    """Yield patches that together are exactly where the lists differ, but for points in ``impossible``.

    Raises BudgetExceeded; what was yielded before is true nevertheless.
    """
    return _Search(lists, dimensions, impossible, steps).run()


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


class _Search(Generic[T]):
    def __init__(self, lists: Lists[T], dimensions: Dimensions, impossible: Region, steps: Steps) -> None:
        every = [box for region in lists.regions for box in region]
        self._packing = Packing([*every, *impossible], dimensions)
        self._known = {self._packing.pack(box): box for box in every}
        self._lists = lists
        self._flats = (_Flat(self._packing, lists.old), _Flat(self._packing, lists.new))
        self._impossible = [self._packing.pack(box) for box in impossible]
        self._steps = steps

    def run(self) -> Iterator[Patch]:
        """Take each old item with each new one that decides otherwise, less all that goes before either."""
        meetings: dict[tuple[int, int], list[int]] = {}
        for i, j, met in self._meetings():
            meetings.setdefault((i, j), []).append(met)
        for (i, j), spaces in meetings.items():
            patch = self._patch(i, j, spaces)
            if patch is not None:
                yield patch

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

    def _patch(self, i: int, j: int, spaces: Sequence[int]) -> Patch | None:
        old, new = self._flats
        before = [*dict.fromkeys((*old.before(i), *new.before(j)))]
        shown: int | None = None
        left: list[int] = []
        for space in dict.fromkeys(spaces):
            piece = self._packing.find_uncovered(space, [*before, *self._impossible], self._steps)
            if piece is not None:
                shown = piece if shown is None else shown
                left.append(space)
        if shown is None:
            return None
        common = set(old.before(i)) & set(new.before(j))
        pieces: list[int] = []
        unless: dict[int, None] = dict.fromkeys(box for box in before if box in common)
        for space in left:
            cut, kept = self._cut(space, [box for box in before if box not in common])
            pieces += cut
            unless.update(dict.fromkeys(kept))
        return self._unpack(i, j, pieces, [*unless], shown)

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
        pieces = [*islice(self._packing.uncovered(space, left, self._steps), _MOST_PIECES + 1)]
        return (pieces, []) if len(pieces) <= _MOST_PIECES else ([space], left)

    def _unpack(self, i: int, j: int, pieces: list[int], unless: list[int], shown: int) -> Patch:
        packing = self._packing
        merged = packing.absorb(packing.merge(pieces))
        met = {box for box in unless if any(packing.meet(box, piece) is not None for piece in merged)}
        return Patch(
            old=i,
            new=j,
            region=packing.unpack_all(merged),
            unless=tuple(self._known[box] for box in unless if box in met),
            before=tuple(self._owners(met, (i, j))),
            shown=packing.unpack(shown),
        )

    def _owners(self, boxes: set[int], ends: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield whose boxes these are: an item of the new list where it has one, else one of the old."""
        seen: set[int] = set()
        for side in (1, 0):
            flat = self._flats[side]
            found = [
                (o, box) for o, box in zip(flat.owners, flat.boxes, strict=True) if box in boxes and o < ends[side]
            ]
            for owner in dict.fromkeys(o for o, box in found if box not in seen):
                yield side, owner
            seen.update(box for _, box in found)
