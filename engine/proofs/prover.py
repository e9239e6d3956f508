"""What is proved of all accounts of one edition: what cannot be, what goes before what, and who ever wins."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from engine.conditions.boxes import Box, BudgetExceeded, Region, clip
from engine.conditions.sets import NO, YES, ValueSet, integers
from engine.conditions.space import Meter, Packed, PackedBox, Space
from engine.coordinates.channels import reach
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import target_of
from engine.coordinates.executions import SOME, done, met, since_awaited
from engine.coordinates.facts import FactCoordinate, fact_of, write_box
from engine.coordinates.plan import Planner
from engine.coordinates.plausible import negative_counts
from engine.coordinates.stops import stopped
from engine.coordinates.surroundings import narrow, surroundings_of
from engine.coordinates.timing import timing_reached
from engine.evaluation.program import Program
from engine.model.condition import Condition
from engine.model.places import Places
from engine.model.ruleset import After, Rule
from engine.proofs.constancy import Constant, find_constants
from engine.proofs.executions import Executions
from engine.proofs.precedence import Precedence, fix


class Prover:
    """What the checks ask about one currency's reading of a ruleset; ``on`` is the day it is checked."""

    def __init__(self, program: Program, *, budget: int, on: dt.date | None = None) -> None:
        ruleset, edition = program.ruleset, program.edition
        self.program = program
        self.ruleset = ruleset
        self.edition = edition
        self.on = on
        self.rules: tuple[Rule, ...] = edition.rules
        self.indices = {rule.id: index for index, rule in enumerate(edition.rules)}
        self._planner = Planner(ruleset, edition)
        self.plan = program.plan
        self.dimensions = narrow(self.plan.dimensions)
        self.beside = surroundings_of(ruleset, edition, self.plan, program.terms.windows, self.dimensions)
        self.executions = Executions(edition, self.plan, self.beside)
        self.meter = Meter(budget)
        self._impossible = tuple(self.beside.impossible())
        self._unless = self.executions.impossible()
        self.is_plain = not ruleset.has_ladder
        self._is_unknown: set[int] = set()
        self.won_with_all_given: set[int] = set()

    @property
    def places(self) -> Places:
        """Return where the parts of the text stand."""
        return self.ruleset.places

    def region_of(self, condition: Condition) -> Region:
        """Return where a condition holds."""
        return self._planner.region(condition)

    @cached_property
    def whens(self) -> tuple[Region, ...]:
        """Return where each rule's ``when`` holds."""
        return tuple(self.region_of(rule.when) for rule in self.rules)

    @cached_property
    def constants(self) -> tuple[Constant, ...]:
        """Return the smallest parts of conditions that hold never or always."""
        return tuple(find_constants(self.edition, self._planner, self.places))

    @cached_property
    def every_dimension(self) -> dict[str, Coordinate]:
        """Return the dimensions of every condition, those nobody uses too."""
        _ = self.constants
        return narrow({**self._planner.dimensions, **self.plan.dimensions})

    def describe(self, box: Box) -> str:
        """Return what a box asks of the facts, such as ``days_overdue: 3..13, vip: true``; empty for nothing."""
        return write_box(box, self.dimensions, self.edition.currency)

    def led_into(self, region: Region) -> Region:
        """Return a region that holds every account that is in one on some day, nothing executed, and perhaps more."""
        loosened = ({key: self.dimensions[key].led_into(values) for key, values in box.sides.items()} for box in region)
        return tuple(
            Box(sides={key: values for key, values in sides.items() if values is not None}) for sides in loosened
        )

    def executed_boxes(self, rules: Iterable[str]) -> Iterator[Box]:
        """Yield for each of some rules where it was executed, as far as any condition asks."""
        for rule in rules:
            key = done(rule).key
            if key in self.dimensions:
                yield Box(sides={key: SOME})

    def parts_of_rule(self, index: int) -> dict[str, Packed]:
        """Return what a rule asks, in the words of an author, each part with where it holds."""
        rule = self.rules[index]
        parts: dict[str, Packed] = {"its “when”": self.packed_whens[index]}
        if rule.after:
            parts["its “after”"] = (self.space.everything,)
        for after in rule.after:
            parts["its “after”"] = self.space.common(parts["its “after”"], self.pack_after(after))
        if rule.timing is not None:
            box = Box(sides={timing_reached(rule).key: YES})
            parts["its “timing”"] = self.space.pack_all([box])
        if rule.action.channels:
            parts["an open channel"] = self.pack_reach(rule)
        by_block = stopped(rule.action.type).key
        if by_block in self.dimensions:
            parts["an action that no block stops"] = self.space.pack_all([Box(sides={by_block: NO})])
        return parts

    @cached_property
    def first_ask_box(self) -> Box:
        """Return the box where nothing was executed in this episode."""
        found = ((key, each.unexecuted) for key, each in self.dimensions.items())
        return Box(sides={key: values for key, values in found if values is not None})

    @cached_property
    def _all_given(self) -> Box:
        """Where no fact is missing."""
        given = {
            key: each.present
            for key, each in self.dimensions.items()
            if isinstance(each, FactCoordinate) and each.fact.source != "history" and each.universe.contains(None)
        }
        return Box(sides=given)

    @cached_property
    def _calm(self) -> Box:
        """Where no limit is reached and every timing is: what a witness shows best."""
        found = ((key, each.unhindered) for key, each in self.dimensions.items())
        return Box(sides={key: values for key, values in found if values is not None})

    def _after_box(self, after: After) -> Box:
        times, days = integers((after.times, None)), integers((after.days, None))
        return Box(sides={met(target_of(after)).key: times, since_awaited(after).key: days})

    def _reach_box(self, rule: Rule) -> Box:
        key = reach(rule.action.channels).key
        return Box(sides={key: YES} if key in self.dimensions else {})

    @cached_property
    def whole(self) -> Precedence:
        """Return who goes before whom over every account and every history."""
        more = [each.box for each in self._unless]
        more += [self._after_box(after) for rule in self.rules for after in rule.after]
        more += [self._reach_box(rule) for rule in self.rules if rule.action.channels]
        more += negative_counts(self.beside)
        return self._lay_out([self.first_ask_box, *more], fixed={})

    @cached_property
    def fresh(self) -> Precedence:
        """Return it over accounts for which nothing was executed: much smaller, and most rules win there."""
        fixed = self.first_ask_box.sides
        return self._lay_out([], fixed=fixed) if fixed else self.whole

    def _lay_out(self, more: Sequence[Box], *, fixed: Mapping[str, ValueSet]) -> Precedence:
        p = self.plan
        regions: list[Iterable[Box]] = [p.coverage, *p.blocks, *p.first, *p.again, *p.turns, *self.whens]
        regions += [self._impossible, [self._all_given, self._calm], more]
        boxes = fix(tuple(box for region in regions for box in region), fixed)
        space = Space(boxes, self.dimensions, meter=self.meter)
        return Precedence(self.program, space, impossible=self._impossible, fixed=fixed)

    @cached_property
    def space(self) -> Space:
        """Return the packed boxes of everything that the checks ask about."""
        return self.whole.space

    def is_calm(self, precedence: Precedence) -> Packed:
        """Return where no limit is reached and every timing is."""
        return precedence.pack((self._calm,))

    def is_given(self, precedence: Precedence) -> Packed:
        """Return where no fact is missing."""
        return precedence.pack((self._all_given,))

    @cached_property
    def unlikely(self) -> Packed:
        """Return where a caller gives a count that is negative."""
        return self.space.pack_all(negative_counts(self.beside))

    @cached_property
    def first_ask(self) -> Packed:
        """Return where nothing was executed in this episode."""
        return self.whole.pack((self.first_ask_box,))

    def unexecuted(self, executed: Iterable[str]) -> Packed:
        """Return where no account is if only decisions of these rules were carried out."""
        rules = frozenset(executed)
        return tuple(box for needed, _, packed in self._packed_unless if needed.isdisjoint(rules) for box in packed)

    def _split_unexecuted(self, executed: Iterable[str]) -> tuple[int, Packed]:
        """Return the same as a box outside of what one side tells, and the rest."""
        rules = frozenset(executed)
        others: list[int] = []
        outside = self.space.everything
        for needed, inside, packed in self._packed_unless:
            if needed.isdisjoint(rules):
                if len(packed) == 1 and inside != self.space.everything:
                    outside &= inside
                else:
                    others += packed
        return outside, tuple(others)

    @cached_property
    def _packed_unless(self) -> list[tuple[frozenset[str], int, Packed]]:
        """Return the boxes of what needs an execution, each with the rules of which one must be executed.

        Between the two stands what is outside of the box, if that is one box.
        """
        packed = [(each.rules, self.space.pack_all([each.box])) for each in self._unless]
        return [(rules, self.space.split(boxes)[0], boxes) for rules, boxes in packed]

    @cached_property
    def own_history(self) -> Packed:
        """Return where no account is if only this ruleset's own decisions were carried out."""
        return self.unexecuted(self.rules[i].id for i in (*self.reached, *self.unknown))

    @cached_property
    def blocking(self) -> Region:
        """Return where a block ends the search."""
        blocks = zip(self.edition.blocks, self.plan.blocks, strict=True)
        return tuple(box for block, region in blocks if block.stops is None for box in region)

    @cached_property
    def packed_whens(self) -> tuple[Packed, ...]:
        """Return where each rule's ``when`` holds among accounts that are covered."""
        return tuple(self.space.common(self.space.pack_all(region), self.whole.covered) for region in self.whens)

    @cached_property
    def of_conditions(self) -> Precedence:
        """Return the precedence to ask about conditions alone: the small one, unless a condition asks about history."""
        facts = (fact_of(each) for each in self.dimensions.values())
        asks_history = any(fact is not None and fact.source == "history" for fact in facts)
        return self.whole if asks_history else self.fresh

    @cached_property
    def conditions(self) -> tuple[Packed, ...]:
        """Return where each rule's ``when`` holds, packed for the precedence of conditions."""
        asked = self.of_conditions
        return tuple(asked.space.common(asked.pack(region), asked.covered) for region in self.whens)

    def box_within(self, sides: Mapping[str, ValueSet]) -> Box:
        """Return the box of sides of which some may be facts that no condition asks about."""
        known = {key: values for key, values in sides.items() if key in self.dimensions}
        return next(iter(clip((Box(sides=known),), self.dimensions)), Box(sides={}))

    def pack_after(self, after: After) -> Packed:
        """Return where an ``after`` holds."""
        return self.space.pack_all([self._after_box(after)])

    def early_sides(self, after: After) -> dict[str, ValueSet]:
        """Return the side of the days of an ``after`` that are counted and not over."""
        return {since_awaited(after).key: integers((None, after.days - 1))}

    def pack_reach(self, rule: Rule) -> Packed:
        """Return where one of the channels of a rule's contact action is open."""
        return self.space.pack_all([self._reach_box(rule)])

    def may_reach(self, rule: int) -> bool:
        """Tell whether the ruleset leads to a rule, or may do so for all that is known."""
        return rule in self.reached or rule in self.unknown

    @property
    def unknown(self) -> frozenset[int]:
        """Return the rules of which the budget did not suffice to tell whether the ruleset leads to them."""
        _ = self.reached
        return frozenset(self._is_unknown)

    @cached_property
    def reached(self) -> dict[int, PackedBox]:
        """Return the rules that the ruleset's own decisions lead to, each with a box in which it wins."""
        found = {i: place for i in range(len(self.rules)) if (place := self._find_easy_win(i)) is not None}
        missing = sorted(set(range(len(self.rules))) - found.keys(), key=lambda i: self.rules[i].level or 0)
        is_growing = bool(missing)
        while is_growing:
            is_growing = False
            for i in missing:
                place = self._find_own_win(i, {*found, *self._is_unknown})
                if place is not None:
                    found[i] = place
                    is_growing = True
            missing = [i for i in missing if i not in found]
        return dict(sorted(found.items()))

    def _find_easy_win(self, rule: int) -> PackedBox | None:
        """Look where most rules win: nothing executed yet, every fact given."""
        if self.meter.is_spent:
            return None
        try:
            found = self.fresh.find_win(rule, within=(self._given_at_first,))
        except BudgetExceeded:
            return None
        if found is not None:
            self.won_with_all_given.add(rule)
        return found

    @cached_property
    def _given_later(self) -> Packed:
        return self.is_given(self.whole)

    @cached_property
    def _given_at_first(self) -> Packed:
        return self.is_given(self.fresh)

    def _find_own_win(self, rule: int, executed: Iterable[int]) -> PackedBox | None:
        if self.meter.is_spent:
            self._is_unknown.add(rule)
            return None
        self.meter.begin()
        outside, without = self._split_unexecuted(self.rules[each].id for each in executed)
        within: tuple[Packed, ...] = ((outside,),)
        try:
            self.meter.spend(len(self._packed_unless))
            found = self.whole.find_win(rule, within=(*within, self._given_later), without=without)
            if found is not None:
                self.won_with_all_given.add(rule)
            found = found or self.whole.find_win(rule, within=within, without=without)
        except BudgetExceeded:
            self._is_unknown.add(rule)
            return None
        if found is not None:
            self._is_unknown.discard(rule)
        return found

    def show_win(self, rule: int) -> Iterator[Box]:
        """Yield boxes with few sides in which a reached rule wins, the plainest first."""
        for within in ((self._calm_at_first,), ()):
            yield from (place.box for place in self.fresh.list_wins(rule, within=within, is_wide=True))
        for within in ((self._calm_later,), ()):
            wins = self.whole.list_wins(rule, within=within, without=self.own_history, is_wide=True)
            yield from (place.box for place in wins)

    @cached_property
    def _calm_at_first(self) -> Packed:
        return self.is_calm(self.fresh)

    @cached_property
    def _calm_later(self) -> Packed:
        return self.is_calm(self.whole)

    def show_some(self, boxes: Packed, *, outside: Packed = ()) -> Iterator[Box]:
        """Yield boxes with few sides of accounts that can be, outside of some boxes, those of a first ask first."""
        calm = self.space.common(self.first_ask, self._calm_later)
        for within in (calm, self.first_ask, self._calm_later, (self.space.everything,)):
            yield from self.whole.show(self.space.common(boxes, within), outside=outside)

    def show_conditions(self, boxes: Packed, *, outside: Packed = ()) -> Iterator[Box]:
        """Yield the same for boxes of the precedence of conditions."""
        asked = self.of_conditions
        for within in (self.is_calm(asked), (asked.space.everything,)):
            yield from asked.show(asked.space.common(boxes, within), outside=outside)
