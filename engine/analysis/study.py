"""One edition laid out for the checks: its boxes, what cannot be, what goes before what, and who ever wins."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from engine.analysis.executions import Executions
from engine.analysis.places import Places
from engine.analysis.relations import MISSING, Relations, narrow_box, narrow_dimensions, narrow_region, present
from engine.analysis.space import Packed, Space
from engine.conditions import plan
from engine.conditions.boxes import Box, Region
from engine.conditions.plan import plan_edition
from engine.conditions.sets import Dimension, ValueSet, booleans, integers, words
from engine.model.condition import ALWAYS, Condition
from engine.model.diagnostic import Position
from engine.model.ruleset import After, Block, Edition, Rule, Ruleset

_NOWHERE = Position(1, 1)
_NONE = integers((0, 0))
_UNKNOWN_HISTORY: dict[str, ValueSet] = {
    plan.LEVEL: _NONE,
    plan.RESTED: MISSING,
    plan.ANNOUNCED: booleans(*(False,)),
    "dunning_level": _NONE,
    "last_rule": words(missing=True),
}


class Study:
    """What the checks ask about one currency's reading of a ruleset; ``on`` is the day it is checked."""

    def __init__(self, ruleset: Ruleset, edition: Edition, *, budget: int, on: dt.date | None = None) -> None:
        self.ruleset = ruleset
        self.edition = edition
        self.on = on
        self.rules: tuple[Rule, ...] = edition.rules
        self.plan = plan_edition(ruleset, edition)
        self.dimensions = narrow_dimensions(ruleset, edition, self.plan)
        self.relations = Relations(ruleset, edition, self.plan, self.dimensions)
        self.executions = Executions(edition, self.plan, self.relations)
        self.budget = budget
        self._impossible = self.relations.impossible()
        self._unless = self.executions.impossible()

    @cached_property
    def places(self) -> Places:
        """Return where the parts of the text stand that have no position of their own."""
        return Places(self.ruleset.text)

    @cached_property
    def whens(self) -> tuple[Region, ...]:
        """Return where each rule's ``when`` holds."""
        return self.regions_of([rule.when for rule in self.rules])

    def regions_of(self, conditions: Iterable[Condition]) -> tuple[Region, ...]:
        """Return where each condition holds."""
        return plan_edition(self.ruleset, self._ask(conditions)).blocks

    def examine(
        self, conditions: Iterable[Condition], *, is_decided: bool
    ) -> tuple[tuple[Region, ...], dict[str, Dimension]]:
        """Return where each condition holds, and the dimensions asked about.

        Only accounts that are decided have every needed fact.
        """
        asked = self._ask(conditions)
        compiled = plan_edition(self.ruleset, asked)
        if not is_decided:
            return compiled.blocks, compiled.dimensions
        dimensions = narrow_dimensions(self.ruleset, asked, compiled)
        return tuple(narrow_region(region, dimensions) for region in compiled.blocks), dimensions

    def _ask(self, conditions: Iterable[Condition]) -> Edition:
        """Return the edition with a block for each condition in the place of its own blocks and rules."""
        blocks = tuple(Block(id="", when=condition, reason="", at=_NOWHERE) for condition in conditions)
        return msgspec.structs.replace(self.edition, blocks=blocks, rules=(), applies_to=ALWAYS, attempt_limits=())

    @cached_property
    def space(self) -> Space:
        """Return the packed boxes of everything that the checks ask about."""
        p = self.plan
        regions: list[Iterable[Box]] = [p.coverage, *p.blocks, *p.first, *p.again, *p.turns, *self.whens]
        regions += [
            self._impossible,
            [each.box for each in self._unless],
            [self.first_ask_box, self._all_given, self._calm],
        ]
        regions += [[self._after_box(after)] for rule in self.rules for after in rule.after]
        regions += [[self._reach_box(rule)] for rule in self.rules if rule.action.channels]
        return Space((box for region in regions for box in region), self.dimensions, budget=self.budget)

    @cached_property
    def first_ask_box(self) -> Box:
        """Return the box where nothing was executed in this episode."""
        sides: dict[str, ValueSet] = {}
        for key in self.dimensions:
            if key.startswith("@done:"):
                sides[key] = _NONE
            elif key.startswith(("@ago:", "@pay_by:")):
                sides[key] = MISSING
            elif key in _UNKNOWN_HISTORY:
                sides[key] = _UNKNOWN_HISTORY[key]
        return Box(sides=sides)

    @cached_property
    def _all_given(self) -> Box:
        """Where no fact is missing."""
        facts = self.edition.facts
        given = {
            key: present(dimension)
            for key, dimension in self.dimensions.items()
            if key in facts and facts[key].source != "history" and dimension.universe.contains(None)
        }
        return Box(sides=given)

    def _after_box(self, after: After) -> Box:
        target = plan.target_of(after)
        since = plan.overdue_key(target) if after.counted_from == "pay_by" else plan.ago_key(target)
        times, days = integers((after.times, None)), integers((after.days, None))
        return Box(sides={plan.done_key(target): times, since: days})

    @cached_property
    def first_ask(self) -> Packed:
        """Return where nothing was executed in this episode."""
        return self.space.pack_all([self.first_ask_box])

    @cached_property
    def _calm(self) -> Box:
        """Where no limit is reached and every timing is: what a witness shows best."""
        sides: dict[str, ValueSet] = {}
        for key in self.dimensions:
            if key.startswith(("@limited:", "@timing:")):
                sides[key] = booleans(key.startswith("@timing:"))
            elif key.startswith("@attempts:"):
                sides[key] = _NONE
        if plan.TURN in self.dimensions:
            sides[plan.TURN] = integers((plan.NO_TURN, plan.NO_TURN))
        return Box(sides=sides)

    @cached_property
    def calm(self) -> Packed:
        """Return where no limit is reached and every timing is."""
        return self.space.pack_all([self._calm])

    @cached_property
    def all_given(self) -> Packed:
        """Return where no fact is missing."""
        return self.space.pack_all([self._all_given])

    @cached_property
    def impossible(self) -> Packed:
        """Return where no account is, whatever its history."""
        return self.space.pack_all(self._impossible)

    def unexecuted(self, executed: Iterable[str]) -> Packed:
        """Return where no account is if only decisions of these rules were carried out."""
        rules = frozenset(executed)
        return tuple(box for needed, packed in self._packed_unless if not needed & rules for box in packed)

    @cached_property
    def _packed_unless(self) -> list[tuple[frozenset[str], Packed]]:
        """Return the boxes of what needs an execution, each with the rules of which one must be executed."""
        return [(each.rules, self.space.pack_all([each.box])) for each in self._unless]

    @cached_property
    def covered(self) -> Packed:
        """Return where the ruleset covers an account."""
        return self.space.pack_all(self.plan.coverage)

    @cached_property
    def blocking(self) -> Region:
        """Return where a block ends the search."""
        blocks = zip(self.edition.blocks, self.plan.blocks, strict=True)
        return tuple(box for block, region in blocks if block.stops is None for box in region)

    @cached_property
    def blocked(self) -> Packed:
        """Return where a block ends the search, packed."""
        return self.space.pack_all(self.blocking)

    @cached_property
    def first(self) -> tuple[Packed, ...]:
        """Return where each rule may win for the first time, or without level, among accounts that are covered."""
        return tuple(self.space.common(self.space.pack_all(region), self.covered) for region in self.plan.first)

    @cached_property
    def again(self) -> tuple[Packed, ...]:
        """Return where each levelled rule may be repeated on the account's own level."""
        return tuple(self.space.common(self.space.pack_all(region), self.covered) for region in self.plan.again)

    @cached_property
    def eligible(self) -> tuple[Packed, ...]:
        """Return where each rule may win if nothing goes before it."""
        return tuple((*first, *again) for first, again in zip(self.first, self.again, strict=True))

    @cached_property
    def packed_whens(self) -> tuple[Packed, ...]:
        """Return where each rule's ``when`` holds among accounts that are covered."""
        return tuple(self.space.common(self.space.pack_all(region), self.covered) for region in self.whens)

    def box_within(self, sides: Mapping[str, ValueSet]) -> Box:
        """Return the box of sides of which some may be facts that no condition asks about."""
        known = {key: values for key, values in sides.items() if key in self.dimensions}
        return narrow_box(Box(sides=known), self.dimensions) or Box(sides={})

    def pack_after(self, after: After) -> Packed:
        """Return where an ``after`` holds."""
        return self.space.pack_all([self._after_box(after)])

    @cached_property
    def is_plain(self) -> bool:
        """Tell whether the first eligible rule in written order wins, levels or not."""
        return self.ruleset.stateless or self.ruleset.ladder == "none"

    @cached_property
    def _ladder_order(self) -> list[tuple[int, bool]]:
        """Return (rule, whether a repetition) of every levelled rule, the one the ladder prefers first."""
        levelled = [(i, rule.level) for i, rule in enumerate(self.rules) if rule.level is not None]
        if self.ruleset.ladder == "most_severe":
            ranked = sorted((-level, i, again) for i, level in levelled for again in (False, True))
            return [(i, again) for _, i, again in ranked]
        return [
            *((i, False) for _, i in sorted((level, i) for i, level in levelled)),
            *((i, True) for i, _ in levelled),
        ]

    def before(self, rule: int, *, again: bool) -> list[tuple[str, Packed]]:
        """Return by id the rules that go before a rule, each with where it does so.

        A rule without level above a levelled one goes before it, but where a levelled rule stands above both.
        """
        if self.is_plain or self.rules[rule].level is None:
            return [(self.rules[i].id, self.eligible[i]) for i in range(rule)]
        return [*self._better(rule, again=again), *self._leading(rule)]

    def _better(self, rule: int, *, again: bool) -> list[tuple[str, Packed]]:
        """Return the levelled rules that the ladder prefers to a levelled rule."""
        better = self._ladder_order[: self._ladder_order.index((rule, again))]
        return [(self.rules[i].id, (self.again if repeated else self.first)[i]) for i, repeated in better]

    def _leading(self, rule: int) -> list[tuple[str, Packed]]:
        """Return the rules without level above a rule."""
        return [(self.rules[i].id, self.eligible[i]) for i in range(rule) if self.rules[i].level is None]

    def _chances(self, rule: int, *, again: bool) -> Iterator[tuple[Packed, list[int]]]:
        """Yield regions, each with the boxes outside which the rule wins there; together they are all of its wins.

        The ladder chooses if the first eligible rule has a level: each levelled rule from this one up may be the first.
        """
        boxes = (self.again if again else self.first)[rule]
        yield boxes, [box for _, packed in self.before(rule, again=again) for box in packed]
        if self.is_plain or self.rules[rule].level is None:
            return
        better = [box for _, packed in self._better(rule, again=again) for box in packed]
        for opener in range(rule):
            if self.rules[opener].level is not None and any(self.rules[i].level is None for i in range(opener, rule)):
                opening = self.space.common(boxes, self.eligible[opener])
                yield opening, [*better, *(box for _, packed in self._leading(opener) for box in packed)]

    def find_win(
        self, rule: int, *, within: Sequence[Packed] = (), without: Packed = (), is_wide: bool = False
    ) -> Box | None:
        """Return a box in which a rule wins, within each of some regions and outside some boxes; None if there is none.

        A wide one has as few sides as can be, which takes longer.
        """
        outside, always = self.space.split((*self.impossible, *without, *self.blocked))
        for again in (False, True):
            possible = self.space.common((self.again if again else self.first)[rule], (outside,))
            if self.space.is_covered(possible, always):
                continue
            for region, rivals in self._chances(rule, again=again):
                boxes = self.space.common(region, (outside,))
                for each in within:
                    boxes = self.space.common(boxes, each)
                covers = (*always, *rivals)
                found = self.space.first_rest(boxes, covers)
                if found is not None:
                    whole = next(box for box in boxes if not found & ~box)
                    return self.space.unpack(self.space.widen(found, whole, covers) if is_wide else found)
        return None

    @cached_property
    def reached(self) -> dict[int, Box]:
        """Return the rules that the ruleset's own decisions lead to, each with a box in which it wins."""
        found = {i: box for i in range(len(self.rules)) if (box := self._find_easy_win(i)) is not None}
        by_level = sorted(range(len(self.rules)), key=lambda i: self.rules[i].level or 0)
        is_growing = True
        while is_growing:
            is_growing = False
            for i in (each for each in by_level if each not in found):
                without = self.unexecuted(self.rules[each].id for each in found)
                box = self.find_win(i, within=(self.all_given,), without=without) or self.find_win(i, without=without)
                if box is not None:
                    found[i] = box
                    is_growing = True
        return found

    def _find_easy_win(self, rule: int) -> Box | None:
        """Look where most rules win: nothing executed yet, every fact given."""
        return self.find_win(rule, within=(self.first_ask, self.all_given))

    def show_win(self, rule: int) -> Box:
        """Return a box with few sides in which a reached rule wins."""
        for within in ((self.first_ask, self.calm), (self.first_ask,), ()):
            box = self.find_win(rule, within=within, without=self.own_history, is_wide=True)
            if box is not None:
                return box
        return self.reached[rule]

    def show_some(self, boxes: Packed) -> Box | None:
        """Return a box with few sides of accounts that can be, of a first ask where there are any."""
        calm = self.space.common(self.first_ask, self.calm)
        for within in (calm, self.first_ask, (self.space.everything,)):
            asked = self.space.common(boxes, within)
            found = self.space.first_rest(asked, self.impossible)
            if found is not None:
                whole = next(box for box in asked if not found & ~box)
                return self.space.unpack(self.space.widen(found, whole, self.impossible))
        return None

    @cached_property
    def own_history(self) -> Packed:
        """Return where no account is if only this ruleset's own decisions were carried out."""
        return self.unexecuted(self.rules[i].id for i in self.reached)

    def pack_reach(self, rule: Rule) -> Packed:
        """Return where one of the channels of a rule's contact action is open."""
        return self.space.pack_all([self._reach_box(rule)])

    def _reach_box(self, rule: Rule) -> Box:
        key = plan.reach_key(rule.action.channels)
        return Box(sides={key: booleans(*(True,))} if key in self.dimensions else {})
