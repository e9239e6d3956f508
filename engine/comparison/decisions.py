"""Where two editions of a ruleset decide otherwise: by coverage, by what they can read, by their rules."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.comparison.behaviour import COVERED, DECIDED, NOT_COVERED, REFUSED, Behaviour, Judge
from engine.comparison.contrasting import Finder, Finding, Items, Lists
from engine.comparison.flags import join
from engine.comparison.joint import Flag, Joint
from engine.comparison.listing import Lister
from engine.comparison.naming import NEW, OLD, SIDES, own_part
from engine.comparison.possible import find_impossible, find_unusual
from engine.comparison.tidying import is_within, tidy
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Box, BudgetExceeded, Point, Region, Steps, region_of
from engine.conditions.sets import WordSet, booleans
from engine.evaluation.compiled import EditionCode

# From so many on, rows that share what was done, or what becomes of it, are told as one.
_TOLD_TOGETHER = 4
_MOST_EXPANDED = 24
# Of more findings than these nobody reads the places one by one.
_MOST_CUT = 16
_STEPS_TO_TIDY = 20_000


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The points of ``region`` not in ``unless``, where one of ``before`` decides; ``shown`` is a box of it."""

    region: Region
    unless: Region = ()
    before: tuple[Behaviour, ...] = ()
    shown: Box

    def contains(self, point: Point) -> bool:
        """Tell whether a point is in the part."""
        return boxes.contains(self.region, point) and not boxes.contains(self.unless, point)


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
    old: EditionCode,
    new: EditionCode,
    *,
    renamed: Mapping[str, str],
    twin_blocks: frozenset[tuple[str, str]],
    budget: int,
) -> Contrast:
    """Find every zone; ``renamed`` are rules by old id, ``twin_blocks`` the blocks that are the same on both sides."""
    joint = join(old, new, renamed)
    steps = Steps(budget)
    search = _Search(joint, Judge(joint, twin_blocks, steps), steps)
    zones = tuple(search.run())
    return Contrast(joint=joint, zones=zones, is_finished=search.is_finished)


class _Search:
    def __init__(self, joint: Joint, judge: Judge, steps: Steps) -> None:
        self._joint = joint
        self._judge = judge
        self._steps = steps
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
        covered = [joint.lift(side, joint.codes[side].plan.coverage) for side in SIDES]
        yield [(covered[OLD], COVERED), (EVERYTHING, NOT_COVERED)], [(covered[NEW], COVERED), (EVERYTHING, NOT_COVERED)]
        outside = [box for region in covered for box in boxes.complement(region, joint.dimensions)]
        refused = [refused_by(joint, side) for side in SIDES]
        readings = [[(tuple(outside), COVERED), (region, REFUSED), (EVERYTHING, DECIDED)] for region in refused]
        yield readings[OLD], readings[NEW]
        apart = ((*outside, *refused[OLD], *refused[NEW]), COVERED)
        yield [apart, *Lister(joint, OLD).list()], [apart, *Lister(joint, NEW).list()]

    def _zones(self, lists: Lists[Behaviour]) -> Iterator[Zone]:
        impossible, unusual = find_impossible(self._joint), find_unusual(self._joint)
        finder = Finder(lists, self._joint.dimensions, impossible, self._steps)
        findings: list[Finding] = []
        try:
            findings.extend(finder.find())
        except BudgetExceeded:
            self.is_finished = False
        telling = _Telling(self._joint, lists, finder, impossible)
        for was, becomes, parts in telling.tell(findings):
            is_unusual = all(
                is_within(part.region, (*part.unless, *impossible, *unusual), self._joint.dimensions) for part in parts
            )
            yield Zone(was=was, becomes=becomes, parts=parts, is_unusual=is_unusual)


