"""What stands beside a coordinate: the other coordinates, and where their values are cut."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from engine.conditions.boxes import Box, Region
from engine.conditions.sets import IntegerSet
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import Element, FactCoordinate
from engine.coordinates.windows import NO_WINDOWS, Windows
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED

C = TypeVar("C", bound=Coordinate)

DAYS_OVERDUE = "days_overdue"


class Beside:
    """Some coordinates that belong together; ``regions`` are those in which their values are told apart.

    ``limits`` are the contact limits that channels are read under, ``known_channels`` the channels that accounts can
    have, and ``preferable`` those they can prefer. ``levelled`` are the targets whose every execution has a level.
    ``holds`` says for what is worked out where it does so, by key, and ``waiting`` what keeps a rule waiting, by level.
    ``groups`` are the rules of targets that count the executions of several, ``windows`` those of rules that count by
    a countdown.
    """

    def __init__(  # noqa: PLR0913  # all that stands beside a coordinate
        self,
        coordinates: Mapping[str, Coordinate],
        regions: Iterable[Region],
        *,
        limits: tuple[ContactLimit, ...] = (),
        known_channels: Iterable[str] = CHANNELS,
        preferable: Iterable[str] = CHANNELS,
        levelled: frozenset[str] = frozenset(),
        holds: Mapping[str, Region] | None = None,
        waiting: Mapping[int, tuple[str, ...]] | None = None,
        groups: Mapping[str, tuple[str, ...]] | None = None,
        windows: Windows = NO_WINDOWS,
    ) -> None:
        self._coordinates = coordinates
        self._regions = tuple(regions)
        self._known_channels = tuple(known_channels)
        self._preferable = tuple(preferable)
        self._kinds: dict[type[Coordinate], tuple[Coordinate, ...]] = {}
        self.limits = limits
        self.levelled = levelled
        self.holds = holds or {}
        self.waiting = waiting or {}
        self.groups = groups or {}
        self.windows = windows

    def impossible(self) -> Iterator[Box]:
        """Yield boxes in which no account is, whatever its history."""
        for each in self._coordinates.values():
            yield from each.impossible(self)

    @property
    def dimensions(self) -> Mapping[str, Coordinate]:
        """Return all of them by key."""
        return self._coordinates

    def __contains__(self, other: Coordinate) -> bool:
        """Tell whether a coordinate is among them."""
        return other.key in self._coordinates

    def of(self, kind: type[C]) -> tuple[C, ...]:
        """Return the coordinates of a kind."""
        if kind not in self._kinds:
            self._kinds[kind] = tuple(each for each in self._coordinates.values() if isinstance(each, kind))
        return self._kinds[kind]  # type: ignore[return-value]  # just of this kind

    @cached_property
    def _facts(self) -> dict[str, FactCoordinate]:
        return {each.fact.name: each for each in self.of(FactCoordinate)}

    @cached_property
    def _elements(self) -> dict[tuple[str, str], Element]:
        return {(each.fact.name, each.item): each for each in self.of(Element)}

    def fact(self, name: str) -> FactCoordinate | None:
        """Return a fact, if a condition asks about it."""
        return self._facts.get(name)

    @property
    def days_overdue(self) -> FactCoordinate | None:
        """Return the age of the debt, which names the episode."""
        return self.fact(DAYS_OVERDUE)

    def element(self, fact: str, item: str) -> Element | None:
        """Return "the set contains the item", if a condition asks about it."""
        return self._elements.get((fact, item))

    def usable(self, order: Iterable[str]) -> list[str]:
        """Return the channels of a rule's order that some account can have and some contact limit leaves open."""
        closed = {limit.channel for limit in self.limits if limit.at_most == 0}
        named = [channel for name in order for channel in (self._preferable if name == PREFERRED else (name,))]
        known = self._known_channels
        return [] if None in closed else [name for name in dict.fromkeys(named) if name in known and name not in closed]

    def tells_apart(self, coordinates: Iterable[Coordinate]) -> bool:
        """Tell whether all of these are known and some region asks about one."""
        keys = {each.key for each in coordinates}
        return keys <= self._coordinates.keys() and not keys.isdisjoint(self._asked)

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(key for region in self._regions for box in region for key in box.sides)

    def cuts(self, *coordinates: Coordinate) -> list[int]:
        """Return the numbers at which some region's values of these begin, or have just ended."""
        return sorted(set[int]().union(*(self._cuts.get(each.key, ()) for each in coordinates)))

    @cached_property
    def _cuts(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for region in self._regions:
            for box in region:
                for key, side in box.sides.items():
                    if isinstance(side, IntegerSet):
                        ends = found.setdefault(key, set())
                        ends.update(low for low, _ in side.intervals if low is not None)
                        ends.update(high + 1 for _, high in side.intervals if high is not None)
        return found
