"""When each rule can come first: the ladder over days overdue, for an account that meets every other condition."""

from collections.abc import Sequence

import msgspec

from engine.conditions.sets import IntegerSet
from engine.coordinates.executed import target_of, targets_of
from engine.coordinates.plan import Plan
from engine.model.ruleset import After, Edition, Rule, Ruleset

_DAYS = "days_overdue"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's first and last day after the due date; no first day where days do not decide, no last where it is open.

    ``pay_by_day`` is when the time to pay ends if it is carried out on its first day, weekends and delivery aside.
    """

    rule: Rule
    first_day: int | None
    last_day: int | None
    pay_by_day: int | None


def read_steps(ruleset: Ruleset, edition: Edition, plan: Plan) -> tuple[Step, ...]:
    """Return every rule as a step, the ladder first, each level after the one before it."""
    reader = _Reader(ruleset, edition, plan)
    steps = [reader.step(index) for index in range(len(edition.rules))]
    return tuple(sorted(steps, key=_order))


def _order(step: Step) -> tuple[bool, int, int]:
    return step.rule.level is None, step.rule.level or 0, step.first_day if step.first_day is not None else 10_000


class _Reader:
    def __init__(self, ruleset: Ruleset, edition: Edition, plan: Plan) -> None:
        self._ruleset = ruleset
        self._edition = edition
        self._plan = plan
        self._known: dict[int, Step] = {}
        self._open: set[int] = set()

    def step(self, index: int) -> Step:
        """Return a rule's step; rules that wait for each other in a circle do not make it endless."""
        if index not in self._known:
            self._open.add(index)
            self._known[index] = self._read(index)
            self._open.discard(index)
        return self._known[index]

    def _read(self, index: int) -> Step:
        rule = self._edition.rules[index]
        low, high = self._days_of(index)
        starts = [low] if low is not None else []
        starts += [day for after in rule.after if (day := self._after(after)) is not None]
        if rule.timing is not None:
            starts.append(rule.timing.days_after_due)
        if rule.level is not None and self._ruleset.ladder == "strict":
            starts += self._after_the_level_below(rule.level)
        first = max(starts, default=None)
        within = rule.action.pay_within_days
        return Step(
            rule=rule,
            first_day=first,
            last_day=high,
            pay_by_day=first + within if first is not None and within is not None else None,
        )

    def _days_of(self, index: int) -> tuple[int | None, int | None]:
        """Return the days overdue between which the rule's condition can hold."""
        region = (*self._plan.first[index], *self._plan.again[index])
        sides = [box.sides.get(_DAYS) for box in region]
        spans = [side.intervals for side in sides if isinstance(side, IntegerSet) and side.intervals]
        if not spans or len(spans) < len(sides):
            return None, None
        lows, highs = [each[0][0] for each in spans], [each[-1][1] for each in spans]
        low = None if None in lows else min(low for low in lows if low is not None)
        return low, None if None in highs else max(high for high in highs if high is not None)

    def _after(self, after: After) -> int | None:
        """Return the first day on which what a rule waits for can lie far enough back."""
        days = [day for index in self._targets(after) if (day := self._done_on(index, after)) is not None]
        return min(days) + after.days if days else None

    def _after_the_level_below(self, level: int) -> list[int]:
        """Return the first day after the next lower level's and the interval; none where days do not decide there."""
        levels = [(rule.level, index) for index, rule in enumerate(self._edition.rules) if rule.level is not None]
        below = max((each for each, _ in levels if each < level), default=None)
        days = [self.step(index).first_day for each, index in levels if each == below and index not in self._open]
        known = [day for day in days if day is not None]
        return [min(known) + self._ruleset.dunning_interval_days] if known and len(known) == len(days) else []

    def _targets(self, after: After) -> Sequence[int]:
        target, rules = target_of(after), enumerate(self._edition.rules)
        return [i for i, rule in rules if i not in self._open and target in targets_of(rule)]

    def _done_on(self, index: int, after: After) -> int | None:
        step = self.step(index)
        return step.pay_by_day if after.counted_from == "pay_by" else step.first_day
