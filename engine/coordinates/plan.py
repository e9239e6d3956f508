"""A ruleset's edition as boxes: the one compiled form that every executor and every analysis reads.

What history, the ladder, channels, limits and experiments add are coordinates as facts are, so that "eligible"
(language.md 5.7) is a plain region for each rule.
"""

from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from functools import cached_property

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import EVERYTHING, NOTHING, BudgetExceeded, Region, region_of
from engine.conditions.sets import Dimension, Interval, ValueSet, booleans, integers, words
from engine.coordinates.attempts import attempts_within
from engine.coordinates.channels import OfChannels, limited, reach
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import target_of
from engine.coordinates.executions import ANNOUNCED, done, met, since_awaited
from engine.coordinates.facts import Element, FactCoordinate, element, fact_coordinate
from engine.coordinates.ladder import LEVEL, RESTED, TURN
from engine.coordinates.parts import Part, part
from engine.coordinates.repetition import recently, rest_of
from engine.coordinates.scores import Class, Score, Scored, score_of
from engine.coordinates.stops import stopped
from engine.coordinates.timing import timing_reached
from engine.coordinates.variants import variant
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
    walk,
)
from engine.model.ruleset import HOLD_OUT, Action, After, Edition, Rule, Ruleset
from engine.model.scorecard import FactPoints
from engine.model.vocabulary import ACTIONS, ANNOUNCED_BEFORE

# A condition that would be more boxes is one over parts of it (see `parts`), and so are smaller ones in a ruleset that
# has many boxes already.
MOST_BOXES = 1_000
FEW_BOXES = 16
MOST_BOXES_TOGETHER = 20_000
# How many pairs of boxes are tried, and steps taken, to find that a condition is not so many.
MOST_TRIES = 20_000
_NAMELESS = "one of several alternatives"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Regions over coordinates; the tuples of regions are in written order, one for each block or rule.

    ``first`` is where a rule may win for the first time or without level, ``again`` where a levelled rule may be
    repeated on the account's own level, ``turns`` where a levelled rule waits only for a channel over its limit;
    ``otherwise`` is where the action of that name may be carried out. ``parts`` are the regions of the parts that
    other regions stand on, those that others stand on first. ``scores`` are all of the folder, asked about or not.
    """

    dimensions: dict[str, Coordinate]
    parts: dict[str, Region]
    coverage: Region
    blocks: tuple[Region, ...]
    first: tuple[Region, ...]
    again: tuple[Region, ...]
    turns: tuple[Region, ...]
    otherwise: Region
    scores: dict[str, Score] = {}

    def under(self, keys: Iterable[str]) -> list[Coordinate]:
        """Return some coordinates, and after them those that the parts among them stand on, in their place."""
        own = dict.fromkeys(keys)
        beneath = {key for each in own if each in self.parts for key in boxes.keys_of([self.parts[each]])}
        plain = [self.dimensions[key] for key in own if key not in self.parts]
        return plain + (self.under(sorted(beneath)) if beneath else [])


def plan_edition(ruleset: Ruleset, edition: Edition) -> Plan:
    """Compile one currency's reading of a ruleset."""
    return Planner(ruleset, edition).plan()


