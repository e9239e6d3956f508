"""What histories can be if only this ruleset's own decisions were carried out: the boxes that are then impossible.

A history that a person wrote can be any; a rule that only such a history brings is not one that the ruleset reaches.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from engine.conditions.boxes import Box
from engine.conditions.sets import YES, IntegerSet, ValueSet, integers, words
from engine.coordinates.beside import DAYS_OVERDUE, Beside
from engine.coordinates.executed import target_of, targets_of
from engine.coordinates.executions import (
    ANNOUNCED,
    GIVEN,
    MISSING,
    NEVER,
    SOME,
    Done,
    Met,
    above,
    done,
    past_deadline,
)
from engine.coordinates.ladder import LEVEL, RESTED
from engine.coordinates.plan import Plan
from engine.model.ruleset import After, Edition, Rule

_MOST_ROUNDS = 16
_MOST_CLIMBERS = 100_000
"""How many sides the boxes of climbs have together: ladders of hundreds of levels go without, and less is proved."""


class Unless(msgspec.Struct, frozen=True, kw_only=True):
    """A box that no account is in unless one of the rules was executed; with no rules, ever."""

    rules: frozenset[str]
    box: Box


class Executions:
    """The histories that carrying out an edition's decisions can make."""

    def __init__(self, edition: Edition, compiled: Plan, beside: Beside) -> None:
        self._edition = edition
        self._plan = compiled
        self._dimensions = compiled.dimensions
        self._beside = beside
        self._rules = {rule.id: rule for rule in edition.rules}
        self._indices = {rule.id: index for index, rule in enumerate(edition.rules)}
        self._levels = sorted({rule.level for rule in edition.rules if rule.level is not None})

    def impossible(self) -> list[Unless]:
        """Return what the ruleset's own decisions never come to."""
        counted = (self._counts(), self._climbs(), self._steps(), self._deadlines())
        found = (*counted, self._days(), self._between(), self._latest())
        return [unless for each in found for unless in each]

    def most_times(self, rule: Rule) -> int | None:
        """Return how often at most a rule's executions are counted together, None for any number.

        A countdown that is set back brings together what was executed in two windows.
        """
        if rule.repeat is None:
            most: int | None = 1
        else:
            most = rule.repeat.at_most if rule.repeat.per_days is None else None
        return None if rule.id in self._beside.windows else most

    def executors(self, target: str) -> list[Rule]:
        """Return the rules whose executions a target counts: one, or all of a table, a level or an action."""
        return self._executors.get(target, [])

    @cached_property
    def _executors(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in self._edition.rules:
            for target in targets_of(rule):
                found.setdefault(target, []).append(rule)
        return found

    def _counts(self) -> Iterator[Unless]:
        """Nothing is executed but by a rule that can win, and no oftener than it may be repeated."""
        for each in self._beside.of(Done):
            count, rules = each.key, self.executors(each.target)
            yield Unless(rules=frozenset(rule.id for rule in rules), box=Box(sides={count: SOME}))
            mosts = [self.most_times(rule) for rule in rules]
            bounded = [most for most in mosts if most is not None]
            if len(bounded) == len(mosts):
                yield _never({count: integers((sum(bounded) + 1, None))})

    def _climbs(self) -> Iterator[Unless]:
        """The level is that of the highest rule executed, 0 at first; who is above 0 was dunned some days ago."""
        if LEVEL.key not in self._dimensions:
            return
        above = [
            (None, -1),
            *((level + 1, after - 1) for level, after in zip([0, *self._levels], self._levels, strict=False)),
        ]
        yield _never({LEVEL.key: integers(*above, ((self._levels or [0])[-1] + 1, None))})
        by_level: dict[int, list[str]] = {level: [] for level in self._levels}
        for rule in self._edition.rules:
            if rule.level is not None:
                by_level[rule.level].append(rule.id)
        for level, names in by_level.items():
            yield Unless(rules=frozenset(names), box=Box(sides={LEVEL.key: integers((level, level))}))
        is_small = len(self._levels) * len(self._edition.rules) <= _MOST_CLIMBERS
        for level in self._levels if is_small else ():
            climbers = [done(rule.id).key for rule in self._edition.rules if (rule.level or 0) >= level]
            if all(key in self._dimensions for key in climbers):
                yield _never({LEVEL.key: integers((level, None)), **dict.fromkeys(climbers, NEVER)})
        if RESTED.key in self._dimensions:
            yield _never({LEVEL.key: integers((1, None)), RESTED.key: MISSING})
        for rule in self._edition.rules:
            count = done(rule.id).key
            if rule.level is not None and count in self._dimensions:
                yield _never({count: SOME, LEVEL.key: integers((None, rule.level - 1))})

    def _steps(self) -> Iterator[Unless]:
        """What an ``after`` counts of the ladder made the level, and the ladder rests at most since then."""
        for each in self._beside.of(Met) if LEVEL.key in self._dimensions else ():
            level = min((rule.level or 0 for rule in self.executors(each.target)), default=0)
            if level > 0:
                yield _never({each.key: SOME, LEVEL.key: integers((None, level - 1))})
                for days in self._beside.cuts(RESTED) if each.since in self._beside else ():
                    since = {each.since.key: integers((None, days - 1))}
                    yield _never({**since, RESTED.key: integers((days, None))})

    def _deadlines(self) -> Iterator[Unless]:
        """A deadline is recorded where the rule's action sets one, and only there."""
        for each in self._beside.of(Met):
            target = each.target
            overdue, rules = past_deadline(target).key, self.executors(target)
            if overdue not in self._dimensions:
                continue
            setting = [rule for rule in rules if rule.action.pay_within_days is not None]
            yield Unless(rules=frozenset(r.id for r in setting), box=Box(sides={overdue: integers((None, None))}))
            if len(setting) == len(rules):
                yield _never({each.key: SOME, overdue: MISSING})

    def _days(self) -> Iterator[Unless]:
        """The days overdue are at least those of the execution and the days since, for an episode is one debt."""
        if DAYS_OVERDUE not in self._dimensions:
            return
        for each in self._beside.of(Done):
            target = each.target
            rules = self.executors(target)
            begin = _least(self.earliest_day(rule) for rule in rules)
            if begin is not None:
                yield _never({each.key: SOME, DAYS_OVERDUE: integers((None, begin - 1))})
                for days in self._beside.cuts(each.since):
                    since = {each.since.key: integers((days, None))}
                    yield _never({**since, DAYS_OVERDUE: integers((None, begin + days - 1))})
            due = _least(self.earliest_deadline(rule) for rule in rules if rule.action.pay_within_days is not None)
            if due is not None:
                for days in self._beside.cuts(past_deadline(target)):
                    since = {past_deadline(target).key: integers((days, None))}
                    yield _never({**since, DAYS_OVERDUE: integers((None, due + days - 1))})

    def _between(self) -> Iterator[Unless]:
        """What it executes between episodes names that; only rules that win without a debt are executed there."""
        for count in self._beside.of(Met):
            held = done(count.target)
            boxes = (*above(self._beside, held, count), *above(self._beside, count.since, held.since))
            yield from (Unless(rules=frozenset(), box=box) for box in boxes)
        if DAYS_OVERDUE not in self._dimensions:
            return
        no_debt: dict[str, ValueSet] = {DAYS_OVERDUE: MISSING}
        for each in self._beside.of(Done):
            if not any(rule.id in self._without_debt for rule in self.executors(each.target)):
                yield _never({each.key: SOME, **no_debt})
        if not any(rule.level is not None and rule.id in self._without_debt for rule in self._edition.rules):
            climbed = ((RESTED.key, GIVEN), (LEVEL.key, integers((1, None))))
            yield from (_never({key: values, **no_debt}) for key, values in climbed if key in self._dimensions)

    @cached_property
    def _without_debt(self) -> frozenset[str]:
        """Return the rules that may win between episodes, after each other where they wait for each other.

        What a countdown lets count may have been executed in an episode.
        """
        found: set[str] = set(self._beside.windows)
        for _ in range(_MOST_ROUNDS):
            before = len(found)
            for rule in self._edition.rules:
                if rule.id not in found and self._may_follow(rule, found):
                    found.add(rule.id)
            if len(found) == before:
                return frozenset(found)
        return frozenset(self._rules)  # for all that is known

    def _may_follow(self, rule: Rule, executed: set[str]) -> bool:
        """Tell whether a rule may win between episodes where these were executed."""
        if rule.timing is not None:
            return False
        if not all(any(e.id in executed for e in self.executors(target_of(after))) for after in rule.after):
            return False
        index = self._indices[rule.id]
        regions = (self._plan.first[index], self._plan.again[index])
        sides = (box.sides.get(DAYS_OVERDUE) for region in regions for box in region)
        return any(side is None or side.contains(None) for side in sides)

    def earliest_day(self, rule: Rule) -> int | None:
        """Return a day overdue before which the rule is never executed, or None if there is none."""
        return self._earliest_days[rule.id]

    def earliest_deadline(self, rule: Rule) -> int | None:
        """Return a day overdue before which no deadline of the rule lies."""
        return _deadline_of(rule, self._earliest_days)

    def earliest_after(self, after: After) -> int | None:
        """Return a day overdue before which an ``after`` never holds, or None if there is none."""
        return self._wait(after, self._earliest_days)

    @cached_property
    def _earliest_days(self) -> dict[str, int | None]:
        """Return for each rule a day overdue before which it is never executed, later than what it waits for.

        Every round makes the bounds better, and stopping early leaves true ones; rules mostly stand behind what they
        wait for, so that one round is enough. What a countdown lets count may have been executed in another episode.
        """
        windows = self._beside.windows
        days = {r.id: None if r.id in windows else self._own_first_day(r) for r in self._edition.rules}
        waiting = [rule for rule in self._edition.rules if rule.after and rule.id not in windows]
        for _ in range(_MOST_ROUNDS):
            before = dict(days)
            for rule in waiting:
                found = (before[rule.id], *(self._wait(after, days) for after in rule.after))
                days[rule.id] = max((day for day in found if day is not None), default=None)
            if days == before:
                break
        return days

    def _own_first_day(self, rule: Rule) -> int | None:
        found = (self._first_day_of_when(rule), None if rule.timing is None else rule.timing.days_after_due)
        return max((day for day in found if day is not None), default=None)

    def _wait(self, after: After, days: Mapping[str, int | None]) -> int | None:
        rules = self.executors(target_of(after))
        is_deadline = after.counted_from == "pay_by"
        begin = _least(_deadline_of(each, days) if is_deadline else days[each.id] for each in rules)
        return None if begin is None else begin + after.days

    def _first_day_of_when(self, rule: Rule) -> int | None:
        index = self._indices[rule.id]
        return _least(_low(box) for region in (self._plan.first[index], self._plan.again[index]) for box in region)

    def _latest(self) -> Iterator[Unless]:
        """A fee was announced, and a rule is the last one, only if a rule could do it."""
        if ANNOUNCED.key in self._dimensions:
            announcing = frozenset(rule.id for rule in self._edition.rules if announces(rule))
            yield Unless(rules=announcing, box=Box(sides={ANNOUNCED.key: YES}))
        last = self._dimensions.get("last_rule")
        if last is None:
            return
        yield _never(
            {"last_rule": msgspec.structs.replace(last.universe, missing=False).difference(words(*self._rules))}
        )
        for name in self._rules:
            yield Unless(rules=frozenset({name}), box=Box(sides={"last_rule": words(name)}))


def _deadline_of(rule: Rule, days: Mapping[str, int | None]) -> int | None:
    begin = days[rule.id]
    return None if begin is None else begin + (rule.action.pay_within_days or 0)


def announces(rule: Rule) -> bool:
    """Tell whether carrying out the rule announces a fee."""
    return any(action.announce_fee is not None for action in (rule.action, *rule.action.along_with))


def _never(sides: dict[str, ValueSet]) -> Unless:
    return Unless(rules=frozenset(), box=Box(sides=sides))


def _low(box: Box) -> int | None:
    """Return the first day overdue of a box; one with days missing has none."""
    side = box.sides.get(DAYS_OVERDUE)
    if not isinstance(side, IntegerSet) or side.missing or not side.intervals:
        return None
    return side.intervals[0][0]


def _least(days: Iterator[int | None]) -> int | None:
    """Return the least day, or None if one of them is unbounded."""
    found = list(days)
    bounded = [day for day in found if day is not None]
    return min(bounded) if bounded and len(bounded) == len(found) else None
