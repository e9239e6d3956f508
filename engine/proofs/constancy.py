"""Conditions that hold of no account, or of every account."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.conditions.sets import Dimension
from engine.coordinates.plan import Planner
from engine.coordinates.surroundings import narrow
from engine.model.condition import AllOf, AnyOf, Condition, IsNamed, IsNoneOf, IsOneOf, NoneOf, parts_of, walk
from engine.model.diagnostic import Position
from engine.model.places import Places
from engine.model.ruleset import Edition
from engine.proofs.sources import Source, list_sources

_MOST_STEPS = 10_000
Constancy = Literal["never", "always"]


class Constant(msgspec.Struct, frozen=True, kw_only=True):
    """A condition, or the smallest part of one, that has the same answer for all.

    "always" of a test means of all that give the fact: of a missing one every test is false.
    """

    source: Source
    condition: Condition
    constancy: Constancy
    at: Position


def find_constants(edition: Edition, planner: Planner, places: Places) -> Iterator[Constant]:
    """Yield the smallest parts of conditions that hold never or always."""
    sources = list_sources(edition, places)
    for source in sources:
        for part in walk(source.condition):
            planner.region(part)
    # Only accounts that are decided have every needed fact.
    decided = narrow(planner.dimensions)
    for source in sources:
        dimensions = decided if source.is_decided else planner.dimensions
        yield from _Search(source, planner, dimensions).find(source.condition, source.at)


class _Search:
    def __init__(self, source: Source, planner: Planner, dimensions: Mapping[str, Dimension]) -> None:
        self._source = source
        self._planner = planner
        self._dimensions = dimensions

    def find(self, condition: Condition, at: Position) -> list[Constant]:
        """Return what is constant among the parts of a condition, or else the condition itself."""
        if isinstance(condition, IsNamed) or condition == AllOf(conditions=()):
            return []
        at = getattr(condition, "at", None) or _first_place(condition) or at
        found = [constant for part in parts_of(condition) for constant in self.find(part, at)]
        if found:
            return found
        constancy = self._judge(condition)
        if constancy is None or _has_constant_name(condition, constancy) or self._has_empty_name(condition):
            return []
        return [Constant(source=self._source, condition=condition, constancy=constancy, at=at)]

    def _has_empty_name(self, condition: Condition) -> bool:
        """Tell whether it holds of nothing because a named condition does not, whose definition is reported."""
        if isinstance(condition, IsNamed):
            return not self._planner.region(condition)
        if isinstance(condition, AllOf):
            return any(self._has_empty_name(part) for part in condition.conditions)
        parts = condition.conditions if isinstance(condition, AnyOf) else ()
        return bool(parts) and all(self._has_empty_name(part) for part in parts)

    def _judge(self, condition: Condition) -> Constancy | None:
        region = self._planner.region(condition)
        if self._source.is_decided:
            region = boxes.clip(region, self._dimensions)
        if not region:
            return "never"
        asked = Box(sides={})
        if isinstance(condition, IsOneOf | IsNoneOf):
            asked = Box(sides={condition.fact: self._dimensions[condition.fact].present})
        return "always" if self._holds_all(asked, region) else None

    def _holds_all(self, asked: Box, region: Region) -> bool:
        if len(region) == 1:
            sides = region[0].sides.items()
            return all(asked.sides.get(key, self._dimensions[key].universe).is_subset(values) for key, values in sides)
        try:
            return boxes.is_subset((asked,), region, self._dimensions, budget=_MOST_STEPS)
        except BudgetExceeded:
            return False


def _has_constant_name(condition: Condition, constancy: Constancy) -> bool:
    """Tell whether the condition is only a named one in other clothes; its definition is reported."""
    parts = parts_of(condition)
    return constancy == "always" and bool(parts) and all(isinstance(part, IsNamed) for part in parts)


def _first_place(condition: Condition) -> Position | None:
    """Return where the first part of a mapping stands."""
    if isinstance(condition, NoneOf):
        return condition.at
    for part in parts_of(condition):
        place = getattr(part, "at", None) or _first_place(part)
        if isinstance(place, Position):
            return place
    return None
