"""Where two lists of regions, of each of which the first that holds a point decides, decide otherwise."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeAlias, TypeVar

import msgspec

from engine.conditions.boxes import Dimensions, Packing, Region, Steps
from engine.conditions.guessing import GuessingPacking

T = TypeVar("T")
Items: TypeAlias = Sequence[tuple[Region, T]]


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Item ``old`` decides on one side and ``new`` on the other, somewhere in the packed ``spaces``: in ``shown``."""

    old: int
    new: int
    spaces: tuple[int, ...]
    shown: int


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


class Flat:
    """The boxes of a list, packed, with the number of the item that each belongs to."""

    def __init__(self, packing: Packing, items: Items[T]) -> None:
        """Pack the boxes of every item."""
        self.boxes: list[int] = []
        self.owners: list[int] = []
        self._starts: list[int] = []
        for number, (region, _) in enumerate(items):
            self._starts.append(len(self.boxes))
            self.boxes += [packing.pack(box) for box in region]
            self.owners += [number] * len(region)
        self.count = len(items)
        self._starts.append(len(self.boxes))

    def before(self, item: int) -> list[int]:
        """Return the boxes of all items that go before one."""
        return self.boxes[: self._starts[item]]

    def of(self, item: int) -> list[int]:
        """Return the boxes of one item."""
        return self.boxes[self._starts[item] : self._starts[item + 1]]


class Finder(Generic[T]):
    """Finds where two lists differ, but for points in ``impossible``."""

    def __init__(self, lists: Lists[T], dimensions: Dimensions, impossible: Region, steps: Steps) -> None:
        """Pack everything once; ``steps`` are for the whole search."""
        every = [box for region in lists.regions for box in region]
        self.lists = lists
        self.packing = GuessingPacking([*every, *impossible], dimensions)
        self.known = {self.packing.pack(box): box for box in every}
        self.flats = (Flat(self.packing, lists.old), Flat(self.packing, lists.new))
        self.impossible = [self.packing.pack(box) for box in impossible]
        self._steps = steps

    def find(self) -> Iterator[Clash]:
        """Yield clashes that together are exactly where the lists differ: each old item with each new one.

        Raises BudgetExceeded; what was yielded before is true nevertheless.
        """
        for i in range(self.flats[0].count):
            meetings: dict[int, dict[int, None]] = {}
            for j, met in self._meetings(i):
                meetings.setdefault(j, {})[met] = None
            if not meetings:
                continue
            near = _Near(self, i)
            for j, spaces in meetings.items():
                covers = near.before(j)
                points = {space: self.packing.find_point(space, covers, self._steps) for space in spaces}
                left = {space: point for space, point in points.items() if point is not None}
                if left:
                    yield Clash(old=i, new=j, spaces=tuple(left), shown=next(iter(left.values())))

    def before(self, i: int, j: int) -> list[int]:
        """Return all boxes that go before an item of the old list, or before one of the new."""
        return [*dict.fromkeys((*self.flats[0].before(i), *self.flats[1].before(j)))]

    def _meetings(self, i: int) -> Iterator[tuple[int, int]]:
        """Yield boxes in which an old item meets a new one that decides otherwise, unless one like it went before."""
        old, new = self.flats
        earlier = set(old.before(i))
        for box in old.of(i):
            if box in earlier:
                continue
            for other, j in zip(new.boxes, new.owners, strict=True):
                met = self.packing.meet(box, other)
                if met is None or other in earlier:
                    continue
                for part in self.lists.differ(i, j):
                    space = self.packing.meet(met, self.packing.pack(part))
                    if space is not None:
                        yield j, space
                if not box & ~other:
                    break


class _Near(Generic[T]):
    """The boxes of both lists that meet an old item."""

    def __init__(self, finder: Finder[T], i: int) -> None:
        old, new = finder.flats
        own, meet = old.of(i), finder.packing.meet

        def is_near(box: int) -> bool:
            return any(meet(box, mine) is not None for mine in own)

        self._old = [box for box in dict.fromkeys((*old.before(i), *finder.impossible)) if is_near(box)]
        known = set(self._old)
        pairs = [(j, box) for j, box in zip(new.owners, new.boxes, strict=True) if box not in known and is_near(box)]
        self._owners = [j for j, _ in pairs]
        self._new = [box for _, box in pairs]

    def before(self, j: int) -> list[int]:
        """Return those that go before the old item or before a new one, and what is impossible."""
        return [*self._old, *self._new[: bisect_left(self._owners, j)]]
