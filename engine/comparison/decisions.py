"""Where two editions of a ruleset decide otherwise: by coverage, by what they can read, by their rules."""

from collections.abc import Iterator, Mapping

import msgspec

from engine.comparison.behaviour import COVERED, DECIDED, NOT_COVERED, REFUSED, Behaviour, Judge
from engine.comparison.contrasting import Items, contrast
from engine.comparison.joint import NEW, OLD, SIDES, Flag, Joint, own_part
from engine.comparison.listing import Lister
from engine.comparison.possible import find_impossible, find_unusual
from engine.comparison.tidying import take_out, tidy
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Box, BudgetExceeded, Region, Steps, region_of
from engine.conditions.sets import WordSet, booleans
from engine.evaluation.compiled import EditionCode

# From so many on, rows that share what was done, or what becomes of it, are told as one.
_TOLD_TOGETHER = 4
_MOST_EXPANDED = 2_000
_Pairs = dict[tuple[Behaviour, Behaviour], list[Box]]


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A region in which the decision differs, and from what to what.

    ``is_unusual``: only accounts whose level was set lower by hand than what was executed on them lie in it.
    """

    was: tuple[Behaviour, ...]
    becomes: tuple[Behaviour, ...]
    region: Region
    is_unusual: bool = False


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
    joint = Joint(old, new, renamed)
    search = _Search(joint, Judge(joint, twin_blocks, budget=budget), Steps(budget))
    zones = search.run()
    return Contrast(joint=joint, zones=zones, is_finished=search.is_finished)


class _Search:
    def __init__(self, joint: Joint, judge: Judge, steps: Steps) -> None:
        self._joint = joint
        self._judge = judge
        self._steps = steps
        self.is_finished = True

    def run(self) -> tuple[Zone, ...]:
        pairs: _Pairs = {}
        try:
            for lists in self._lists():
                for box, was, becomes in contrast(
                    lists[OLD], lists[NEW], self._joint.dimensions, self._judge.differ, budget=self._steps
                ):
                    pairs.setdefault((was, becomes), []).append(box)
        except BudgetExceeded:
            self.is_finished = False
        return tuple(self._tidy(pairs))

    def _lists(self) -> Iterator[tuple[Items[Behaviour], Items[Behaviour]]]:
        """Yield the lists to be held against each other, each pair within what the one before left alike."""
        joint = self._joint
        covered = [joint.lift(side, joint.codes[side].plan.coverage) for side in SIDES]
        yield ((covered[OLD], COVERED), (EVERYTHING, NOT_COVERED)), ((covered[NEW], COVERED), (EVERYTHING, NOT_COVERED))
        outside = [box for region in covered for box in boxes.complement(region, joint.dimensions)]
        refused = [refused_by(joint, side) for side in SIDES]
        readings = [[(tuple(outside), COVERED), (region, REFUSED), (EVERYTHING, DECIDED)] for region in refused]
        yield readings[OLD], readings[NEW]
        apart = ((*outside, *refused[OLD], *refused[NEW]), COVERED)
        yield [apart, *Lister(joint, OLD).list()], [apart, *Lister(joint, NEW).list()]

    def _tidy(self, pairs: _Pairs) -> Iterator[Zone]:
        joint = self._joint
        impossible = find_impossible(joint)
        unusual = find_unusual(joint)
        kept: dict[tuple[Behaviour, Behaviour], Region] = {}
        for pair, found in pairs.items():
            region = take_out(self._expand(tuple(found)), impossible, joint.dimensions)
            if region:
                kept[pair] = region
        for was, becomes, region in _tell_together(kept):
            zone = tidy(region, impossible, joint.dimensions)
            is_unusual = not take_out(zone, (*impossible, *unusual), joint.dimensions)
            yield Zone(was=was, becomes=becomes, region=zone, is_unusual=is_unusual)

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
        return tuple(found)


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
        fact = None if own_part(key)[1] is not None else joint.fact(side, key)
        if fact is None or not fact.values:
            continue
        if item and item not in fact.values:
            found.append(region_of({key: booleans(*(True,))}, joint.dimensions))
        elif not item and isinstance(dimension.universe, WordSet):
            known = WordSet(words=frozenset(fact.values), missing=True)
            found.append(region_of({key: dimension.universe.difference(known)}, joint.dimensions))
    return tuple(box for region in found for box in region)


def _tell_together(
    kept: Mapping[tuple[Behaviour, Behaviour], Region],
) -> Iterator[tuple[tuple[Behaviour, ...], tuple[Behaviour, ...], Region]]:
    """Yield the pairs with their regions, those of many that share a side as one."""
    left = dict(kept)
    while left:
        groups: dict[tuple[int, Behaviour], list[tuple[Behaviour, Behaviour]]] = {}
        for pair in left:
            for side in SIDES:
                groups.setdefault((side, pair[side]), []).append(pair)
        largest = max(groups.values(), key=len)
        if len(largest) < _TOLD_TOGETHER:
            break
        region = tuple(box for pair in largest for box in left.pop(pair))
        yield _each_once(pair[OLD] for pair in largest), _each_once(pair[NEW] for pair in largest), region
    for (was, becomes), region in left.items():
        yield (was,), (becomes,), region


def _each_once(behaviours: Iterator[Behaviour]) -> tuple[Behaviour, ...]:
    return tuple(dict.fromkeys(behaviours))
