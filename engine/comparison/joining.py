"""Two editions joined: their coordinates, and what each works out from them."""

from collections.abc import Mapping

from engine.comparison.coordinates import NEW, OLD, SIDES, KeepsTurn, keeps_turn, one_sided
from engine.comparison.joint import Joint, WorkedOut
from engine.conditions import boxes
from engine.conditions.boxes import NOTHING, Dimensions, Region
from engine.coordinates.stops import Stopped, stopped
from engine.evaluation.program import Program


def join(old: Program, new: Program, renamed: Mapping[str, str]) -> Joint:
    """Return both editions in one space; ``renamed`` are rules by their old id, with the new one."""
    joint = Joint(old, new, renamed)
    joint.stops = _define_stops(joint)
    waiting = [_turn_regions(joint, side) for side in SIDES]
    joint.turns = _define_turns(joint, waiting)
    joint.turn_levels = tuple(tuple(sorted(regions)) for regions in waiting)
    return joint


def _define_stops(joint: Joint) -> tuple[WorkedOut, ...]:
    found = [_stop_regions(joint, side) for side in SIDES]
    each = (
        _define(joint, stopped(action), [found[side].get(action, NOTHING) for side in SIDES])
        for action in sorted(found[OLD].keys() | found[NEW].keys())
    )
    return tuple(one for several in each for one in several)


def _stop_regions(joint: Joint, side: int) -> dict[str, Region]:
    program = joint.programs[side]
    found: dict[str, Region] = {}
    for index in program.stop_blocks:
        lifted = joint.lift(side, program.plan.blocks[index])
        for action in program.edition.blocks[index].stops or ():
            found[action] = (*found.get(action, NOTHING), *lifted)
    return found


def _define_turns(joint: Joint, waiting: list[dict[int, Region]]) -> tuple[WorkedOut, ...]:
    each = (
        _define(joint, keeps_turn(level), [waiting[side].get(level, NOTHING) for side in SIDES])
        for level in sorted(waiting[OLD].keys() | waiting[NEW].keys())
    )
    return tuple(one for several in each for one in several)


def _turn_regions(joint: Joint, side: int) -> dict[int, Region]:
    program = joint.programs[side]
    found: dict[int, Region] = {}
    for rule, turn in zip(program.edition.rules, program.plan.turns, strict=True):
        lifted = joint.lift(side, turn)
        if lifted:
            found[rule.level or 0] = (*found.get(rule.level or 0, NOTHING), *lifted)
    return found


def _define(joint: Joint, meant: Stopped | KeepsTurn, regions: list[Region]) -> list[WorkedOut]:
    """Return what is worked out for each side that has it: one coordinate where both mean the same."""
    are_alike = _are_equal(regions[OLD], regions[NEW], joint.dimensions)
    found = []
    for side in SIDES:
        if regions[side]:
            coordinate = meant if are_alike else one_sided(meant, side)
            joint.dimensions[coordinate.key] = coordinate
            found.append(WorkedOut(key=coordinate.key, meant=meant, side=side, region=regions[side]))
    return found


def _are_equal(left: Region, right: Region, dimensions: Dimensions) -> bool:
    """Tell whether two regions hold the same points; false where that cannot be said in the budget."""
    if set(left) == set(right):
        return True
    try:
        return boxes.is_subset(left, right, dimensions) and boxes.is_subset(right, left, dimensions)
    except boxes.BudgetExceeded:
        return False
