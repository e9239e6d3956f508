"""Where two editions of a ruleset decide otherwise: by coverage, by what they can read, by their rules."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.comparison.behaviour import COVERED, DECIDED, NOT_COVERED, REFUSED, Behaviour, Judge
from engine.comparison.budgeting import Comparisons
from engine.comparison.contrasting import Clash, Finder, Items, Lists
from engine.comparison.coordinates import NEW, OLD, SIDES
from engine.comparison.impossible import find_impossible, find_unusual
from engine.comparison.joining import join
from engine.comparison.joint import Joint, WorkedOut
from engine.comparison.listing import Lister
from engine.comparison.patches import Patch, Patcher
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Box, BudgetExceeded, Point, Region, Steps, region_of
from engine.conditions.sets import YES, WordSet
from engine.conditions.widening import is_within, widen_all
from engine.coordinates.facts import Element, fact_of
from engine.evaluation.program import Program

# From so many on, rows that share what was done, or what becomes of it, are told as one.
_TOLD_TOGETHER = 4
_MOST_EXPANDED = 2
# More clashes than these nobody reads one by one: they are not cut, and what is left of an item is told with the rest.
_MOST_CUT = 24
_STEPS_TO_TIDY = 20_000


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """Where ``behaviour`` decides and is the same on the other side: in ``region``, but not in ``unless``."""

    behaviour: Behaviour
    region: Region
    unless: Region

    def contains(self, point: Point) -> bool:
        """Tell whether a point is decided the same."""
        return boxes.contains(self.region, point) and not boxes.contains(self.unless, point)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The points of ``region`` not in ``unless``, where one of ``before`` decides, nor the ``same``.

    ``shown`` is a box of it.
    """

    region: Region
    unless: Region = ()
    before: tuple[Behaviour, ...] = ()
    same: tuple[Same, ...] = ()
    shown: Box

    def contains(self, point: Point) -> bool:
        """Tell whether a point is in the part."""
        is_held = boxes.contains(self.region, point) and not boxes.contains(self.unless, point)
        return is_held and not any(each.contains(point) for each in self.same)


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """Where the decision differs, and from what to what.

    ``is_unusual``: no account lies in it in the usual course of things.
    """

    was: tuple[Behaviour, ...]
    becomes: tuple[Behaviour, ...]
    parts: tuple[Part, ...]
    is_unusual: bool = False

    def contains(self, point: Point) -> bool:
        """Tell whether a point is in the zone."""
        return any(part.contains(point) for part in self.parts)


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in one currency; where it is not finished, the zones are true but not all."""

    joint: Joint
    zones: tuple[Zone, ...]
    is_finished: bool


def contrast_editions(
    old: Program,
    new: Program,
    *,
    renamed: Mapping[str, str],
    twin_blocks: frozenset[tuple[str, str]],
    budget: int,
) -> Contrast:
    """Find every zone; ``renamed`` are rules by old id, ``twin_blocks`` the blocks that are the same on both sides."""
    joint = join(old, new, renamed)
    comparisons = Comparisons(budget)
    search = _Search(joint, Judge(joint, twin_blocks, comparisons), comparisons)
    zones = tuple(search.run())
    return Contrast(joint=joint, zones=zones, is_finished=search.is_finished)


class _Search:
    def __init__(self, joint: Joint, judge: Judge, comparisons: Comparisons) -> None:
        self._joint = joint
        self._judge = judge
        self._comparisons = comparisons
        self.is_finished = True

    def run(self) -> Iterator[Zone]:
        try:
            for old, new in self._lists():
                yield from self._zones(Lists(old, new, self._judge.differ))
        except BudgetExceeded:
            self.is_finished = False

    def _lists(self) -> Iterator[tuple[Items[Behaviour], Items[Behaviour]]]:
        """Yield the lists to be held against each other, each pair within what the one before left alike."""
        joint = self._joint
        covered = [joint.lift(side, joint.programs[side].plan.coverage) for side in SIDES]
        yield [(covered[OLD], COVERED), (EVERYTHING, NOT_COVERED)], [(covered[NEW], COVERED), (EVERYTHING, NOT_COVERED)]
        outside = [box for region in covered for box in boxes.complement(region, joint.dimensions)]
        refused = [refused_by(joint, side) for side in SIDES]
        readings = [[(tuple(outside), COVERED), (region, REFUSED), (EVERYTHING, DECIDED)] for region in refused]
        yield readings[OLD], readings[NEW]
        apart = ((*outside, *refused[OLD], *refused[NEW]), COVERED)
        yield [apart, *Lister(joint, OLD).list()], [apart, *Lister(joint, NEW).list()]

    def _zones(self, lists: Lists[Behaviour]) -> Iterator[Zone]:
        impossible, unusual = find_impossible(self._joint), find_unusual(self._joint)
        finder = Finder(lists, self._joint.dimensions, impossible, self._comparisons)
        clashes: list[Clash] = []
        try:
            clashes.extend(finder.find())
        except BudgetExceeded:
            self.is_finished = False
        telling = _Telling(self._joint, lists, finder, impossible)
        for was, becomes, parts in telling.tell(clashes):
            is_unusual = all(
                is_within(part.region, (*part.unless, *impossible, *unusual), self._joint.dimensions) for part in parts
            )
            yield Zone(was=was, becomes=becomes, parts=parts, is_unusual=is_unusual)


class _Groups:
    """Findings by each item that they are about, the largest group first."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        self._all: dict[tuple[int, int], list[Clash]] = {}
        self._left: dict[tuple[int, int], dict[tuple[int, int], Clash]] = {}
        for clash in clashes:
            for key in _items_of(clash):
                self._all.setdefault(key, []).append(clash)
                self._left.setdefault(key, {})[clash.old, clash.new] = clash

    def take_largest(self) -> tuple[int, int, list[Clash]] | None:
        """Return the item that most clashes left are about, and these; if most of its clashes are left, all."""
        key = max(self._left, key=lambda each: len(self._left[each]), default=None)
        if key is None or len(self._left[key]) < _TOLD_TOGETHER:
            return None
        taken = self._left.pop(key)
        for pair, clash in taken.items():
            for other in _items_of(clash):
                if other != key:
                    self._left[other].pop(pair, None)
        is_whole = len(taken) > _MOST_CUT or len(taken) == len(self._all[key])
        return *key, self._all[key] if is_whole else [*taken.values()]

    def are_all(self, side: int, number: int, clashes: Sequence[Clash]) -> bool:
        """Tell whether these are all clashes about an item."""
        return len(clashes) == len(self._all[side, number])

    @property
    def left(self) -> list[Clash]:
        """Return the clashes not taken."""
        return [clash for (side, _), group in self._left.items() if side == OLD for clash in group.values()]


