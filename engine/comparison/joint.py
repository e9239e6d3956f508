"""Two editions over one set of dimensions, so that a box of either can be held against a box of the other.

A key means the same in both; what cannot mean the same (a fact of another type, a channel under other limits) has a
key for each side. Whatever a ruleset works out by itself from other dimensions (what a block stops, which level keeps
its turn) is a flag, whose definition is a region for each side.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from engine.comparison.contacts import alike_key, compare_limits, contacts_key, coordinate
from engine.conditions import boxes, plan
from engine.conditions.boxes import NOTHING, Box, Dimensions, Region, region_of
from engine.conditions.plan import EITHER, dimension_of
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
from engine.evaluation.compiled import EditionCode
from engine.evaluation.moment import Moment
from engine.model.ruleset import ContactLimit, Timing
from engine.model.vocabulary import PREFERRED, Fact

OLD, NEW = 0, 1
SIDES = (OLD, NEW)
SUFFIXES = (" (old)", " (new)")
LEVEL_FACT = "dunning_level"
LAST_RULE = "last_rule"
PREFERRED_FACT = "preferred_channel"
_YES = booleans(*(True,))
Point: TypeAlias = dict[str, Value]
_OF_TARGETS = frozenset({"@done", "@ago", "@pay_by"})
_OF_CHANNELS = ("@reach:", "@limited:")
_WORKED_OUT = (plan.TURN, "@stopped:", *_OF_CHANNELS)


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A boolean dimension that a side works out from others: true in its region."""

    key: str
    side: int
    region: Region


def waits_key(level: int) -> str:
    """Name "a rule of this level keeps its turn"."""
    return f"@waits:{level}"


def own_part(key: str) -> tuple[str, int | None]:
    """Return a joint key without its mark, and the side it belongs to alone, if it does."""
    for side, suffix in enumerate(SUFFIXES):
        if key.endswith(suffix):
            return key.removesuffix(suffix), side
    return key, None


