"""A ruleset's edition as boxes: the one compiled form that every executor and every analysis reads.

Facts are dimensions under their own name, an element of a set under ``tags:vip``. What history, the ladder, channels,
limits and experiments add are dimensions too, under keys with an ``@`` that no fact can have, so that "eligible"
(language.md 5.7) is a plain region for each rule.
"""

from collections.abc import Callable, Iterable

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, NOTHING, Region, region_of
from engine.conditions.sets import Dimension, Interval, ValueSet, booleans, integers, words, words_except
from engine.model.condition import (
    AllOf,
    AnyOf,
    Condition,
    HasAll,
    HasAny,
    HasNone,
    InVariant,
    IsMissing,
    IsNamed,
    IsNoneOf,
    IsOneOf,
    IsPresent,
    Item,
    NoneOf,
    Span,
)
from engine.model.ruleset import After, Edition, Rule, Ruleset
from engine.model.vocabulary import ACTIONS, NUMERIC_TYPES, Fact

LEVEL = "@level"
RESTED = "@rested"
TURN = "@turn"
ANNOUNCED = "@announced"
EITHER = booleans(*(False, True))
# A turn above every level: nobody waits for a channel.
NO_TURN = 2**31


def element_key(fact: str, item: str) -> str:
    """Name the dimension "the set contains the item"."""
    return f"{fact}:{item}"


def done_key(target: str) -> str:
    """Name the count of executions in this episode of a rule, or of a level's rules."""
    return f"@done:{target}"


def ago_key(target: str) -> str:
    """Name the days since the last execution in this episode."""
    return f"@ago:{target}"


def overdue_key(target: str) -> str:
    """Name the days since the ``pay_by`` of the last execution in this episode."""
    return f"@pay_by:{target}"


def level_target(level: int) -> str:
    """Name "any rule of exactly this level" as a target; no rule id contains a space."""
    return f"level {level}"


def timing_key(rule: str) -> str:
    """Name "the rule's timing is reached"."""
    return f"@timing:{rule}"


def stopped_key(action: str) -> str:
    """Name "a block stops this action type"."""
    return f"@stopped:{action}"


def reach_key(channels: Iterable[str]) -> str:
    """Name "one of these channels is open now"."""
    return f"@reach:{'|'.join(channels)}"


def limited_key(channels: Iterable[str]) -> str:
    """Name "none of these channels is open, and only a contact limit closes them"."""
    return f"@limited:{'|'.join(channels)}"


def attempts_key(index: int) -> str:
    """Name the payment attempts counted by one attempt limit."""
    return f"@attempts:{index}"


def variant_key(experiment: str) -> str:
    """Name the experiment's variant."""
    return f"@variant:{experiment}"


def target_of(after: After) -> str:
    """Return whose executions an ``after`` counts."""
    return after.rule if after.rule is not None else level_target(after.level or 0)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Regions over dimensions; the tuples of regions are in written order, one for each block or rule.

    ``first`` is where a rule may win for the first time or without level, ``again`` where a levelled rule may be
    repeated on the account's own level, ``turns`` where a levelled rule waits only for a channel over its limit;
    ``attempts`` is where a payment may be retried.
    """

    dimensions: dict[str, Dimension]
    coverage: Region
    blocks: tuple[Region, ...]
    first: tuple[Region, ...]
    again: tuple[Region, ...]
    turns: tuple[Region, ...]
    attempts: Region


def dimension_of(fact: Fact, item: str | None = None) -> Dimension:
    """Return the fact as an axis; "missing" is one of its values unless it has a default."""
    missing = fact.default is None
    if item is not None:
        return Dimension(key=element_key(fact.name, item), kind="boolean", universe=EITHER)
    if fact.type in NUMERIC_TYPES:
        return Dimension(key=fact.name, kind="integer", universe=integers((None, None), missing=missing))
    if fact.type == "boolean":
        return Dimension(key=fact.name, kind="boolean", universe=msgspec.structs.replace(EITHER, missing=missing))
    universe = words(*fact.values, missing=missing) if fact.values else words_except(missing=missing)
    return Dimension(key=fact.name, kind="word", universe=universe)


def plan_edition(ruleset: Ruleset, edition: Edition) -> Plan:
    """Compile one currency's reading of a ruleset."""
    return Planner(ruleset, edition).plan()


