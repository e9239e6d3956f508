"""What a suite should have seen of a ruleset: every rule win, every test both ways, both sides of every boundary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Literal, TypeVar

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import Region, region_of
from engine.conditions.sets import integers
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import target_of
from engine.coordinates.executions import since_awaited
from engine.coordinates.plan import Plan, Planner, plan_edition
from engine.coordinates.repetition import Recent, recently, rest_of
from engine.evaluation.program import Program
from engine.evaluation.view import View
from engine.model.condition import AllOf, AnyOf, Condition, IsNoneOf, IsOneOf, Leaf, NoneOf, Span
from engine.model.diagnostic import Position
from engine.model.ruleset import Block, Edition, Repeat, Rule
from engine.model.vocabulary import NUMERIC_TYPES, Fact
from engine.verification.moving import Moved, list_ends, move_test
from engine.words.notation import write_test
from engine.words.phrases import count_days
from engine.words.values import format_number
from engine.worlds.asking import Asking

T = TypeVar("T", bound=msgspec.Struct)
Kind = Literal["rule", "condition", "boundary"]
Key = tuple[str | int | bool, ...]


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be seen; ``key`` is the same in every currency, ``region`` is where it is seen in this one.

    The goal of a rule is not a region: it is seen where the rule wins. A boundary is seen only where something else
    comes of ``moved``, the edition with this boundary moved by one.
    """

    kind: Kind
    key: Key
    at: Position
    what: str
    rule: str | None
    region: Region = ()
    moved: Edition | None = None


class OwnedTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test and whose condition it is part of; ``rule`` names the rule where it is a rule's."""

    owner: str
    rule: str | None
    test: Leaf | AnyOf


