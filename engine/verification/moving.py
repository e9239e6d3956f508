"""A boundary moved by one: whether that changes what comes of an account, and where it could.

A case at a number tests it only where the number decides, everything else being as the rule or block asks it.
"""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import Box, BudgetExceeded, Region
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.guards import impossible
from engine.coordinates.plan import Planner
from engine.coordinates.stops import stopped
from engine.coordinates.surroundings import narrow, surroundings_of
from engine.evaluation.choosing import judge
from engine.evaluation.program import Program, draw_blueprint
from engine.evaluation.view import View
from engine.model.condition import AllOf, AnyOf, Condition, IsNoneOf, IsOneOf, NoneOf, Span
from engine.model.ruleset import AttemptLimit, Block, Edition, Rule
from engine.proofs.precedence import list_before
from engine.worlds.asking import Asking

BUDGET = 20_000
Owner = TypeVar("Owner", AttemptLimit, Block, Rule)


class Chance(msgspec.Struct, frozen=True, kw_only=True):
    """Where moving a boundary changes what comes: within a region, outside of others.

    In ``perhaps`` something else may go before, where the ladder decides.
    """

    within: Region
    outside: Region
    perhaps: Region = ()


class Moved:
    """One currency's reading of a ruleset as it is, and with one boundary moved by one, at the value in question."""

    def __init__(self, code: Program, planner: Planner, edition: Edition, at: Region) -> None:
        self.code = code
        self.moved = Program(code.ruleset, edition, draw_blueprint(planner.beside(edition)))
        self._at = at

    def changes(self, asking: Asking, view: View) -> bool:
        """Tell whether something else comes of an account than if the boundary were moved."""
        again = asking.read_by(self.moved.terms)
        if again is None:
            return False
        moved = judge(View(self.moved, again.standing, again.day))
        return moved.otherwise_key != judge(view).otherwise_key

    def is_idle(self, dimensions: dict[str, Coordinate]) -> bool:
        """Tell whether it is proved cheaply that moving the boundary changes what comes of no account."""
        code, every = self.code, narrow(self.dimensions(dimensions))
        known = narrow({**code.plan.dimensions, **dimensions})
        beside = surroundings_of(code.ruleset, code.edition, code.plan, code.terms.windows, known, more=(self._at,))
        nowhere = tuple(impossible(code.ruleset, beside))
        try:
            return not any(
                any(boxes.iterate_difference(chance.within, (*chance.outside, *nowhere), every, budget=BUDGET))
                for chance in self.chances(dimensions)
            )
        except BudgetExceeded:
            return False

    def dimensions(self, others: dict[str, Coordinate]) -> dict[str, Coordinate]:
        """Return every coordinate that the regions stand on."""
        return {**self.code.plan.dimensions, **self.moved.plan.dimensions, **others}

    def chances(self, dimensions: dict[str, Coordinate]) -> Iterator[Chance]:
        """Yield all places where moving the boundary may change what comes.

        Raises BudgetExceeded.
        """
        every = self.dimensions(dimensions)
        for mine, other in ((self.code, self.moved), (self.moved, self.code)):
            here = boxes.intersection(mine.plan.coverage, self._at, every, budget=BUDGET)
            for found in (*_chances_of_rules(mine, other), *_chances_of_blocks(mine, other)):
                within = boxes.intersection(found.within, here, every, budget=BUDGET)
                if within:
                    yield msgspec.structs.replace(found, within=within)


def _chances_of_rules(mine: Program, other: Program) -> Iterator[Chance]:
    """Yield where a rule may come by one program only."""
    blocked = tuple(box for i in mine.full_blocks for box in mine.plan.blocks[i])
    for rule in range(len(mine.edition.rules)):
        not_own = (*other.plan.first[rule], *other.plan.again[rule], *other.plan.turns[rule])
        for again in (False, True):
            own, others = ((each.plan.again if again else each.plan.first)[rule] for each in (mine, other))
            if own and own != others:
                certain, perhaps = _list_rivals(mine, rule, again=again)
                yield Chance(within=own, outside=(*blocked, *not_own, *certain), perhaps=perhaps)


def _list_rivals(program: Program, rule: int, *, again: bool) -> tuple[Region, Region]:
    """Return where others go before a rule, and where rules without level may: a levelled rule may stand above both."""
    rules, found = program.edition.rules, (list[Box](), list[Box]())
    is_ladder = program.ruleset.has_ladder and rules[rule].level is not None
    for other, repeated in list_before(program, rule, again=again):
        region = (program.plan.again if repeated else program.plan.first)[other]
        found[is_ladder and rules[other].level is None].extend(region)
    return tuple(found[0]), tuple(found[1])