class Planner:
    """One currency's reading of a ruleset, compiled piece by piece; what was compiled once is kept."""

    def __init__(self, ruleset: Ruleset, edition: Edition) -> None:
        self.dimensions: dict[str, Dimension] = {}
        self._known: dict[int, tuple[Condition, Region]] = {}
        self._ruleset = ruleset
        self._edition = edition
        self._levels = sorted({rule.level for rule in edition.rules if rule.level is not None})
        self._stoppable = {action for block in edition.blocks for action in block.stops or ()}
        self._variants = {
            experiment.id: [name for name, _ in experiment.variants] for experiment in ruleset.experiments
        }

    def plan(self) -> Plan:
        """Return the whole edition."""
        edition = self._edition
        blocks = tuple(self.region(block.when) for block in edition.blocks)
        rules = [self.rule(rule) for rule in edition.rules]
        return Plan(
            coverage=self.region(edition.applies_to),
            blocks=blocks,
            first=tuple(first for first, _, _ in rules),
            again=tuple(again for _, again, _ in rules),
            turns=tuple(turn for _, _, turn in rules),
            attempts=self.attempts(),
            dimensions=self.dimensions,
        )

    def region(self, condition: Condition) -> Region:
        """Return where a condition holds."""
        known = self._known.get(id(condition))
        if known is not None:
            return known[1]
        handler: Callable[[object], Region] = getattr(self, f"_{type(condition).__name__}")
        region = handler(condition)
        self._known[id(condition)] = (condition, region)  # kept with its condition, so that the number stays its own
        return region

    def _AllOf(self, condition: AllOf) -> Region:  # noqa: N802  # named after the record it reads
        return self._meet(self.region(part) for part in condition.conditions)

    def _AnyOf(self, condition: AnyOf) -> Region:  # noqa: N802
        parts = tuple(box for part in condition.conditions for box in self.region(part))
        return boxes.simplify(parts, self.dimensions)

    def _NoneOf(self, condition: NoneOf) -> Region:  # noqa: N802
        parts = tuple(box for part in condition.conditions for box in self.region(part))
        return boxes.complement(parts, self.dimensions)

    def _IsNamed(self, condition: IsNamed) -> Region:  # noqa: N802
        region = self.region(self._edition.conditions[condition.name])
        return region if condition.holds else boxes.complement(region, self.dimensions)

    def _IsOneOf(self, condition: IsOneOf) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension.key, _values_of(dimension, condition.items))

    def _IsNoneOf(self, condition: IsNoneOf) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension.key, _present(dimension).difference(_values_of(dimension, condition.items)))

    def _IsMissing(self, condition: IsMissing) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension.key, dimension.universe.difference(_present(dimension)))

    def _IsPresent(self, condition: IsPresent) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension.key, _present(dimension))

    def _HasAny(self, condition: HasAny) -> Region:  # noqa: N802
        parts = tuple(box for item in condition.items for box in self._element(condition.fact, item, holds=True))
        return boxes.simplify(parts, self.dimensions)

    def _HasAll(self, condition: HasAll) -> Region:  # noqa: N802
        return self._meet(self._element(condition.fact, item, holds=True) for item in condition.items)

    def _HasNone(self, condition: HasNone) -> Region:  # noqa: N802
        return self._meet(self._element(condition.fact, item, holds=False) for item in condition.items)

    def _InVariant(self, condition: InVariant) -> Region:  # noqa: N802
        key = variant_key(condition.experiment)
        self._add(Dimension(key=key, kind="word", universe=words(*self._variants[condition.experiment])))
        return self._side(key, words(*condition.variants))

    def rule(self, rule: Rule) -> tuple[Region, Region, Region]:
        """Return where the rule is eligible first, where again on its own level, and where it keeps its turn."""
        shared = self._meet(self._shared_parts(rule))
        reach = self._reach(rule, reach_key, holds=True)
        if self._ruleset.stateless:
            return self._meet((shared, reach)), NOTHING, NOTHING
        if rule.level is None or self._ruleset.ladder == "none":
            return self._meet((shared, reach, self._repeat(rule))), NOTHING, NOTHING
        shared = self._meet((shared, self._interval()))
        climb = self._meet((shared, self._climb(rule.level), self._repeat(rule)))
        first = self._meet((climb, reach, self._turn(rule.level)))
        again = self._meet((shared, reach, self._turn(rule.level), self._again(rule)))
        turn = NOTHING
        if ACTIONS[rule.action.type].is_contact and self._ruleset.ladder in {"strict", "catch_up"}:
            turn = self._meet((climb, self._reach(rule, limited_key, holds=True)))
        return first, again, turn

    def _shared_parts(self, rule: Rule) -> list[Region]:
        """Return what a rule needs besides channels and the ladder."""
        parts = [self.region(rule.when), *(self._after(after) for after in rule.after)]
        if rule.timing is not None:
            parts.append(self._flag(timing_key(rule.id), holds=True))
        if rule.action.type in self._stoppable:
            parts.append(self._flag(stopped_key(rule.action.type), holds=False))
        if rule.action.type == "charge_fee" and rule.action.fee == "announced":
            parts.append(self._flag(ANNOUNCED, holds=True))
        if rule.action.type == "retry_payment":
            parts.append(self.attempts())
        return parts

    def attempts(self) -> Region:
        """Return where every attempt limit allows one more."""
        found = []
        for index, limit in enumerate(self._edition.attempt_limits):
            within = self._count(attempts_key(index), None, limit.at_most - 1)
            elsewhere = boxes.complement(self.region(limit.when), self.dimensions)
            found.append(boxes.union(within, elsewhere, self.dimensions))
        return self._meet(found)

    def _after(self, after: After) -> Region:
        target = target_of(after)
        since = overdue_key(target) if after.counted_from == "pay_by" else ago_key(target)
        return self._meet((self._count(done_key(target), after.times, None), self._since(since, after.days)))

    def _repeat(self, rule: Rule) -> Region:
        key = done_key(rule.id)
        never = self._count(key, None, 0)
        return never if rule.repeat is None else boxes.union(never, self._repetition(rule), self.dimensions)

    def _repetition(self, rule: Rule) -> Region:
        if rule.repeat is None:
            return NOTHING
        most = None if rule.repeat.at_most is None else rule.repeat.at_most - 1
        done = self._count(done_key(rule.id), 1, most)
        return self._meet((done, self._since(ago_key(rule.id), rule.repeat.every_days)))

    def _again(self, rule: Rule) -> Region:
        level = rule.level or 0
        return self._meet((self._level(level, level), self._repetition(rule)))

    def _climb(self, level: int) -> Region:
        """Return the account's levels from which the ladder allows this one."""
        below = [other for other in self._levels if other < level]
        lowest = below[-1] if below and self._ruleset.ladder == "strict" else None
        return self._level(lowest, level - 1)

    def _level(self, low: int | None, high: int | None) -> Region:
        self._add(Dimension(key=LEVEL, kind="integer", universe=integers((None, None))))
        return self._side(LEVEL, integers((low, high)))

    def _interval(self) -> Region:
        days = self._ruleset.dunning_interval_days
        if days <= 0:
            return EVERYTHING
        self._add(Dimension(key=RESTED, kind="integer", universe=integers((None, None), missing=True)))
        return self._side(RESTED, integers((days, None), missing=True))

    def _turn(self, level: int) -> Region:
        if self._ruleset.ladder not in {"strict", "catch_up"}:
            return EVERYTHING
        self._add(Dimension(key=TURN, kind="integer", universe=integers((None, None))))
        return self._side(TURN, integers((level, None)))

    def _reach(self, rule: Rule, key_of: Callable[[Iterable[str]], str], *, holds: bool) -> Region:
        if not ACTIONS[rule.action.type].is_contact:
            return EVERYTHING
        return self._flag(key_of(rule.action.channels), holds=holds)

    def _flag(self, key: str, *, holds: bool) -> Region:
        self._add(Dimension(key=key, kind="boolean", universe=EITHER))
        return self._side(key, booleans(holds))

    def _count(self, key: str, low: int | None, high: int | None) -> Region:
        self._add(Dimension(key=key, kind="integer", universe=integers((0, None))))
        return self._side(key, integers((low, high)))

    def _since(self, key: str, days: int) -> Region:
        self._add(Dimension(key=key, kind="integer", universe=integers((None, None), missing=True)))
        return self._side(key, integers((days, None)))

    def _fact(self, name: str) -> Dimension:
        return self._add(dimension_of(self._edition.facts[name]))

    def _element(self, fact: str, item: str, *, holds: bool) -> Region:
        dimension = self._add(dimension_of(self._edition.facts[fact], item))
        return self._side(dimension.key, booleans(holds))

    def _add(self, dimension: Dimension) -> Dimension:
        return self.dimensions.setdefault(dimension.key, dimension)

    def _side(self, key: str, values: ValueSet) -> Region:
        return region_of({key: values}, self.dimensions)

    def _meet(self, regions: Iterable[Region]) -> Region:
        found = EVERYTHING
        for region in regions:
            if region is not EVERYTHING:
                found = boxes.intersection(found, region, self.dimensions)
        return found


def _values_of(dimension: Dimension, items: tuple[Item, ...]) -> ValueSet:
    if dimension.kind == "boolean":
        return booleans(*(item for item in items if isinstance(item, bool)))
    if dimension.kind == "word":
        return words(*(str(item) for item in items))
    return integers(*(_interval_of(item) for item in items))


def _interval_of(item: Item) -> Interval:
    if isinstance(item, Span):
        return item.low, item.high
    return int(item), int(item)


def _present(dimension: Dimension) -> ValueSet:
    return msgspec.structs.replace(dimension.universe, missing=False)
