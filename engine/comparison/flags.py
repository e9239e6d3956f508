"""Two editions joined: their dimensions, and the flags that each works out from them."""

from collections.abc import Mapping

from engine.comparison.joint import Flag, Joint, waits_key
from engine.comparison.naming import NEW, OLD, SIDES, SUFFIXES, Names
from engine.conditions import boxes
from engine.conditions.boxes import NOTHING, Dimensions, Region
from engine.conditions.sets import Dimension
from engine.coordinates import keys
from engine.coordinates.facts import EITHER
from engine.evaluation.program import Program


def join(old: Program, new: Program, renamed: Mapping[str, str]) -> Joint:
    """Return both editions in one space; ``renamed`` are rules by their old id, with the new one."""
    joint = Joint(old, new, Names(old, new, renamed))
    joint.stops = _define_stops(joint)
    waiting = [_turn_regions(joint, side) for side in SIDES]
    joint.turns = _define_turns(joint, waiting)
    joint.turn_levels = tuple(tuple(sorted(regions)) for regions in waiting)
    return joint


def _define_stops(joint: Joint) -> tuple[Flag, ...]:
    stopped = [_stop_regions(joint, side) for side in SIDES]
    found: list[Flag] = []
    for action in sorted(stopped[OLD].keys() | stopped[NEW].keys()):
        found += _define(joint, keys.stopped_key(action), [stopped[side].get(action, NOTHING) for side in SIDES])
    return tuple(found)


def _stop_regions(joint: Joint, side: int) -> dict[str, Region]:
    code = joint.programs[side]
    found: dict[str, Region] = {}
    for index in code.stop_blocks:
        lifted = joint.lift(side, code.plan.blocks[index])
        for action in code.edition.blocks[index].stops or ():
            found[action] = (*found.get(action, NOTHING), *lifted)
    return found


def _define_turns(joint: Joint, waiting: list[dict[int, Region]]) -> tuple[Flag, ...]:
    found: list[Flag] = []
    for level in sorted(waiting[OLD].keys() | waiting[NEW].keys()):
        found += _define(joint, waits_key(level), [waiting[side].get(level, NOTHING) for side in SIDES])
    return tuple(found)


def _turn_regions(joint: Joint, side: int) -> dict[int, Region]:
    code = joint.programs[side]
    found: dict[int, Region] = {}
    for rule, turn in zip(code.edition.rules, code.plan.turns, strict=True):
        lifted = joint.lift(side, turn)
        if lifted:
            found[rule.level or 0] = (*found.get(rule.level or 0, NOTHING), *lifted)
    return found


def _define(joint: Joint, key: str, regions: list[Region]) -> list[Flag]:
    """Return the flag for each side that has it: one key where both mean the same."""
    are_alike = are_equal(regions[OLD], regions[NEW], joint.dimensions)
    found = []
    for side in SIDES:
        if regions[side]:
            name = key if are_alike else key + SUFFIXES[side]
            joint.dimensions[name] = Dimension(key=name, kind="boolean", universe=EITHER)
            found.append(Flag(key=name, side=side, region=regions[side]))
    return found


def are_equal(left: Region, right: Region, dimensions: Dimensions) -> bool:
    """Tell whether two regions hold the same points; false where that cannot be said in the budget."""
    if set(left) == set(right):
        return True
    try:
        return boxes.is_subset(left, right, dimensions) and boxes.is_subset(right, left, dimensions)
    except boxes.BudgetExceeded:
        return False