def _chances_of_blocks(mine: Program, other: Program) -> Iterator[Chance]:
    """Yield where a block holds by one program only, and there is something to be held back."""
    plan, blocked = mine.plan, list[Box]()
    for index, (block, region) in enumerate(zip(mine.edition.blocks, plan.blocks, strict=True)):
        outside = (*other.plan.blocks[index], *blocked)
        is_moved = region != other.plan.blocks[index]
        if block.stops is None:
            if is_moved:
                yield Chance(within=region, outside=outside)
            blocked += region
        elif is_moved:
            for rule, (first, again) in enumerate(zip(plan.first, plan.again, strict=True)):
                action = mine.edition.rules[rule].action.type
                if action in block.stops:
                    free = _without(stopped(action).key, (*first, *again))
                    within = boxes.intersection(region, free, plan.dimensions, budget=BUDGET)
                    stopped_already = tuple(
                        box
                        for i, each in enumerate(other.edition.blocks)
                        if i != index and action in (each.stops or ())
                        for box in other.plan.blocks[i]
                    )
                    yield Chance(within=within, outside=(*outside, *stopped_already))


def _without(key: str, region: Region) -> Region:
    return tuple(Box(sides={own: values for own, values in box.sides.items() if own != key}) for box in region)


def move_test(edition: Edition, test: IsOneOf | IsNoneOf, moved: IsOneOf | IsNoneOf) -> Edition:
    """Return an edition with another test wherever this one stands; what is not changed stays the same object."""
    conditions = {name: _replace(each, test, moved) for name, each in edition.conditions.items()}
    limits = tuple(_with_moved(each, test, moved) for each in edition.attempt_limits)
    are_same = all(one is each for one, each in zip(limits, edition.attempt_limits, strict=True))
    found: Edition = msgspec.structs.replace(
        edition,
        conditions=conditions,
        attempt_limits=edition.attempt_limits if are_same else limits,
        blocks=tuple(_with_moved(each, test, moved) for each in edition.blocks),
        rules=tuple(_with_moved(each, test, moved) for each in edition.rules),
    )
    return found


def _with_moved(owner: Owner, test: Condition, moved: Condition) -> Owner:
    when = _replace(owner.when, test, moved)
    if when is owner.when:
        return owner
    found: Owner = msgspec.structs.replace(owner, when=when)
    return found


def _replace(condition: Condition, test: Condition, moved: Condition) -> Condition:
    if condition == test:
        return moved
    if not isinstance(condition, AllOf | AnyOf | NoneOf):
        return condition
    parts = tuple(_replace(each, test, moved) for each in condition.conditions)
    if all(one is each for one, each in zip(parts, condition.conditions, strict=True)):
        return condition
    changed: Condition = msgspec.structs.replace(condition, conditions=parts)
    return changed


def list_ends(test: IsOneOf | IsNoneOf) -> Iterator[tuple[int, int, IsOneOf | IsNoneOf]]:
    """Yield (number in written order, value, the test moved by one) just inside and just outside each end.

    A value that another part of the test holds as well decides nothing, and is left out.
    """
    number = 0
    for index, item in enumerate(test.items):
        if isinstance(item, str):
            continue
        others = (*test.items[:index], *test.items[index + 1 :])
        for value, span in _move(item if isinstance(item, Span) else Span(int(item), int(item))).items():
            if not any(_holds(other, value) for other in others):
                items = (*test.items[:index], span, *test.items[index + 1 :])
                yield number, value, msgspec.structs.replace(test, items=items)
            number += 1


def _move(span: Span) -> dict[int, Span]:
    """Return by value the span with that end moved by one, so that it holds the value no more, or now."""
    found: dict[int, Span] = {}
    low, high = span.low, span.high
    if low is not None:
        found[low] = Span(low + 1, low + 1 if high == low else high)
        found[low - 1] = Span(low - 1, high)
    if high is not None:
        found.setdefault(high, Span(low, high - 1))
        found[high + 1] = Span(low, high + 1)
    return found


def _holds(item: object, value: int) -> bool:
    if isinstance(item, Span):
        return (item.low is None or item.low <= value) and (item.high is None or value <= item.high)
    return item == value
