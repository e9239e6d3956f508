"""What a box asks of an account, coordinate by coordinate."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar

from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, ValueSet
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import OfTarget
from engine.coordinates.facts import Element, FactCoordinate

C = TypeVar("C", bound=Coordinate)
Asked: TypeAlias = tuple[tuple[Coordinate, ValueSet], ...]


class Wishes:
    """Coordinates with the values that they are to have."""

    def __init__(self, asked: Iterable[tuple[Coordinate, ValueSet]]) -> None:
        self.asked: Asked = tuple(asked)
        self._by_key = {each.key: values for each, values in self.asked}

    def of(self, kind: type[C]) -> list[tuple[C, ValueSet]]:
        """Return what is asked of the coordinates of a kind."""
        return [(each, values) for each, values in self.asked if isinstance(each, kind)]

    def find(self, coordinate: Coordinate) -> ValueSet | None:
        """Return what is asked of a coordinate, None where it is left open."""
        return self._by_key.get(coordinate.key)

    def fact(self, name: str) -> ValueSet | None:
        """Return what is asked of a fact that is no set, None where it is left open."""
        return next((values for each, values in self.of(FactCoordinate) if each.fact.name == name), None)

    def items(self, fact: str) -> dict[str, ValueSet]:
        """Return what is asked of the items of a set."""
        return {each.item: values for each, values in self.of(Element) if each.fact.name == fact}

    @property
    def is_without_debt(self) -> bool:
        """Tell whether nothing is to be open: what is executed then is executed between episodes."""
        days = self.fact(DAYS_OVERDUE)
        if isinstance(days, IntegerSet) and (not days.intervals or not days.missing):
            return not days.intervals
        return any(self._is_held_alone(each, values) for each, values in self.of(OfTarget))

    def _is_held_alone(self, counted: OfTarget, values: ValueSet) -> bool:
        """Tell whether what holds a rule back is not what an ``after`` counts, which with a debt it always is."""
        held = None if counted.holding is None else self.find(counted.holding)
        return held is not None and values.intersection(held).is_empty()

    @property
    def facts(self) -> set[str]:
        """Return the facts about which something is asked."""
        return {each.fact.name for each, _ in self.asked if isinstance(each, FactCoordinate | Element)}


def wishes_of(box: Box, coordinates: Mapping[str, Coordinate]) -> Wishes:
    """Return what a box asks."""
    return Wishes((coordinates[key], values) for key, values in box.sides.items())


def nearest(values: ValueSet | None, usual: int) -> int | None:
    """Return the number of a set that is nearest to the usual one, None where it holds no number."""
    if not isinstance(values, IntegerSet):
        return None
    ends = [_clip(usual, low, high) for low, high in values.intervals]
    return min(ends, key=lambda value: abs(value - usual), default=None)


def least(values: ValueSet | None) -> int | None:
    """Return the number nearest to 0, None where the set may be missing or nothing is asked."""
    return None if values is None or values.missing else nearest(values, 0)


def _clip(value: int, low: int | None, high: int | None) -> int:
    raised = value if low is None else max(value, low)
    return raised if high is None else min(raised, high)