class EditionGoals:
    """The goals of a ruleset in one currency, and the dimensions that their regions stand on."""

    def __init__(self, code: Program) -> None:
        self.code = code
        self._tests = _list_tests(code.edition)
        self._plan = _plan_tests(code, self._tests)
        self.dimensions: dict[str, Coordinate] = {**self._plan.dimensions}
        self.coverage = self._plan.coverage
        found = [*self._rules(), *self._conditions(), *self._boundaries()]
        self.goals: dict[Key, Goal] = {goal.key: goal for goal in found}
        self._moved: dict[Key, Moved] = {}

    def seen_at(self, asking: Asking, view: View, known: AbstractSet[Key] = frozenset()) -> Iterator[Key]:
        """Yield what is seen of an account, but for the rule that wins and what is known to have been seen."""
        point = view.read(self.dimensions.values())
        for key, goal in self.goals.items():
            if goal.kind == "rule" or key in known or not boxes.contains(goal.region, point):
                continue
            if goal.moved is None or self.moved(goal.key, goal.moved).changes(asking, view):
                yield key

    def moved(self, key: Key, edition: Edition) -> Moved:
        """Return a boundary's program with the boundary moved, compiled when first asked for."""
        if key not in self._moved:
            self._moved[key] = self.compile_moved(key, edition)
        return self._moved[key]

    def compile_moved(self, key: Key, edition: Edition) -> Moved:
        """Return the same, compiled anew and remembered nowhere."""
        return Moved(self.code, self._planner, edition, self.goals[key].region)

    def is_idle(self, key: Key) -> bool:
        """Tell whether a goal is a boundary that is proved to decide nothing in this currency, or no goal in it."""
        goal = self.goals.get(key)
        return goal is None or (goal.moved is not None and self.moved(key, goal.moved).is_idle(self.dimensions))

    @cached_property
    def _planner(self) -> Planner:
        planner = Planner(self.code.ruleset, self.code.edition)
        planner.plan()
        return planner

    def _rules(self) -> Iterator[Goal]:
        for rule in self.code.edition.rules:
            yield Goal(kind="rule", key=("rule", rule.id), at=rule.at, what=f"rule {rule.id} wins", rule=rule.id)

    def _conditions(self) -> Iterator[Goal]:
        for owned, region in zip(self._tests, self._plan.blocks, strict=True):
            written = write_test(owned.test, self.code.edition)
            place = owned.test.at
            for holds, where in ((True, region), (False, boxes.complement(region, self.dimensions))):
                if self._is_possible(where):
                    yield Goal(
                        kind="condition",
                        key=("condition", owned.owner, place.line, place.column, written.partition(":")[0], holds),
                        at=place,
                        what=f"{owned.owner}: {written} {'holds' if holds else 'does not hold'}",
                        rule=owned.rule,
                        region=where,
                    )

    def _is_possible(self, region: Region) -> bool:
        try:
            return not boxes.is_empty(boxes.intersection(self.coverage, region, self.dimensions))
        except boxes.BudgetExceeded:
            return True

    def _boundaries(self) -> Iterator[Goal]:
        for owned in self._tests:
            if isinstance(owned.test, IsOneOf | IsNoneOf):
                fact = self.code.edition.facts[owned.test.fact]
                if fact.type in NUMERIC_TYPES:
                    yield from self._fact_boundaries(owned, owned.test, fact)
        for rule in self.code.edition.rules:
            yield from self._waiting_boundaries(rule)

    def _fact_boundaries(self, owned: OwnedTest, test: IsOneOf | IsNoneOf, fact: Fact) -> Iterator[Goal]:
        written = write_test(test, self.code.edition)
        for number, value, moved in list_ends(test):
            is_below_nothing = value < 0 and fact.type != "days" and -1 not in _written_ends(test)
            region = self._where(fact.name, value)
            if is_below_nothing or not self._is_possible(region):
                continue
            shown = format_number(fact, value, self.code.edition.currency)
            yield Goal(
                kind="boundary",
                key=("boundary", owned.owner, test.at.line, test.at.column, test.fact, number),
                at=test.at,
                what=f"{owned.owner}: {written} at {shown}",
                rule=owned.rule,
                region=region,
                moved=move_test(self.code.edition, test, moved),
            )

    def _waiting_boundaries(self, rule: Rule) -> Iterator[Goal]:
        """Yield the last day too early and the first in time of ``after`` and ``repeat``, and what windows count."""
        for index, after in enumerate(rule.after):
            target = target_of(after)
            is_deadline = after.counted_from == "pay_by"
            if after.days > 0 or is_deadline:
                since = f"the pay_by of {target}" if is_deadline else target
                moved = tuple(
                    _with(rule, after=(*rule.after[:index], _with(after, days=days), *rule.after[index + 1 :]))
                    for days in (after.days + 1, after.days - 1)
                )
                yield from self._two_days(rule, f"after {index}", since_awaited(after), after.days, since, moved)
        if rule.repeat is not None:
            rest, days = rest_of(rule)
            since = "its last time" if rule.repeat.every_days is not None else "the end of its rest"
            moved = tuple(_with(rule, repeat=_rest_changed(rule.repeat, by)) for by in (1, -1))
            yield from self._two_days(rule, "repeat", rest, days, since, moved)
            if rule.repeat.at_most is not None and rule.repeat.per_days is not None:
                yield from self._two_counts(rule, rule.repeat, recently(rule.id, rule.repeat.per_days))

    def _two_counts(self, rule: Rule, repeat: Repeat, recent: Recent) -> Iterator[Goal]:
        """Yield the most executions in a window after which the rule may come again, and one more."""
        self.dimensions.setdefault(recent.key, recent)
        most = repeat.at_most or 0
        for value, moved in ((most - 1, most - 1), (most, most + 1)):
            times = "once" if value == 1 else f"{value} times"
            yield Goal(
                kind="boundary",
                key=("boundary", f"rule {rule.id}", "per_days", value),
                at=rule.at,
                what=f"rule {rule.id}: executed {times} in {count_days(recent.per_days)}",
                rule=rule.id,
                region=self._where(recent.key, value),
                moved=self._with_rule(rule, _with(rule, repeat=_with(repeat, at_most=moved))),
            )

    def _two_days(
        self, rule: Rule, what: str, passed: Coordinate, days: int, since: str, moved: Iterable[Rule]
    ) -> Iterator[Goal]:
        self.dimensions.setdefault(passed.key, passed)
        for value, other in zip((days, days - 1), moved, strict=True):
            yield Goal(
                kind="boundary",
                key=("boundary", f"rule {rule.id}", what, value),
                at=rule.at,
                what=f"rule {rule.id}: {count_days(abs(value))} {'before' if value < 0 else 'after'} {since}",
                rule=rule.id,
                region=self._where(passed.key, value),
                moved=self._with_rule(rule, other),
            )

    def _with_rule(self, rule: Rule, other: Rule) -> Edition:
        edition = self.code.edition
        return _with(edition, rules=tuple(other if each is rule else each for each in edition.rules))

    def _where(self, name: str, value: int) -> Region:
        return region_of({name: integers((value, value))}, self.dimensions)


