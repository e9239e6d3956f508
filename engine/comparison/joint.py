"""Two editions over one set of coordinates, so that a box of either can be held against a box of the other.

Whatever a ruleset works out by itself from other coordinates (what a block stops, which level keeps its turn) is a
coordinate too, whose definition is a region for each side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from engine.comparison.coordinates import NEW, PREFERRED_FACT, KeepsTurn, OneSided, closed_under, keeps_turn, open_under
from engine.comparison.limits import compare_limits
from engine.comparison.sharing import LAST_RULE, LEVEL_FACT, Sharing
from engine.conditions import boxes
from engine.conditions.boxes import NOTHING, Box, Region, region_of
from engine.conditions.sets import NO, YES, BooleanSet, IntegerSet, Value, ValueSet, WordSet, integers, words
from engine.coordinates.channels import OfChannels, Reach
from engine.coordinates.contacts import contacts_within
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import Announced
from engine.coordinates.facts import FactCoordinate, fact_coordinate
from engine.coordinates.ladder import Turn
from engine.coordinates.scores import Score
from engine.coordinates.stops import Stopped
from engine.evaluation.program import Program
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import PREFERRED

Point: TypeAlias = dict[str, Value]
Sides: TypeAlias = Sequence[tuple[Coordinate, ValueSet]]


class WorkedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a side works out from other coordinates: true in its region; ``meant`` is what it is for that side."""

    key: str
    meant: Stopped | KeepsTurn
    side: int
    region: Region