def _items_of(clash: Clash) -> tuple[tuple[int, int], tuple[int, int]]:
    return (OLD, clash.old), (NEW, clash.new)


class _Telling:
    """Findings told as few rows."""

    def __init__(self, joint: Joint, lists: Lists[Behaviour], finder: Finder[Behaviour], impossible: Region) -> None:
        self._joint = joint
        self._patcher = Patcher(finder)
        self._items = (lists.old, lists.new)
        self._impossible = impossible
        self._steps = Steps(_STEPS_TO_TIDY)

    def tell(
        self, clashes: Sequence[Clash]
    ) -> Iterator[tuple[tuple[Behaviour, ...], tuple[Behaviour, ...], tuple[Part, ...]]]:
        groups = _Groups(clashes)
        while (taken := groups.take_largest()) is not None:
            side, number, together = taken
            is_all = groups.are_all(side, number, together)
            parts = self._parts_of_item(side, number, together) if is_all else self._parts_of(together)
            yield self._was(together), self._becomes(together), parts
        pairs: dict[tuple[Behaviour, Behaviour], list[Clash]] = {}
        for clash in groups.left:
            pairs.setdefault((self._items[OLD][clash.old][1], self._items[NEW][clash.new][1]), []).append(clash)
        for (was, becomes), same in pairs.items():
            yield (was,), (becomes,), self._parts_of(same)

    def _parts_of(self, clashes: Sequence[Clash]) -> tuple[Part, ...]:
        if len(clashes) > _MOST_CUT:
            return tuple(self._whole_part(self._patcher.leave_whole(clash)) for clash in clashes)
        return tuple(self._make_part(self._patcher.cut(clash)) for clash in clashes)

    def _whole_part(self, patch: Patch) -> Part:
        before = (self._items[side][number][1] for side, number in patch.before)
        return Part(region=patch.region, unless=patch.unless, before=tuple(dict.fromkeys(before)), shown=patch.shown)

    def _was(self, clashes: Sequence[Clash]) -> tuple[Behaviour, ...]:
        return tuple(dict.fromkeys(self._items[OLD][clash.old][1] for clash in clashes))

    def _becomes(self, clashes: Sequence[Clash]) -> tuple[Behaviour, ...]:
        return tuple(dict.fromkeys(self._items[NEW][clash.new][1] for clash in clashes))

    def _parts_of_item(self, side: int, number: int, clashes: Sequence[Clash]) -> tuple[Part, ...]:
        """Return all of where an item decides and the other side decides otherwise; else clash by clash."""
        if self._items[side][number][0] == EVERYTHING:
            return self._parts_of(clashes)
        patches = self._patcher.cut_item(side, number)
        if patches is not None:
            return tuple(self._make_part(patch) for patch in patches)
        whole = self._patcher.leave_item(side, number, clashes[0]) if len(clashes) > _MOST_CUT else None
        return self._parts_of(clashes) if whole is None else (self._make_part(whole),)

    def _make_part(self, patch: Patch) -> Part:
        unless = frozenset(patch.unless)
        before = [self._items[side][number] for side, number in patch.before]
        kept = [(tuple(box for box in region if box in unless), behaviour) for region, behaviour in before]
        part = self._tidy(patch.region, kept, patch.shown)
        same = (
            Same(behaviour=self._items[each.side][each.number][1], region=each.region, unless=each.unless)
            for each in patch.kept
        )
        return msgspec.structs.replace(part, same=tuple(same))

    def _tidy(self, region: Region, before: Items[Behaviour], shown: Box) -> Part:
        unless = tuple(box for earlier, _ in before for box in earlier)
        nothing = (*unless, *self._impossible)
        wide = widen_all(self._expand(region), nothing, self._joint.dimensions, self._steps, order=self._order)

        def is_met(box: Box) -> bool:
            return any(box.intersection(other) is not None for other in wide)

        met = [behaviour for earlier, behaviour in before if any(is_met(box) for box in earlier)]
        return Part(
            region=wide,
            unless=tuple(box for box in unless if is_met(box)),
            before=tuple(dict.fromkeys(met)),
            shown=shown,
        )

    def _order(self, key: str) -> tuple[bool, str]:
        """Order the sides that it is tried to leave out: history before what is given."""
        return fact_of(self._joint.dimensions[key]) is not None, key

    def _expand(self, region: Region) -> Region:
        """Say in facts what only one side works out, where that does not take too many boxes."""
        for each in reversed(self._joint.worked_out):
            if self._joint.is_one_sided(each.key):
                region = self._expand_one(region, each)
        return region

    def _expand_one(self, region: Region, worked_out: WorkedOut) -> Region:
        dimensions = self._joint.dimensions
        found: list[Box] = []
        try:
            for box in region:
                side = box.sides.get(worked_out.key)
                if side is None:
                    found.append(box)
                    continue
                bare = (Box(sides={key: values for key, values in box.sides.items() if key != worked_out.key}),)
                if side.contains(value=True):
                    found += boxes.intersection(bare, worked_out.region, dimensions, budget=_MOST_EXPANDED)
                else:
                    found += boxes.subtract(bare, worked_out.region, dimensions, budget=_MOST_EXPANDED)
        except BudgetExceeded:
            return region
        return tuple(found) if len(found) <= max(_MOST_EXPANDED, len(region)) else region


def refused_by(joint: Joint, side: int) -> Region:
    """Return where an account is refused: a fact that must be given is not, or has a value that is not allowed."""
    found: list[Region] = []
    code = joint.programs[side]
    for name in sorted(code.needed_facts):
        if code.edition.facts[name].type != "set":
            key = joint.add_fact(side, name)
            universe = joint.dimensions[key].universe
            nothing = msgspec.structs.replace(universe.difference(universe), missing=True)
            found.append(region_of({key: nothing}, joint.dimensions))
    for key, dimension in list(joint.dimensions.items()):
        fact = joint.sharing.fact(side, dimension)
        if fact is None or not fact.values:
            continue
        if isinstance(dimension, Element):
            if dimension.item not in fact.values:
                found.append(region_of({key: YES}, joint.dimensions))
        elif isinstance(dimension.universe, WordSet):
            known = WordSet(words=frozenset(fact.values), missing=True)
            found.append(region_of({key: dimension.universe.difference(known)}, joint.dimensions))
    return tuple(box for region in found for box in region)
