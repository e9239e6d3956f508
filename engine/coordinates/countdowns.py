"""Which rules have a window of their own in the place of the episode (language.md 5.4b): decided once a ruleset."""

from collections.abc import Iterator, Mapping

from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import NO, IntegerSet, ValueSet
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.plan import Planner
from engine.coordinates.surroundings import narrow
from engine.coordinates.windows import Countdown, Window, Windows
from engine.model.condition import AllOf, AnyOf, Condition, InVariant, IsNamed, NoneOf, walk
from engine.model.ruleset import Edition, Rule

_MOST_STEPS = 100_000


def find_windows(edition: Edition, planner: Planner) -> Windows:
    """Return the windows of the rules that have one; where nothing else hangs on history, ``sent_before`` does."""
    found = ((rule.id, _window_of(edition, rule, planner)) for rule in edition.rules if rule.level is None)
    return {rule: window for rule, window in found if window}


def _window_of(edition: Edition, rule: Rule, planner: Planner) -> Window:
    asked = [edition.facts[name] for name in dict.fromkeys(_facts_of(rule.when, edition.conditions))]
    falling = [fact for fact in asked if fact.moves < 0]
    if not falling or any(fact.source == "invoices" for fact in asked):
        return ()
    region = planner.region(rule.when)
    dimensions = narrow(planner.dimensions)  # of accounts that are decided: a needed fact is never missing
    try:
        region = boxes.clip(_write_out(region, planner.parts, dimensions), dimensions)
    except BudgetExceeded:
        region = tuple(Box(sides=_plain_sides(box, planner.parts)) for box in boxes.clip(region, dimensions))
    highest = ((fact, _highest(region, dimensions[fact.name])) for fact in falling)
    return tuple(Countdown(fact=fact, highest=value) for fact, value in highest if value is not None)


def _facts_of(condition: Condition, named: Mapping[str, Condition]) -> Iterator[str]:
    """Yield the facts that a condition asks, by the named ones too."""
    for part in walk(condition):
        if isinstance(part, IsNamed):
            yield from _facts_of(named[part.name], named)
        elif not isinstance(part, AllOf | AnyOf | NoneOf | InVariant):
            yield part.fact


def _write_out(region: Region, parts: Mapping[str, Region], dimensions: Mapping[str, Coordinate]) -> Region:
    """Return a region over facts alone, its parts written out.

    Raises BudgetExceeded.
    """
    found: list[Box] = []
    for box in region:
        whole: Region = (Box(sides=_plain_sides(box, parts)),)
        for key in box.sides.keys() & parts.keys():
            part = _write_out(parts[key], parts, dimensions)
            if box.sides[key] == NO:
                part = boxes.complement(part, dimensions, budget=_MOST_STEPS)
            whole = boxes.intersection(whole, part, dimensions, budget=_MOST_STEPS)
        found += whole
    return tuple(found)


def _plain_sides(box: Box, parts: Mapping[str, Region]) -> dict[str, ValueSet]:
    return {key: values for key, values in box.sides.items() if key not in parts}


def _highest(region: Region, coordinate: Coordinate) -> int | None:
    """Return the highest value of all boxes together; None where one has none, or may lack the fact."""
    sides = [box.sides.get(coordinate.key, coordinate.universe) for box in region]
    highs = [side.intervals[-1][1] if side.intervals else None for side in sides if isinstance(side, IntegerSet)]
    bounded = [high for high in highs if high is not None]
    return max(bounded) if bounded and len(bounded) == len(sides) and not any(s.missing for s in sides) else None