class Planner:
    """One currency's reading of a ruleset, compiled piece by piece; what was compiled once is kept."""

    def __init__(self, ruleset: Ruleset, edition: Edition) -> None:
        self.dimensions: dict[str, Coordinate] = {}
        self.parts: dict[str, Region] = {}
        self._made = 0
        self._names: dict[int, str] = {}
        self._known: dict[int, tuple[Condition, Region]] = {}
        self._rules: dict[int, tuple[Rule, tuple[Region, Region, Region]]] = {}
        self._scores: dict[str, Score] = {}
        self._ruleset = ruleset
        self.edition = edition
        self._levels = sorted({rule.level for rule in edition.rules if rule.level is not None})
        self._stoppable = {action for block in edition.blocks for action in block.stops or ()}
        self._required_levels = sorted({r.level for r in edition.rules if r.level is not None and not r.voluntary})
        self._experiments = {experiment.id: experiment for experiment in ruleset.experiments}

    def beside(self, edition: Edition) -> "Planner":
        """Return a planner of the edition with other numbers in some conditions.

        What is the same object in both, and names no condition that is not, is not compiled again.
        """
        other = Planner(self._ruleset, edition)
        own = self.edition
        changed = {name for name, each in edition.conditions.items() if each is not own.conditions[name]}
        while more := {n for n, each in edition.conditions.items() if n not in changed and _names(each, changed)}:
            changed |= more
        other.dimensions, other.parts = dict(self.dimensions), dict(self.parts)
        other._known = {key: kept for key, kept in self._known.items() if not _names(kept[0], changed)}
        other._names = dict(self._names)
        are_same = edition.attempt_limits is own.attempt_limits
        are_same = are_same and not any(_names(limit.when, changed) for limit in own.attempt_limits)
        if are_same:
            other.__dict__["_attempts"] = self._attempts
        other._rules = {
            key: kept
            for key, kept in self._rules.items()
            if not _names(kept[0].when, changed) and (are_same or kept[0].action.type != "retry_payment")
        }
        return other

    def plan(self) -> Plan:
        """Return the whole edition."""
        edition = self.edition
        blocks = tuple(self.region(block.when) for block in edition.blocks)
        rules = [self._keep_rule(rule) for rule in edition.rules]
        _ = self._attempts  # what limits ask about is used, even where nothing is retried
        return Plan(
            coverage=self._coverage(),
            blocks=blocks,
            first=tuple(first for first, _, _ in rules),
            again=tuple(again for _, again, _ in rules),
            turns=tuple(turn for _, _, turn in rules),
            otherwise=self.otherwise(),
            dimensions=self.dimensions,
            parts=self.parts,
            scores={name: self._score(name) for name in edition.scorecards},
        )

    def _coverage(self) -> Region:
        """Return where the ruleset covers an account, without parts: rulesets are held beside each other by it.

        Raises BudgetExceeded.
        """
        region = self.region(self.edition.applies_to)
        if any(key in self.parts for key in boxes.keys_of([region])):
            raise BudgetExceeded(MOST_BOXES)
        return region

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
        return self._join([self.region(part) for part in condition.conditions])

    def _NoneOf(self, condition: NoneOf) -> Region:  # noqa: N802
        return self._outside(self._join([self.region(part) for part in condition.conditions]))

    def _IsNamed(self, condition: IsNamed) -> Region:  # noqa: N802
        self._settle(condition.name)
        region = self.region(self.edition.conditions[condition.name])
        self._names[id(region)] = condition.name
        return region if condition.holds else self._outside(region)

    def _settle(self, name: str) -> None:
        """Find where a named condition holds, after those it is made of.

        One after the other, for a chain of them may be longer than calls may be deep.
        """
        named, waiting = self.edition.conditions, [name]
        while waiting:
            parts = walk(named[waiting[-1]])
            needed = [
                part.name for part in parts if isinstance(part, IsNamed) and id(named[part.name]) not in self._known
            ]
            waiting += needed
            if not needed:
                self.region(named[waiting.pop()])

    def _IsOneOf(self, condition: IsOneOf) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension, _values_of(dimension, condition.items))

    def _IsNoneOf(self, condition: IsNoneOf) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension, _present(dimension).difference(_values_of(dimension, condition.items)))

    def _IsMissing(self, condition: IsMissing) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension, dimension.universe.difference(_present(dimension)))

    def _IsPresent(self, condition: IsPresent) -> Region:  # noqa: N802
        dimension = self._fact(condition.fact)
        return self._side(dimension, _present(dimension))

    def _HasAny(self, condition: HasAny) -> Region:  # noqa: N802
        parts = tuple(box for item in condition.items for box in self._element(condition.fact, item, holds=True))
        return boxes.simplify(parts, self.dimensions)

    def _HasAll(self, condition: HasAll) -> Region:  # noqa: N802
        return self._meet(self._element(condition.fact, item, holds=True) for item in condition.items)

    def _HasNone(self, condition: HasNone) -> Region:  # noqa: N802
        return self._meet(self._element(condition.fact, item, holds=False) for item in condition.items)

    def _InVariant(self, condition: InVariant) -> Region:  # noqa: N802
        return self._side(variant(self._experiments[condition.experiment]), words(*condition.variants))

    def _keep_rule(self, rule: Rule) -> tuple[Region, Region, Region]:
        if id(rule) not in self._rules:
            self._rules[id(rule)] = rule, self.rule(rule)
        return self._rules[id(rule)][1]

    def rule(self, rule: Rule) -> tuple[Region, Region, Region]:
        """Return where the rule is eligible first, where again on its own level, and where it keeps its turn."""
        shared = self._meet(self._shared_parts(rule))
        # What is stopped is known after the parts are worked out, so it stands in the rule's boxes, never in a part's.
        unstopped = self._unstopped(rule.action)
        reached = self._meet((self._reach(rule.action, reach), unstopped))
        if self._ruleset.stateless:
            return self._meet((shared, reached)), NOTHING, NOTHING
        if rule.level is None or self._ruleset.ladder == "none":
            return self._meet((shared, reached, self._repeat(rule))), NOTHING, NOTHING
        shared = self._meet((shared, self._interval()))
        climb = self._meet((shared, self._climb(rule.level), self._repeat(rule)))
        first = self._meet((climb, reached, self._turn(rule.level)))
        again = self._meet((shared, reached, self._turn(rule.level), self._again(rule)))
        turn = NOTHING
        if ACTIONS[rule.action.type].is_contact and self._ruleset.ladder in {"strict", "catch_up"}:
            turn = self._meet((climb, self._reach(rule.action, limited), unstopped))
        return first, again, turn

    def otherwise(self) -> Region:
        """Return where the action done if no rule wins may be carried out."""
        action = self.edition.otherwise
        if action.type == "none":
            return NOTHING
        return self._meet((*self._action_parts(action), self._unstopped(action), self._reach(action, reach)))

    def _shared_parts(self, rule: Rule) -> list[Region]:
        """Return what a rule needs besides channels, the ladder and that no block stops it."""
        parts = [self.region(rule.when), *(self._after(after) for after in rule.after)]
        if rule.voluntary:
            parts.append(self._not_held_out())
        if rule.timing is not None:
            parts.append(self._flag(timing_reached(rule), holds=True))
        return [*parts, *self._action_parts(rule.action)]

    def _action_parts(self, action: Action) -> list[Region]:
        """Return what an action needs besides channels and that no block stops it."""
        parts = []
        if action.type == "charge_fee" and action.fee == ANNOUNCED_BEFORE:
            parts.append(self._flag(ANNOUNCED, holds=True))
        if action.type == "retry_payment":
            parts.append(self._attempts)
        return parts

    def _unstopped(self, action: Action) -> Region:
        """Return where no block stops an action."""
        return self._flag(stopped(action.type), holds=False) if action.type in self._stoppable else EVERYTHING

    @cached_property
    def _attempts(self) -> Region:
        """Where every attempt limit allows one more."""
        found = []
        for index, limit in enumerate(self.edition.attempt_limits):
            within = self._between(attempts_within(index, limit.per_days), None, limit.at_most - 1)
            elsewhere = self._outside(self.region(limit.when))
            found.append(boxes.union(within, elsewhere, self.dimensions))
        return self._meet(found)

    def _after(self, after: After) -> Region:
        counted, since = met(target_of(after)), since_awaited(after)
        return self._meet((self._between(counted, after.times, None), self._between(since, after.days, None)))

    def _repeat(self, rule: Rule) -> Region:
        never = self._between(done(rule.id), None, 0)
        return never if rule.repeat is None else boxes.union(never, self._repetition(rule), self.dimensions)

    def _repetition(self, rule: Rule) -> Region:
        if rule.repeat is None:
            return NOTHING
        rest, days = rest_of(rule)
        most, per_days = rule.repeat.at_most, rule.repeat.per_days
        below = None if most is None else most - 1
        again = [self._between(done(rule.id), 1, below if per_days is None else None), self._between(rest, days, None)]
        if per_days is not None:
            again.append(self._between(recently(rule.id, per_days), None, below))
        return self._meet(again)

    def _again(self, rule: Rule) -> Region:
        level = rule.level or 0
        return self._meet((self._level(level, level), self._repetition(rule)))

    def _climb(self, level: int) -> Region:
        """Return the account's levels from which the ladder allows this one; who is held out has fewer on the way."""
        if self._ruleset.ladder != "strict":
            return self._level(None, level - 1)
        usual, held_out = (_next_below(level, levels) for levels in (self._levels, self._required_levels))
        climb = self._level(usual, level - 1)
        if usual == held_out or not any(each.hold_out for each in self._ruleset.experiments):
            return climb
        longer = self._meet((self._level(held_out, level - 1), self._outside(self._not_held_out())))
        return boxes.union(climb, longer, self.dimensions)

    def _not_held_out(self) -> Region:
        """Return where no experiment holds the account out."""
        held = (variant(each) for each in self._ruleset.experiments if each.hold_out)
        return self._meet([self._side(each, each.universe.difference(words(HOLD_OUT))) for each in held])

    def _level(self, low: int | None, high: int | None) -> Region:
        return self._between(LEVEL, low, high)

    def _interval(self) -> Region:
        days = self._ruleset.dunning_interval_days
        return EVERYTHING if days <= 0 else self._side(RESTED, integers((days, None), missing=True))

    def _turn(self, level: int) -> Region:
        if self._ruleset.ladder not in {"strict", "catch_up"}:
            return EVERYTHING
        return self._between(TURN, level, None)

    def _reach(self, action: Action, coordinate_of: Callable[[Iterable[str]], OfChannels]) -> Region:
        if not ACTIONS[action.type].is_contact:
            return EVERYTHING
        return self._flag(coordinate_of(action.channels), holds=True)

    def _flag(self, coordinate: Coordinate, *, holds: bool) -> Region:
        return self._side(coordinate, booleans(holds))

    def _between(self, coordinate: Coordinate, low: int | None, high: int | None) -> Region:
        return self._side(coordinate, integers((low, high)))

    def _fact(self, name: str) -> Coordinate:
        if name not in self.edition.scorecards:
            return fact_coordinate(self.edition.facts[name])
        score = self._score(name)
        for each in score.asked:
            self.dimensions.setdefault(each.key, each)
        return score

    def _score(self, name: str) -> Score:
        """Return what a scorecard adds up to; what it is worked out from is no part of this plan."""
        if name not in self._scores:
            card = self.edition.scorecards[name]
            parts = tuple(Planner(self._ruleset, self.edition).scored(each) for each in card.points)
            self._scores[name] = score_of(card, fact_coordinate(self.edition.facts[name]), parts)
        return self._scores[name]

    def scored(self, points: FactPoints) -> Scored:
        """Return the classes of a fact: in each is what none before it holds, and in the last what none holds."""
        whens = [self.region(each.when) for each in points.classes]
        fact, apart = self.edition.facts[points.fact], EVERYTHING
        asked = self.dimensions if fact.type == "set" else {fact.name: fact_coordinate(fact)}
        found: dict[int, Region] = {}
        worths = (*(each.points for each in points.classes), points.otherwise)
        for when, worth in zip((*whens, EVERYTHING), worths, strict=True):
            own = boxes.intersection(when, apart, asked)
            apart = boxes.subtract(apart, when, asked)
            found[worth] = boxes.union(found.get(worth, NOTHING), own, asked)
        classes = tuple(Class(points=worth, region=region) for worth, region in found.items() if region)
        return Scored(
            fact=fact.name,
            asked=tuple(each for each in asked.values() if isinstance(each, FactCoordinate | Element)),
            classes=classes,
        )

    def _element(self, fact: str, item: str, *, holds: bool) -> Region:
        return self._flag(element(self.edition.facts[fact], item), holds=holds)

    def _side(self, coordinate: Coordinate, values: ValueSet) -> Region:
        kept = self.dimensions.setdefault(coordinate.key, coordinate)
        return region_of({kept.key: values}, self.dimensions)

    def _meet(self, regions: Iterable[Region]) -> Region:
        met = [region for region in regions if region is not EVERYTHING]
        found = self._multiply(met)
        return self._multiply([self._shorten(region) for region in met]) or NOTHING if found is None else found

    def _multiply(self, regions: Iterable[Region]) -> Region | None:
        """Return what is in all of the regions, or None if that is too many boxes."""
        found, keys = EVERYTHING, set[str]()
        for region in regions:
            own = set(boxes.keys_of([region]))
            most = self._most if own.isdisjoint(keys) else MOST_TRIES  # those that share a coordinate may not meet
            if len(found) * len(region) > max(most, len(found), len(region)):
                return None
            found = boxes.intersection(found, region, self.dimensions)
            keys |= own
        if len(found) > self._most:
            return None
        self._made += len(found)
        return found

    def _join(self, regions: list[Region]) -> Region:
        if sum(map(len, regions)) > self._most:
            regions = [self._shorten(region) for region in regions]
        return boxes.simplify(tuple(box for region in regions for box in region), self.dimensions)

    def _outside(self, region: Region) -> Region:
        with suppress(BudgetExceeded):
            found = boxes.complement(region, self.dimensions, budget=MOST_TRIES)
            if len(found) <= self._most:
                return found
        return self._part(region, holds=False)

    @property
    def _most(self) -> int:
        return MOST_BOXES if self._made <= MOST_BOXES_TOGETHER else FEW_BOXES

    def _shorten(self, region: Region) -> Region:
        """Return a region as one box."""
        return region if len(region) <= 1 else self._part(region, holds=True)

    def _part(self, region: Region, *, holds: bool) -> Region:
        asked = (self.dimensions[key] for key in boxes.keys_of([region]))
        if any(each.is_worked_out and not isinstance(each, Part) for each in asked):
            raise ValueError("a part is worked out before stops and turns are, and asks about one")
        coordinate = part(region, self._names.get(id(region), _NAMELESS))
        self.parts.setdefault(coordinate.key, region)
        return self._flag(coordinate, holds=holds)


def _names(condition: Condition, names: Container[str]) -> bool:
    """Tell whether a condition asks for one of some named conditions itself."""
    return any(isinstance(each, IsNamed) and each.name in names for each in walk(condition))


def _next_below(level: int, levels: Iterable[int]) -> int | None:
    return max((other for other in levels if other < level), default=None)


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
