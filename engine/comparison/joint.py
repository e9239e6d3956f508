"""Two editions over one set of dimensions, so that a box of either can be held against a box of the other.

Whatever a ruleset works out by itself from other dimensions (what a block stops, which level keeps its turn) is a
flag, whose definition is a region for each side.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from engine.comparison.contacts import alike_key, compare_limits, contacts_key
from engine.comparison.naming import LAST_RULE, LEVEL_FACT, NEW, PREFERRED_FACT, SUFFIXES, Names
from engine.conditions import boxes
from engine.conditions.boxes import NOTHING, Box, Region, region_of
from engine.conditions.sets import (
    BooleanSet,
    Dimension,
    IntegerSet,
    Kind,
    Value,
    ValueSet,
    WordSet,
    booleans,
    integers,
    words,
)
from engine.coordinates import keys
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.facts import EITHER, fact_coordinate
from engine.evaluation.program import Program
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import PREFERRED

Point: TypeAlias = dict[str, Value]
OF_CHANNELS = ("@reach:", "@limited:")
_WORKED_OUT = (keys.TURN, "@stopped:", *OF_CHANNELS)
_YES, _NO = booleans(*(True,)), booleans(*(False,))


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A boolean dimension that a side works out from others: true in its region."""

    key: str
    side: int
    region: Region


def waits_key(level: int) -> str:
    """Name "a rule of this level keeps its turn"."""
    return f"@waits:{level}"