class Joint:
    """The dimensions of two editions together; ``renamed`` are rules by their old id, with the new one."""

    def __init__(self, old: EditionCode, new: EditionCode, renamed: Mapping[str, str]) -> None:
        self.codes = (old, new)
        self.dimensions: dict[str, Dimension] = {}
        self.of_channels: list[str] = []
        self.origins: dict[str, dict[int, str]] = {}
        self._renamed: tuple[Mapping[str, str], Mapping[str, str]] = (renamed, {})
        self._unlike_facts = _find_unlike_facts(old, new)
        self._with_raw_missing = _find_unlike_defaults(old, new)
        self.limits = compare_limits(old.ruleset.contact_limits, new.ruleset.contact_limits)
        self._are_calendars_alike = old.ruleset.calendar == new.ruleset.calendar
        self._experiments = tuple({e.id: e for e in code.ruleset.experiments} for code in self.codes)
        self._turn_levels: tuple[tuple[int, ...], ...] = ((), ())
        for side, code in enumerate(self.codes):
            for key in code.plan.dimensions:
                if not key.startswith(_WORKED_OUT):
                    self.add(side, key)
        self.stops: tuple[Flag, ...] = ()
        self.turns: tuple[Flag, ...] = ()
        self.stops = self._define_stops()
        self.turns = self._define_turns()

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Return every flag, those that others are defined by first."""
        return (*self.stops, *self.turns)

    def add(self, side: int, key: str) -> str:
        """Take in a dimension of one side, and return its joint key."""
        name = self.name(side, key)
        self.origins.setdefault(name, {})[side] = key
        if name not in self.dimensions:
            self.dimensions[name] = Dimension(key=name, kind=self._own(side, key).kind, universe=self._all(side, key))
        return name

    def name(self, side: int, key: str) -> str:
        """Return the joint key of one side's dimension."""
        kind, _, argument = key.partition(":")
        if not key.startswith("@"):
            joint = plan.LEVEL if key == LEVEL_FACT else key
            return joint + SUFFIXES[side] if kind in self._unlike_facts else joint
        if kind in _OF_TARGETS:
            return f"{kind}:{self._renamed[side].get(argument, argument)}"
        return self._name_other(side, key, kind, argument)

    def _name_other(self, side: int, key: str, kind: str, argument: str) -> str:
        if kind == "@timing":
            return self._name_timing(side, argument)
        if kind == "@attempts":
            return f"{kind}:{self.codes[side].edition.attempt_limits[int(argument)].per_days}"
        if kind == "@variant" and self._experiments[OLD].get(argument) != self._experiments[NEW].get(argument):
            return key + SUFFIXES[side]
        return key

    def _name_timing(self, side: int, rule_id: str) -> str:
        rule = self.codes[side].rules[rule_id]
        timing = rule.timing or Timing(days_after_due=0)
        if timing.align != "business_day":
            return f"@timing:{timing.days_after_due}:{timing.align or ''}"
        use = "retry" if rule.action.type == "retry_payment" else ""
        joint = f"@timing:{timing.days_after_due}:{timing.align}{use}"
        return joint if self._are_calendars_alike else joint + SUFFIXES[side]

    def _own(self, side: int, key: str) -> Dimension:
        """Return the dimension as the side has it; a channel by itself, or a fact it does not test, is made up."""
        found = self.codes[side].plan.dimensions.get(key)
        if found is not None:
            return found
        if key.startswith("@"):
            return Dimension(key=key, kind="boolean", universe=EITHER)
        return dimension_of(self.codes[side].edition.facts[key])

    def _all(self, side: int, key: str) -> ValueSet:
        """Return every value that accounts may have, whichever side would refuse it."""
        universe = self._own(side, key).universe
        fact = self.fact(side, key)
        if key == LEVEL_FACT:
            return integers((None, None))
        if fact is None or ":" in key or key in self._unlike_facts:
            return universe
        other = self.fact(1 - side, key)
        if other is not None:
            universe = universe.union(dimension_of(other).universe)
        return msgspec.structs.replace(universe, missing=True) if key in self._with_raw_missing else universe

    def fact(self, side: int, key: str) -> Fact | None:
        """Return the fact that a dimension of one side is, or is an element of."""
        return None if key.startswith("@") else self.codes[side].edition.facts.get(key.partition(":")[0])

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
            sides: dict[str, ValueSet] = {plan.reach_key([channel]): _YES}
            sides |= {contacts_key(limit): _below(limit) for limit in own if limit.channel == channel}
            if channel in order:
                found.append(self._made(sides | rest))
            elif PREFERRED in order:
                found.append(self._made(sides | rest | {PREFERRED_FACT: words(channel)}))
        return tuple(box for region in found for box in region)

    def limited(self, side: int, channels: Iterable[str]) -> Region:
        """Return where contact limits alone keep all of the channels closed to a side."""
        order = tuple(channels)
        found = self._made({plan.limited_key(sorted(order)): _YES}) if self.limits.common else NOTHING
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
            if key.startswith(_OF_CHANNELS):
                reached.append(self._lift_channels(side, key, values))
                continue
            for name, allowed in self._lift_side(side, key, values):
                found[name] = found[name].intersection(allowed) if name in found else allowed
                if found[name].is_empty():
                    return NOTHING
        lifted = region_of(found, self.dimensions)
        for region in reached:
            lifted = boxes.intersection(lifted, region, self.dimensions)
        return lifted

    def _lift_channels(self, side: int, key: str, values: ValueSet) -> Region:
        kind, _, argument = key.partition(":")
        order = argument.split("|")
        region = self.reach(side, order) if kind == "@reach" else self.limited(side, order)
        return region if values.contains(value=True) else boxes.complement(region, self.dimensions)

    def _lift_side(self, side: int, key: str, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        if key == plan.TURN:
            yield from self._lift_turn(side, values)
        elif key.startswith("@stopped:"):
            name = self.flag_name(key, side)
            if name is not None:
                yield name, values
        else:
            yield self.name(side, key), self._lift_values(side, key, values)

    def _lift_turn(self, side: int, values: ValueSet) -> Iterator[tuple[str, ValueSet]]:
        """A turn of at least so much: no lower level keeps its turn."""
        if not isinstance(values, IntegerSet):
            return
        lowest = values.intervals[0][0]
        for level in self._turn_levels[side]:
            name = self.flag_name(waits_key(level), side)
            if lowest is not None and level < lowest and name is not None:
                yield name, booleans(*(False,))

    def flag_name(self, key: str, side: int) -> str | None:
        """Return the joint key of a side's flag, or None if it is false for every account."""
        names = {flag.key for flag in self.flags if flag.side == side}
        return next((name for name in (key, key + SUFFIXES[side]) if name in names), None)

    def _lift_values(self, side: int, key: str, values: ValueSet) -> ValueSet:
        if key == LEVEL_FACT:
            return msgspec.structs.replace(values, missing=False)
        if key == LAST_RULE and isinstance(values, WordSet):
            renamed = self._renamed[side]
            return msgspec.structs.replace(values, words=frozenset(renamed.get(word, word) for word in values.words))
        if self._never_holds(side, key) and isinstance(values, BooleanSet):
            return msgspec.structs.replace(values, values=values.values - {True})
        fact = self.fact(side, key)
        if key in self._with_raw_missing and fact is not None and fact.default is not None:
            is_default_in = values.contains(fact.default if not isinstance(fact.default, tuple) else None)
            return msgspec.structs.replace(values, missing=is_default_in)
        return values

    def _never_holds(self, side: int, key: str) -> bool:
        """Tell whether a dimension is false for every account of the side."""
        return key == plan.ANNOUNCED and self.codes[side].ruleset.stateless

    # Flags

    def _define_stops(self) -> tuple[Flag, ...]:
        stopped = [self._stop_regions(side) for side in SIDES]
        found: list[Flag] = []
        for action in sorted(stopped[OLD].keys() | stopped[NEW].keys()):
            found += self._define(plan.stopped_key(action), [stopped[side].get(action, NOTHING) for side in SIDES])
        return tuple(found)

    def _stop_regions(self, side: int) -> dict[str, Region]:
        code = self.codes[side]
        found: dict[str, Region] = {}
        for index in code.stop_blocks:
            lifted = self.lift(side, code.plan.blocks[index])
            for action in code.edition.blocks[index].stops or ():
                found[action] = (*found.get(action, NOTHING), *lifted)
        return found

    def _define_turns(self) -> tuple[Flag, ...]:
        waiting = [self._turn_regions(side) for side in SIDES]
        found: list[Flag] = []
        for level in sorted(waiting[OLD].keys() | waiting[NEW].keys()):
            found += self._define(waits_key(level), [waiting[side].get(level, NOTHING) for side in SIDES])
        self._turn_levels = tuple(tuple(sorted(regions)) for regions in waiting)
        return tuple(found)

    def _turn_regions(self, side: int) -> dict[int, Region]:
        code = self.codes[side]
        found: dict[int, Region] = {}
        for rule, turn in zip(code.edition.rules, code.plan.turns, strict=True):
            lifted = self.lift(side, turn)
            if lifted:
                found[rule.level or 0] = (*found.get(rule.level or 0, NOTHING), *lifted)
        return found

    def _define(self, key: str, regions: list[Region]) -> list[Flag]:
        are_alike = are_equal(regions[OLD], regions[NEW], self.dimensions)
        found = []
        for side in SIDES:
            if regions[side]:
                name = key if are_alike else key + SUFFIXES[side]
                self.dimensions[name] = Dimension(key=name, kind="boolean", universe=EITHER)
                found.append(Flag(key=name, side=side, region=regions[side]))
        return found

    # Points and histories

    def rename_entry(self, side: int, entry: Mapping[str, object]) -> dict[str, object]:
        """Return an entry of history with the rule's id as one side has it."""
        back = {new: old for old, new in self._renamed[side].items()}
        name = entry.get("rule")
        return {**entry, "rule": back[name]} if isinstance(name, str) and name in back else {**entry}

    def point_of(self, moments: tuple[Moment, Moment]) -> Point:
        """Return the coordinates of an account that both sides have read."""
        point: Point = {}
        for name, origin in self.origins.items():
            side = NEW if NEW in origin else OLD
            point[name] = self._coordinate(moments[side], side, origin[side])
        for key in self.of_channels:
            point[key] = coordinate(moments[NEW], key, self.limits.common)
        return self.complete(point)

    def _coordinate(self, moment: Moment, side: int, key: str) -> Value:
        if key in self._with_raw_missing and self._is_defaulted(moment, side, key):
            return None
        return moment.coordinates([key])[key]

    def _is_defaulted(self, moment: Moment, side: int, key: str) -> bool:
        fact, situation = self.fact(side, key), moment.situation
        is_drawn = fact is not None and (
            fact.source == "history" or (fact.source == "invoices" and situation.open is not None)
        )
        return situation.account.given.get(key) is None and not is_drawn

    def complete(self, point: Point) -> Point:
        """Return a point with what is worked out from it."""
        for flag in self.flags:
            point[flag.key] = boxes.contains(flag.region, point)
        return point

    def side_point(self, side: int, point: Mapping[str, Value]) -> Point:
        """Return a joint point as one side reads it."""
        return {key: self._read(side, key, point) for key in self.codes[side].plan.dimensions}

    def _read(self, side: int, key: str, point: Mapping[str, Value]) -> Value:
        if key == plan.TURN:
            return plan.NO_TURN
        if key.startswith("@stopped:"):
            return False
        if key.startswith(_OF_CHANNELS):
            return boxes.contains(self._lift_channels(side, key, _YES), point)
        value = point[self.name(side, key)]
        fact = self.fact(side, key)
        if value is None and key in self._with_raw_missing and fact is not None and not isinstance(fact.default, tuple):
            return fact.default
        if key == LAST_RULE:
            back = {new: old for old, new in self._renamed[side].items()}
            return back.get(str(value), value) if value is not None else None
        return value


def are_equal(left: Region, right: Region, dimensions: Dimensions) -> bool:
    """Tell whether two regions hold the same points; false where that cannot be said in the budget."""
    if set(left) == set(right):
        return True
    try:
        return boxes.is_subset(left, right, dimensions) and boxes.is_subset(right, left, dimensions)
    except boxes.BudgetExceeded:
        return False


def _below(limit: ContactLimit) -> ValueSet:
    return integers((None, limit.at_most - 1))


def _find_unlike_facts(old: EditionCode, new: EditionCode) -> frozenset[str]:
    """Return the facts whose values cannot be compared: the same number or word may mean another thing."""
    both = old.edition.facts.keys() & new.edition.facts.keys()

    def terms(fact: Fact) -> tuple[object, ...]:
        return fact.type, fact.places, fact.moves, fact.source, fact.default if fact.type == "set" else None

    return frozenset(name for name in both if terms(old.edition.facts[name]) != terms(new.edition.facts[name]))


def _find_unlike_defaults(old: EditionCode, new: EditionCode) -> frozenset[str]:
    """Return the facts that are one thing to the old ruleset and another to the new one where they are not given."""
    both = old.edition.facts.keys() & new.edition.facts.keys() - _find_unlike_facts(old, new)
    return frozenset(name for name in both if old.edition.facts[name].default != new.edition.facts[name].default)
