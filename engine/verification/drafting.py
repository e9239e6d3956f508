"""For what no suite has seen, an account that shows it: found in the boxes, confirmed by asking, written as YAML."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import BudgetExceeded, Region
from engine.evaluation.decide import next_action
from engine.evaluation.program import Program
from engine.model.account import AccountInvalid
from engine.model.decision import Decision
from engine.verification.coverage import Coverage, Observer
from engine.verification.goals import EditionGoals, Goal
from engine.verification.run import Ask
from engine.verification.sample import Sampler
from engine.verification.suite import Suite
from engine.verification.yamlcase import write_case

MOST_BOXES = 24
BUDGET = 20_000
_FALLBACK = dt.date(2026, 3, 2)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that no suite meets, and a case that does, ready to be pasted under ``tests:``; None if none was found."""

    goal: Goal
    case: str | None


def draft_cases(observer: Observer, coverage: Coverage, suites: Iterable[Suite]) -> tuple[Draft, ...]:
    """Return a case for every goal that the suites have not met, expecting what comes out now."""
    drafter = _Drafter(observer, tuple(suites))
    return tuple(Draft(goal=goal, case=drafter.draft(goal)) for goal in coverage.unmet)


class _Drafter:
    def __init__(self, observer: Observer, suites: tuple[Suite, ...]) -> None:
        self._observer = observer
        self._as_of = _usual_day(observer, suites)
        accounts = tuple(case.account for suite in suites for case in suite.cases)
        self._samplers = {
            currency: Sampler(edition.code, accounts, self._as_of) for currency, edition in observer.editions.items()
        }

    def draft(self, goal: Goal) -> str | None:
        """Return a case that shows the goal, the first that is confirmed by asking."""
        for currency, edition in self._observer.editions.items():
            here = edition.goals.get(goal.key)
            if here is None:
                continue
            for box, is_high in itertools.product(self._candidates(edition, here), (False, True)):
                ask = self._samplers[currency].sample(box, is_high=is_high)
                if ask is not None and (decision := self._confirm(goal, ask)) is not None:
                    return write_case(goal.what, ask, decision, edition.code.edition)
        return None

    def _candidates(self, edition: EditionGoals, goal: Goal) -> Iterator[boxes.Box]:
        """Yield boxes in which the goal may show, first those in which its own rule wins."""
        dimensions = {**edition.code.plan.dimensions, **edition.dimensions}
        shown = goal.region if goal.kind != "rule" else boxes.EVERYTHING
        for context, others in _contexts(edition.code, goal):
            try:
                wanted = boxes.intersection(context, shown, dimensions, budget=BUDGET)
                yield from itertools.islice(
                    boxes.iterate_difference(wanted, others, dimensions, budget=BUDGET), MOST_BOXES
                )
            except BudgetExceeded:
                continue

    def _confirm(self, goal: Goal, ask: Ask) -> Decision | None:
        compiled = self._observer.compiled
        try:
            decision = next_action(
                (compiled,), ask.account, ask.history, as_of=ask.as_of, ruleset=compiled.ruleset.id, is_live=False
            )
        except AccountInvalid:
            return None
        won = decision.rule.id if decision.rule is not None else None
        seen = self._observer.look(msgspec.structs.replace(ask, rule=won))
        return decision if goal.key in seen else None


def _contexts(code: Program, goal: Goal) -> Iterator[tuple[Region, Region]]:
    """Yield (where to look, what to keep out of), the simplest and most telling first."""
    covered = code.plan.coverage
    index = next((i for i, rule in enumerate(code.edition.rules) if rule.id == goal.rule), None)
    if index is not None:
        rivals = tuple(_rivals(code, index))
        for region in (code.plan.first[index], code.plan.again[index]):
            if region:
                yield _meet(code, covered, region), ()
                yield _meet(code, covered, region), rivals
    if goal.kind != "rule":
        yield covered, ()


def _meet(code: Program, left: Region, right: Region) -> Region:
    try:
        return boxes.intersection(left, right, code.plan.dimensions, budget=BUDGET)
    except BudgetExceeded:
        return right


def _rivals(code: Program, index: int) -> Iterator[boxes.Box]:
    """Yield where a block or another rule would go before the rule."""
    rules = code.edition.rules
    for block in code.full_blocks:
        yield from code.plan.blocks[block]
    for block in code.stop_blocks:
        if rules[index].action.type in (code.edition.blocks[block].stops or ()):
            yield from code.plan.blocks[block]
    ranks = {(rule, again): rank for rank, (rule, again) in enumerate(code.ladder_order)}
    mine = min((rank for (rule, _), rank in ranks.items() if rule == index), default=None)
    for other, rule in enumerate(rules):
        if other == index:
            continue
        is_before = other < index
        if mine is not None and rule.level is not None and not code.is_ladder_written:
            is_before = min(ranks[other, again] for again in (False, True) if (other, again) in ranks) < mine
        if is_before:
            yield from code.plan.first[other]
            yield from code.plan.again[other]


def _usual_day(observer: Observer, suites: Iterable[Suite]) -> dt.date:
    """Return a day to ask on: one the suites ask on, else one on which the ruleset is in force."""
    for suite in suites:
        for case in suite.cases:
            day = case.timeline.first if case.timeline is not None else case.as_of
            if day is not None:
                return day.date() if isinstance(day, dt.datetime) else day
    effective = observer.compiled.ruleset.effective
    if effective.from_on is not None and effective.from_on > _FALLBACK:
        return effective.from_on
    if effective.until_on is not None and effective.until_on <= _FALLBACK:
        return effective.until_on - dt.timedelta(days=1)
    return _FALLBACK
