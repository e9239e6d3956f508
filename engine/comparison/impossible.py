"""Points of a joint space that no account has, and those that none has in the usual course of things.

Every box here is a claim: nothing in it can happen. What is left out only costs a row that says too much.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import permutations

from engine.comparison.coordinates import NEW, OLD, SIDES, OneSided
from engine.comparison.joint import Joint
from engine.comparison.scores import sums_never_together
from engine.comparison.variants import never_together
from engine.conditions import boxes
from engine.conditions.boxes import Box, Region, region_of
from engine.conditions.sets import ValueSet, integers
from engine.coordinates.attempts import Attempts
from engine.coordinates.beside import Beside
from engine.coordinates.contacts import Contacts
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import level_target
from engine.coordinates.executions import GIVEN, MISSING, NEVER, SOME, DaysSince, Done, Met, OfTarget, done
from engine.coordinates.facts import fact_of
from engine.coordinates.flags import holds_just_in
from engine.coordinates.ladder import LEVEL
from engine.coordinates.repetition import Recent, Rest
from engine.coordinates.scores import Score


def find_impossible(joint: Joint) -> Region:
    """Return boxes in which no account lies."""
    known = joint.dimensions
    found = [box.sides for side in SIDES for box in _of_side(joint, side)]
    found += [box.sides for box in (*never_together(joint), *sums_never_together(joint))]
    for each in joint.worked_out:
        found += [box.sides for box in holds_just_in(known[each.key], each.region, known)]
    others = (each for each in known.values() if fact_of(each) is None)
    found += [{each.key: each.universe.difference(each.possible)} for each in others]
    return tuple(dict.fromkeys(box for sides in found for box in region_of(sides, known)))


def _of_side(joint: Joint, side: int) -> Iterator[Box]:
    """Yield what cannot be among the coordinates that both sides share and those of one side alone."""
    own: dict[str, Coordinate] = {}
    names: dict[str, str] = {}
    for key, each in joint.dimensions.items():
        if not isinstance(each, OneSided):
            own[key] = each
        elif each.side == side:
            own[each.own.key] = each.own
            names[each.own.key] = key
    levels = {rule.level for program in joint.programs for rule in program.edition.rules if rule.level is not None}
    levelled = frozenset(level_target(level) for level in levels)
    groups = joint.sharing.groups(side)
    regions = (_counted(joint, own), _scored(joint, side, own))
    beside = Beside(own, regions, limits=joint.limits.common, levelled=levelled, groups=groups)
    for box in beside.impossible():
        yield Box(sides={names.get(key, key): values for key, values in box.sides.items()})


def _scored(joint: Joint, side: int, coordinates: Mapping[str, Coordinate]) -> Region:
    """Return the facts of scores that a side asks about besides, without telling their values apart."""
    made = {part.key for each in coordinates.values() if isinstance(each, Score) for part in each.asked}
    asked = made.intersection(boxes.keys_of(joint.programs[side].plan.first)) if made else made
    return tuple(Box(sides={key: coordinates[key].universe}) for key in sorted(asked & coordinates.keys()))


def _counted(joint: Joint, coordinates: Mapping[str, Coordinate]) -> Region:
    """Return where what limits and repetitions count is told apart."""
    editions = [program.edition for program in joint.programs]
    repeats = [rule.repeat for edition in editions for rule in edition.rules if rule.repeat is not None]
    told_apart: tuple[tuple[type[Coordinate], set[int]], ...] = (
        (Attempts, {limit.at_most for edition in editions for limit in edition.attempt_limits}),
        (Contacts, {limit.at_most for side in joint.limits.own for limit in side}),
        (Recent, {repeat.at_most for repeat in repeats if repeat.at_most is not None}),
        (Rest, {0}),
    )
    return tuple(
        Box(sides={key: integers((cut, None))})
        for key, each in coordinates.items()
        for kind, cuts in told_apart
        if isinstance(each, kind)
        for cut in sorted(cuts)
    )


def find_unusual(joint: Joint) -> Region:
    """Return boxes in which no account lies in the usual course of things.

    There its level stands lower than what was executed on it (set by hand, or by an entry that names a lower one), it
    has executed a rule that is only now new (so that a table with a new row counts what it did not), or what was
    executed between episodes was not recorded with that.
    """
    levels: dict[str, int] = {}
    known: tuple[set[str], set[str]] = (set(), set())
    for side, program in enumerate(joint.programs):
        for rule in program.edition.rules:
            key = done(joint.sharing.joint_rule(side, rule.id)).key
            known[side].add(key)
            if rule.level is not None:
                levels[key] = min(rule.level, levels.get(key, rule.level))
    found: list[dict[str, ValueSet]] = [
        {key: SOME, LEVEL.key: integers((None, level - 1))} for key, level in levels.items()
    ]
    found += [{key: SOME} for key in known[NEW] - known[OLD]]
    dimensions = joint.dimensions
    counted = [each for each in dimensions.values() if isinstance(each, Met)]
    found += [{each.holding.key: SOME, each.key: NEVER} for each in counted]
    found += _counted_by_one(joint, known[NEW] - known[OLD])
    regions = (region_of(sides, dimensions) for sides in found if sides.keys() <= dimensions.keys())
    return tuple(box for region in regions for box in region)


def _counted_by_one(joint: Joint, added: AbstractSet[str]) -> Iterator[dict[str, ValueSet]]:
    """Yield where a table with other rows counts what the old one did not, though no ``added`` rule was executed."""
    tables = [each for each in joint.dimensions.values() if isinstance(each, OneSided)]
    for one, other in permutations(tables, 2):
        if not isinstance(one.own, OfTarget) or type(one.own) is not type(other.own) or one.side == other.side:
            continue
        fewer, more = (_rows_without(joint, each, added) for each in (one, other))
        if fewer and fewer <= more:
            yield from _counted_alone(one, other, _cuts(joint))


def _rows_without(joint: Joint, table: OneSided, added: AbstractSet[str]) -> frozenset[str]:
    """Return the rows that a coordinate counts, but for rules that are new."""
    target = table.own.target if isinstance(table.own, OfTarget) else ""
    rows = joint.sharing.groups(table.side).get(target, ())
    return frozenset(row for row in rows if done(row).key not in added)


def _counted_alone(fewer: OneSided, more: OneSided, cuts: AbstractSet[int]) -> Iterator[dict[str, ValueSet]]:
    """Yield where what counts fewer rows counts more often or later than what counts these too."""
    match fewer.own:
        case Done():
            for cut in cuts:
                yield {fewer.key: integers((cut, None)), more.key: integers((None, cut - 1))}
        case DaysSince():
            yield {fewer.key: GIVEN, more.key: MISSING}
            for cut in cuts:
                yield {fewer.key: integers((None, cut - 1)), more.key: integers((cut, None))}


def _cuts(joint: Joint) -> frozenset[int]:
    """Return the times and days by which an ``after`` of either side tells executions apart."""
    waited = [each for program in joint.programs for rule in program.edition.rules for each in rule.after]
    return frozenset({1, *(each.times for each in waited), *(each.days for each in waited)})