class _Telling:
    """Findings told as few rows."""

    def __init__(self, joint: Joint, lists: Lists[Behaviour], finder: Finder[Behaviour], impossible: Region) -> None:
        self._joint = joint
        self._finder = finder
        self._lists = lists
        self._items = (lists.old, lists.new)
        self._impossible = impossible
        self._steps = Steps(_STEPS_TO_TIDY)

    def tell(
        self, findings: Sequence[Finding]
    ) -> Iterator[tuple[tuple[Behaviour, ...], tuple[Behaviour, ...], tuple[Part, ...]]]:
        left = list(findings)
        while left:
            groups: dict[tuple[int, int], list[Finding]] = {}
            for finding in left:
                groups.setdefault((OLD, finding.old), []).append(finding)
                groups.setdefault((NEW, finding.new), []).append(finding)
            side, number = max(groups, key=lambda key: len(groups[key]))
            together = groups[side, number]
            if len(together) < _TOLD_TOGETHER:
                break
            left = [finding for finding in left if finding not in together]
            yield self._was(together), self._becomes(together), self._parts_of_item(side, number, together)
        pairs: dict[tuple[Behaviour, Behaviour], list[Finding]] = {}
        for finding in left:
            pairs.setdefault((self._items[OLD][finding.old][1], self._items[NEW][finding.new][1]), []).append(finding)
        for (was, becomes), same in pairs.items():
            yield (was,), (becomes,), tuple(self._part(finding) for finding in same)

    def _was(self, findings: Sequence[Finding]) -> tuple[Behaviour, ...]:
        return tuple(dict.fromkeys(self._items[OLD][finding.old][1] for finding in findings))

    def _becomes(self, findings: Sequence[Finding]) -> tuple[Behaviour, ...]:
        return tuple(dict.fromkeys(self._items[NEW][finding.new][1] for finding in findings))

    def _parts_of_item(self, side: int, number: int, findings: Sequence[Finding]) -> tuple[Part, ...]:
        """Return all of where an item decides, if the other side never decides the same there; else by finding."""
        region = self._changed_region(side, number, findings)
        if region is None and len(findings) <= _MOST_CUT:
            return tuple(self._part(finding) for finding in findings)
        if region is None:
            return tuple(self._whole_part(finding) for finding in findings)
        return (self._tidy(region, self._items[side][:number], findings[0].shown),)

    def _changed_region(self, side: int, number: int, findings: Sequence[Finding]) -> Region | None:
        """Return the item's region without those in which the other side does the same, if that says all."""
        region = self._items[side][number][0]
        alike: list[Box] = []
        for other, (theirs, _) in enumerate(self._items[1 - side]):
            differ = self._lists.differ(number, other) if side == OLD else self._lists.differ(other, number)
            if differ and differ != EVERYTHING:
                return None
            if not differ:
                alike += theirs
        if any(self._finder.is_reaching(finding, tuple(alike)) for finding in findings):
            return None
        try:
            return boxes.subtract(region, tuple(alike), self._joint.dimensions, budget=_MOST_EXPANDED)
        except BudgetExceeded:
            return None

    def _part(self, finding: Finding) -> Part:
        patch = self._finder.cut(finding)
        unless = frozenset(patch.unless)
        before = [self._items[side][number] for side, number in patch.before]
        kept = [(tuple(box for box in region if box in unless), behaviour) for region, behaviour in before]
        return self._tidy(patch.region, kept, finding.shown)

    def _whole_part(self, finding: Finding) -> Part:
        patch = self._finder.leave_whole(finding)
        before = (self._items[side][number][1] for side, number in patch.before)
        return Part(region=patch.region, unless=patch.unless, before=tuple(dict.fromkeys(before)), shown=finding.shown)

    def _tidy(self, region: Region, before: Items[Behaviour], shown: Box) -> Part:
        unless = tuple(box for earlier, _ in before for box in earlier)
        nothing = (*unless, *self._impossible)
        wide = tidy(self._expand(region), nothing, self._joint.dimensions, self._steps)

        def is_met(box: Box) -> bool:
            return any(box.intersection(other) is not None for other in wide)

        met = [behaviour for earlier, behaviour in before if any(is_met(box) for box in earlier)]
        return Part(
            region=wide,
            unless=tuple(box for box in unless if is_met(box)),
            before=tuple(dict.fromkeys(met)),
            shown=shown,
        )

    def _expand(self, region: Region) -> Region:
        """Say in facts what only one side works out, where that does not take too many boxes."""
        for flag in reversed(self._joint.flags):
            if own_part(flag.key)[1] is not None:
                region = self._expand_flag(region, flag)
        return region

    def _expand_flag(self, region: Region, flag: Flag) -> Region:
        dimensions = self._joint.dimensions
        found: list[Box] = []
        try:
            for box in region:
                side = box.sides.get(flag.key)
                if side is None:
                    found.append(box)
                    continue
                bare = (Box(sides={key: values for key, values in box.sides.items() if key != flag.key}),)
                if side.contains(value=True):
                    found += boxes.intersection(bare, flag.region, dimensions, budget=_MOST_EXPANDED)
                else:
                    found += boxes.subtract(bare, flag.region, dimensions, budget=_MOST_EXPANDED)
        except BudgetExceeded:
            return region
        return tuple(found) if len(found) <= max(_MOST_EXPANDED, len(region)) else region


def refused_by(joint: Joint, side: int) -> Region:
    """Return where an account is refused: a fact that must be given is not, or has a value that is not allowed."""
    found: list[Region] = []
    code = joint.codes[side]
    for name in sorted(code.needed_facts):
        if code.edition.facts[name].type != "set":
            key = joint.add(side, name)
            universe = joint.dimensions[key].universe
            nothing = msgspec.structs.replace(universe.difference(universe), missing=True)
            found.append(region_of({key: nothing}, joint.dimensions))
    for key, dimension in list(joint.dimensions.items()):
        name, _, item = key.partition(":")
        fact = None if own_part(key)[1] is not None else joint.names.fact(side, key)
        if fact is None or not fact.values:
            continue
        if item and item not in fact.values:
            found.append(region_of({key: booleans(*(True,))}, joint.dimensions))
        elif not item and isinstance(dimension.universe, WordSet):
            known = WordSet(words=frozenset(fact.values), missing=True)
            found.append(region_of({key: dimension.universe.difference(known)}, joint.dimensions))
    return tuple(box for region in found for box in region)
