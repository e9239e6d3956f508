"""Whether a condition holds of an account, asked of the boxes as decisions are."""

from typing import TypeAlias

from engine.conditions import boxes
from engine.conditions.boxes import Region, keys_of
from engine.coordinates.plan import Planner
from engine.coordinates.variants import Variant
from engine.evaluation.program import Program
from engine.evaluation.view import View
from engine.model.condition import Condition

Where: TypeAlias = tuple[Region, Planner]


def holds(condition: Condition, view: View) -> bool:
    """Tell whether a condition holds; one about an experiment that no rule asks about does not."""
    return is_within(region_of(view.program, condition), view)


def region_of(program: Program, condition: Condition) -> Where:
    """Return where a condition holds."""
    planner = Planner(program.ruleset, program.edition)
    return planner.region(condition), planner


def is_within(where: Where, view: View) -> bool:
    """Tell whether an account lies in a region."""
    region, planner = where
    coordinates = [planner.dimensions[key] for key in keys_of([region, *planner.parts.values()])]
    if any(isinstance(each, Variant) and each.experiment.id not in view.snapshot.variants for each in coordinates):
        return False
    point = view.read(coordinates)
    for key, part in planner.parts.items():  # what others stand on first
        point[key] = boxes.contains(part, point)
    return boxes.contains(region, point)