class Joint:
    """The coordinates of two editions together, and what a region of either is over them.

    ``of_channels`` are the keys that only a joint space has, ``turn_levels`` the levels whose turn a side keeps;
    ``origins`` says for each key what it is to the sides that have it.
    """

    def __init__(self, old: Program, new: Program, renamed: Mapping[str, str]) -> None:
        self.programs = (old, new)
        self.sharing = Sharing(old, new, renamed)
        self.limits = compare_limits(old.ruleset.contact_limits, new.ruleset.contact_limits)
        self.dimensions: dict[str, Coordinate] = {}
        self.origins: dict[str, dict[int, Coordinate]] = {}
        self.of_channels: list[str] = []
        self.stops: tuple[WorkedOut, ...] = ()
        self.turns: tuple[WorkedOut, ...] = ()
        self.turn_levels: tuple[tuple[int, ...], ...] = ((), ())
        for side, program in enumerate(self.programs):
            for own in program.plan.dimensions.values():
                if not own.is_worked_out and not isinstance(own, OfChannels):
                    self.add(side, own)

    @property
    def worked_out(self) -> tuple[WorkedOut, ...]:
        """Return everything worked out, what others are defined by first."""
        return (*self.stops, *self.turns)

    def key_of(self, side: int, meant: Stopped | KeepsTurn) -> str | None:
        """Return the key of what a side works out, or None if it is false for every account."""
        found = (each.key for each in self.worked_out if each.side == side and each.meant.key == meant.key)
        return next(found, None)

    def is_one_sided(self, key: str) -> bool:
        """Tell whether a coordinate means something to one side only."""
        return isinstance(self.dimensions[key], OneSided)

    def add(self, side: int, own: Coordinate) -> str:
        """Take in a coordinate of one side, and return its key here."""
        shared = self.sharing.coordinate(side, own)
        self.origins.setdefault(shared.key, {})[side] = own
        if shared.key not in self.dimensions:
            self.dimensions[shared.key] = msgspec.structs.replace(shared, universe=self._all(side, own, shared))
        return shared.key

    def add_fact(self, side: int, name: str) -> str:
        """Take in a fact of one side, which it need not ask about, and return its key here."""
        return self.add(side, fact_coordinate(self.programs[side].edition.facts[name]))

    def _all(self, side: int, own: Coordinate, shared: Coordinate) -> ValueSet:
        """Return every value that accounts may have, whichever side would refuse it."""
        if not isinstance(own, FactCoordinate) or shared.key != own.key:
            return shared.universe
        universe, other = own.universe, self.sharing.fact(1 - side, own)
        if other is not None and not isinstance(own, Score):  # which is shared only where it has the same sums
            universe = universe.union(fact_coordinate(other).universe)
        is_unlike = own.fact.name in self.sharing.unlike_defaults
        return msgspec.structs.replace(universe, missing=True) if is_unlike else universe

    # Channels

    def reach(self, side: int | None, channels: Iterable[str]) -> Region:
        """Return where one of the channels is open to a side, or, for no side, under the limits of both alone."""
        order, unlike = tuple(channels), self.limits.unlike_channels
        own = () if side is None else self.limits.own[side]
        rest = [_below(limit) for limit in own if limit.channel is None]
        found: list[Region] = []
        alike = [channel for channel in order if channel not in unlike]
        if alike:
            found.append(self._made([(open_under(self.limits.common, alike, unlike), YES), *rest]))
        for channel in unlike:
            sides = [(open_under(self.limits.common, [channel]), YES), *rest]
            sides += [_below(limit) for limit in own if limit.channel == channel]
            if channel in order:
                found.append(self._made(sides))
            elif PREFERRED in order:
                preferred = self.dimensions[self.add_fact(NEW, PREFERRED_FACT)]
                found.append(self._made([*sides, (preferred, words(channel))]))
        return tuple(box for region in found for box in region)

    def limited(self, side: int, channels: Iterable[str]) -> Region:
        """Return where contact limits alone keep all of the channels closed to a side."""
        order, common = tuple(channels), self.limits.common
        found = self._made([(closed_under(common, order), YES)]) if common else NOTHING
        if not self.limits.own[side]:
            return found
        closed = boxes.subtract(self.reach(None, order), self.reach(side, order), self.dimensions)
        return (*found, *closed)

    def _made(self, sides: Sides) -> Region:
        for each, _ in sides:
            if each.key not in self.dimensions:
                self.dimensions[each.key] = each
                self.of_channels.append(each.key)
        return region_of({each.key: values for each, values in sides}, self.dimensions)

    # Regions of one side in joint coordinates

    def lift(self, side: int, region: Region) -> Region:
        """Return a side's region over the joint coordinates."""
        lifted = (self._lift_box(side, box) for box in region)
        return tuple(box for part in lifted for box in part)

    def _lift_box(self, side: int, box: Box) -> Region:
        found: dict[str, ValueSet] = {}
        reached: list[Region] = []
        for key, values in box.sides.items():
            own = self.programs[side].plan.dimensions[key]
            if isinstance(own, OfChannels):
                reached.append(self.lift_channels(side, own, values))
                continue
            for name, allowed in self._lift_side(side, own, values):
                found[name] = found[name].intersection(allowed) if name in found else allowed
                if found[name].is_empty():
                    return NOTHING
        lifted = region_of(found, self.dimensions)
        for region in reached:
            lifted = boxes.intersection(lifted, region, self.dimensions)
        return lifted

    def lift_channels(self, side: int, own: OfChannels, values: ValueSet) -> Region:
        """Return where an own coordinate of channels has these values."""
        region = self.reach(side, own.order) if isinstance(own, Reach) else self.limited(side, own.order)
        return region if values.contains(value=True) else boxes.complement(region, self.dimensions)

    def _lift_side(self, side: int, own: Coordinate, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        if isinstance(own, Turn):
            yield from self._lift_turn(side, values)
        elif isinstance(own, Stopped):
            name = self.key_of(side, own)
            if name is not None:
                yield name, values
        else:
            yield self.sharing.coordinate(side, own).key, self._lift_values(side, own, values)

    def _lift_turn(self, side: int, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        """A turn of at least so much: no lower level keeps its turn."""
        if not isinstance(values, IntegerSet):
            return
        lowest = values.intervals[0][0]
        for level in self.turn_levels[side]:
            name = self.key_of(side, keeps_turn(level))
            if lowest is not None and level < lowest and name is not None:
                yield name, NO

    def _lift_values(self, side: int, own: Coordinate, values: ValueSet) -> ValueSet:
        if isinstance(own, Announced) and isinstance(values, BooleanSet) and self.programs[side].ruleset.stateless:
            return msgspec.structs.replace(values, values=values.values - {True})
        if not isinstance(own, FactCoordinate):
            return values
        if own.fact.name == LEVEL_FACT:
            return msgspec.structs.replace(values, missing=False)
        if own.fact.name == LAST_RULE and isinstance(values, WordSet):
            renamed = frozenset(self.sharing.joint_rule(side, word) for word in values.words)
            return msgspec.structs.replace(values, words=renamed)
        default = own.fact.default
        if own.fact.name in self.sharing.unlike_defaults and default is not None:
            is_default_in = values.contains(default if not isinstance(default, tuple) else None)
            return msgspec.structs.replace(values, missing=is_default_in)
        return values


def _below(limit: ContactLimit) -> tuple[Coordinate, ValueSet]:
    return contacts_within(limit), integers((None, limit.at_most - 1))