class Joint:
    """The dimensions of two editions together, and what a region of either is over them.

    ``of_channels`` are the dimensions that only a joint space has, ``turn_levels`` the levels whose turn a side keeps.
    """

    def __init__(self, old: Program, new: Program, names: Names) -> None:
        self.programs = (old, new)
        self.names = names
        self.limits = compare_limits(old.ruleset.contact_limits, new.ruleset.contact_limits)
        self.dimensions: dict[str, Dimension] = {}
        self.origins: dict[str, dict[int, str]] = {}
        self.of_channels: list[str] = []
        self.stops: tuple[Flag, ...] = ()
        self.turns: tuple[Flag, ...] = ()
        self.turn_levels: tuple[tuple[int, ...], ...] = ((), ())
        for side, code in enumerate(self.programs):
            for key in code.plan.dimensions:
                if not key.startswith(_WORKED_OUT):
                    self.add(side, key)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Return every flag, those that others are defined by first."""
        return (*self.stops, *self.turns)

    def flag_name(self, key: str, side: int) -> str | None:
        """Return the joint key of a side's flag, or None if it is false for every account."""
        known = {flag.key for flag in self.flags if flag.side == side}
        return next((name for name in (key, key + SUFFIXES[side]) if name in known), None)

    def add(self, side: int, key: str) -> str:
        """Take in a dimension of one side, and return its joint key."""
        name = self.names.key(side, key)
        self.origins.setdefault(name, {})[side] = key
        if name not in self.dimensions:
            self.dimensions[name] = Dimension(key=name, kind=self.own(side, key).kind, universe=self._all(side, key))
        return name

    def own(self, side: int, key: str) -> Coordinate:
        """Return the dimension as the side has it; a fact that it does not test is made up."""
        found = self.programs[side].plan.dimensions.get(key)
        if found is not None:
            return found
        return fact_coordinate(self.programs[side].edition.facts[key])

    def _all(self, side: int, key: str) -> ValueSet:
        """Return every value that accounts may have, whichever side would refuse it."""
        universe = self.own(side, key).universe
        fact = self.names.fact(side, key)
        if key == LEVEL_FACT:
            return integers((None, None))
        if fact is None or ":" in key or key in self.names.unlike_facts:
            return universe
        other = self.names.fact(1 - side, key)
        if other is not None:
            universe = universe.union(fact_coordinate(other).universe)
        return msgspec.structs.replace(universe, missing=True) if key in self.names.unlike_defaults else universe

    # Channels

    def reach(self, side: int | None, channels: Iterable[str]) -> Region:
        """Return where one of the channels is open to a side, or, for no side, under the limits of both alone."""
        order = tuple(channels)
        own = () if side is None else self.limits.own[side]
        rest = {contacts_key(limit): _below(limit) for limit in own if limit.channel is None}
        unlike = self.limits.unlike_channels
        found: list[Region] = []
        alike = alike_key(order, unlike)
        if alike is not None:
            found.append(self._made({alike: _YES} | rest))
        for channel in unlike:
            sides: dict[str, ValueSet] = {keys.reach_key([channel]): _YES}
            sides |= {contacts_key(limit): _below(limit) for limit in own if limit.channel == channel}
            if channel in order:
                found.append(self._made(sides | rest))
            elif PREFERRED in order:
                found.append(self._made(sides | rest | {PREFERRED_FACT: words(channel)}))
        return tuple(box for region in found for box in region)

    def limited(self, side: int, channels: Iterable[str]) -> Region:
        """Return where contact limits alone keep all of the channels closed to a side."""
        order = tuple(channels)
        found = self._made({keys.limited_key(sorted(order)): _YES}) if self.limits.common else NOTHING
        if not self.limits.own[side]:
            return found
        closed = boxes.subtract(self.reach(None, order), self.reach(side, order), self.dimensions)
        return (*found, *closed)

    def _made(self, sides: dict[str, ValueSet]) -> Region:
        for key in sides:
            if key == PREFERRED_FACT:
                self.add(NEW, key)
            elif key not in self.dimensions:
                is_count = key.startswith("@contacts:")
                universe: ValueSet = integers((0, None)) if is_count else EITHER
                kind: Kind = "integer" if is_count else "boolean"
                self.dimensions[key] = Dimension(key=key, kind=kind, universe=universe)
                self.of_channels.append(key)
        return region_of(sides, self.dimensions)

    # Regions of one side in joint dimensions

    def lift(self, side: int, region: Region) -> Region:
        """Return a side's region over the joint dimensions."""
        lifted = (self._lift_box(side, box) for box in region)
        return tuple(box for part in lifted for box in part)

    def _lift_box(self, side: int, box: Box) -> Region:
        found: dict[str, ValueSet] = {}
        reached: list[Region] = []
        for key, values in box.sides.items():
            if key.startswith(OF_CHANNELS):
                reached.append(self.lift_channels(side, key, values))
                continue
            for name, allowed in self._lift_side(side, key, values):
                found[name] = found[name].intersection(allowed) if name in found else allowed
                if found[name].is_empty():
                    return NOTHING
        lifted = region_of(found, self.dimensions)
        for region in reached:
            lifted = boxes.intersection(lifted, region, self.dimensions)
        return lifted

    def lift_channels(self, side: int, key: str, values: ValueSet) -> Region:
        """Return where an own dimension of channels has these values."""
        kind, _, argument = key.partition(":")
        order = argument.split("|")
        region = self.reach(side, order) if kind == "@reach" else self.limited(side, order)
        return region if values.contains(value=True) else boxes.complement(region, self.dimensions)

    def _lift_side(self, side: int, key: str, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        if key == keys.TURN:
            yield from self._lift_turn(side, values)
        elif key.startswith("@stopped:"):
            name = self.flag_name(key, side)
            if name is not None:
                yield name, values
        else:
            yield self.names.key(side, key), self._lift_values(side, key, values)

    def _lift_turn(self, side: int, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        """A turn of at least so much: no lower level keeps its turn."""
        if not isinstance(values, IntegerSet):
            return
        lowest = values.intervals[0][0]
        for level in self.turn_levels[side]:
            name = self.flag_name(waits_key(level), side)
            if lowest is not None and level < lowest and name is not None:
                yield name, _NO

    def _lift_values(self, side: int, key: str, values: ValueSet) -> ValueSet:
        if key == LEVEL_FACT:
            return msgspec.structs.replace(values, missing=False)
        if key == LAST_RULE and isinstance(values, WordSet):
            renamed = frozenset(self.names.joint_rule(side, word) for word in values.words)
            return msgspec.structs.replace(values, words=renamed)
        if self._never_holds(side, key) and isinstance(values, BooleanSet):
            return msgspec.structs.replace(values, values=values.values - {True})
        fact = self.names.fact(side, key)
        if key in self.names.unlike_defaults and fact is not None and fact.default is not None:
            is_default_in = values.contains(fact.default if not isinstance(fact.default, tuple) else None)
            return msgspec.structs.replace(values, missing=is_default_in)
        return values

    def _never_holds(self, side: int, key: str) -> bool:
        """Tell whether a dimension is false for every account of the side."""
        return key == keys.ANNOUNCED and self.programs[side].ruleset.stateless


def _below(limit: ContactLimit) -> ValueSet:
    return integers((None, limit.at_most - 1))
