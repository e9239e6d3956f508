"""Conditions that hold of no account, or of every account."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from engine.analysis.relations import present
from engine.analysis.sources import Source, list_sources, parts_of, walk
from engine.analysis.study import Study
from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, Region, region_of
from engine.conditions.sets import Dimension
from engine.model.condition import AllOf, Condition, IsNamed, IsNoneOf, IsOneOf, NoneOf
from engine.model.diagnostic import Position

_COMPARISONS_A_STEP = 1_000
Constancy = Literal["never", "always"]


class Constant(msgspec.Struct, frozen=True, kw_only=True):
    """A condition, or the smallest part of one, that has the same answer for all.

    "always" of a test means of all that give the fact: of a missing one every test is false.
    """

    source: Source
    condition: Condition
    constancy: Constancy
    at: Position


def find_constants(study: Study) -> Iterator[Constant]:
    """Yield the smallest parts of conditions that hold never or always."""
    sources = list_sources(study)
    every = [part for source in sources for part in walk(source.condition)]
    examined = {is_decided: study.examine(every, is_decided=is_decided) for is_decided in (False, True)}
    for source in sources:
        regions, dimensions = examined[source.is_decided]
        by_part = dict(zip(map(id, every), regions, strict=True))
        yield from _Search(source, by_part, dimensions, study.budget).find(source.condition, source.at)


class _Search:
    def __init__(
        self, source: Source, regions: dict[int, Region], dimensions: dict[str, Dimension], budget: int
    ) -> None:
        self._source = source
        self._regions = regions
        self._dimensions = dimensions
        self._budget = budget // _COMPARISONS_A_STEP

    def find(self, condition: Condition, at: Position) -> list[Constant]:
        """Return what is constant among the parts of a condition, or else the condition itself."""
        if isinstance(condition, IsNamed) or condition == AllOf(conditions=()):
            return []
        at = getattr(condition, "at", None) or _first_place(condition) or at
        found = [constant for part in parts_of(condition) for constant in self.find(part, at)]
        if found:
            return found
        constancy = self._judge(condition)
        if constancy is None or _has_constant_name(condition, constancy):
            return []
        return [Constant(source=self._source, condition=condition, constancy=constancy, at=at)]

    def _judge(self, condition: Condition) -> Constancy | None:
        region = self._regions[id(condition)]
        if not region:
            return "never"
        asked = EVERYTHING
        if isinstance(condition, IsOneOf | IsNoneOf):
            given = present(self._dimensions[condition.fact])
            asked = region_of({condition.fact: given}, self._dimensions)
        return "always" if boxes.is_subset(asked, region, self._dimensions, budget=self._budget) else None


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