def _rest_changed(repeat: Repeat, by: int) -> Repeat:
    """Return a repetition whose rest has one day, business day or month more or less; none at all is no day."""
    kinds = ("every_days", "every_business_days", "every_months")
    counts = {kind: count + by for kind in kinds if (count := getattr(repeat, kind)) is not None}
    if 0 in counts.values():
        counts = {"every_days": 0, "every_business_days": None, "every_months": None}
    return _with(repeat, **counts)


def _with(record: T, **changed: object) -> T:
    found: T = msgspec.structs.replace(record, **changed)
    return found


def _list_tests(edition: Edition) -> tuple[OwnedTest, ...]:
    """Return the tests of every condition but coverage, each with its owner; what a table says once is the table's."""
    tables = {rule.id: rule.table for rule in edition.rules}
    found: dict[tuple[str, Leaf | AnyOf], OwnedTest] = {}
    for each in edition.owned_conditions:
        own = f"{each.kind} {each.name}"
        rule = each.name if each.kind == "rule" else None
        table = None if rule is None else tables[rule]
        whole = own if table is None else f"table {table}"
        for test in _tests_of(each.condition) if each.kind != "coverage" else ():
            first = found.setdefault((whole, test), OwnedTest(owner=own, rule=rule, test=test))
            if first.rule != rule:  # at one place in several rows: it stands in the table itself
                found[whole, test] = msgspec.structs.replace(first, owner=whole)
    return tuple(found.values())


def _tests_of(condition: Condition) -> Iterator[Leaf | AnyOf]:
    """Yield what a condition tests; of one entry of the file that became many conditions, the entry."""
    if isinstance(condition, AnyOf) and condition.written is not None:
        yield condition
    elif isinstance(condition, AllOf | AnyOf | NoneOf):
        for part in condition.conditions:
            yield from _tests_of(part)
    else:
        yield condition


def _plan_tests(code: Program, tests: Sequence[OwnedTest]) -> Plan:
    """Compile every test by itself, as if each were a block."""
    blocks = tuple(Block(id=str(i), when=owned.test, reason="", at=owned.test.at) for i, owned in enumerate(tests))
    edition: Edition = msgspec.structs.replace(code.edition, blocks=blocks, rules=(), attempt_limits=())
    return plan_edition(code.ruleset, edition)


def _written_ends(test: IsOneOf | IsNoneOf) -> list[int]:
    spans = (item if isinstance(item, Span) else Span(item, item) for item in test.items if not isinstance(item, str))
    return [end for span in spans for end in (span.low, span.high) if end is not None]


def merge_goals(editions: Mapping[str, EditionGoals]) -> dict[Key, Goal]:
    """Return every goal once, whichever currencies have it."""
    return {key: goal for edition in editions.values() for key, goal in edition.goals.items()}
