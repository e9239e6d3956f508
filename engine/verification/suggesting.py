"""For what no suite has seen, an account that shows it: found in the boxes, confirmed by asking, written as YAML."""

import contextlib
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from engine.conditions import boxes
from engine.conditions.boxes import BudgetExceeded, Region
from engine.coordinates.coordinate import Coordinate
from engine.evaluation.accounts import AccountReader
from engine.evaluation.program import Program
from engine.model.account import AccountInvalid
from engine.model.decision import Decision
from engine.model.question import Question
from engine.model.vocabulary import Value
from engine.proofs.precedence import list_before
from engine.verification.coverage import Coverage, Observer
from engine.verification.coveragegoals import EditionGoals, Goal
from engine.verification.moving import BUDGET, Moved
from engine.verification.suite import NAMELESS, Suite
from engine.verification.yamlcase import write_case
from engine.worlds.asking import Asking
from engine.worlds.confirming import find_confirmed
from engine.worlds.setting import setting_of
from engine.worlds.sketch import Sketcher
from engine.worlds.wishes import Wishes

MOST_BOXES = 24
_MOST_TRIES = 400
_FALLBACK = dt.date(2026, 3, 2)


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that no suite meets, and a case that does, ready to be pasted under ``tests:``; None if none was found."""

    goal: Goal
    case: str | None


def suggest_cases(observer: Observer, coverage: Coverage, suites: Iterable[Suite]) -> tuple[Suggestion, ...]:
    """Return a case for every goal that the suites have not met, expecting what comes out now."""
    suggester = _Suggester(observer, tuple(suites))
    return tuple(Suggestion(goal=goal, case=suggester.suggest(goal)) for goal in coverage.unmet)


class _Suggester:
    def __init__(self, observer: Observer, suites: tuple[Suite, ...]) -> None:
        self._observer = observer
        self._as_of = _usual_day(observer, suites)
        accounts = tuple(case.account for suite in suites for case in suite.cases)
        self._sketchers = {
            currency: Sketcher(setting_of(each.code), _name, _list_values(each.code, accounts))
            for currency, each in observer.editions.items()
        }

    def suggest(self, goal: Goal) -> str | None:
        """Return a case that shows the goal, the first that is confirmed by asking."""
        for currency, edition in self._observer.editions.items():
            here = edition.goals.get(goal.key)
            if here is None:
                continue
            questions = self._questions(edition, here, self._sketchers[currency])
            found = find_confirmed(questions, self._shows(goal), self._observer.compiled, most=_MOST_TRIES)
            if found is not None:
                return write_case(goal.what, *found)
        return None

    def _questions(self, edition: EditionGoals, goal: Goal, sketcher: Sketcher) -> Iterator[Question]:
        """Yield accounts of the goal's boxes, with values that the suites' own have where they fit."""
        code = edition.code
        dimensions = {**code.plan.dimensions, **edition.dimensions}
        if goal.moved is not None:
            dimensions = edition.moved(goal.key, goal.moved).dimensions(edition.dimensions)
        # What a box leaves open is to be covered too.
        covered = code.plan.coverage[0].sides if code.plan.coverage else {}
        for box, is_high in itertools.product(self._candidates(edition, goal, dimensions), (False, True)):
            wishes = Wishes((dimensions[key], values) for key, values in {**covered, **box.sides}.items())
            yield sketcher.sketch(wishes, as_of=self._as_of, is_high=is_high)

    def _candidates(
        self, edition: EditionGoals, goal: Goal, dimensions: Mapping[str, Coordinate]
    ) -> Iterator[boxes.Box]:
        """Yield boxes in which the goal may show, first those in which its own rule wins.

        A boundary shows where all else is given, so that it decides.
        """
        if goal.moved is not None:
            yield from _list_deciding(edition.moved(goal.key, goal.moved), edition.dimensions, dimensions)
            return
        shown = goal.region if goal.kind != "rule" else boxes.EVERYTHING
        for context, others in _contexts(edition.code, goal):
            try:
                wanted = boxes.intersection(context, shown, dimensions, budget=BUDGET)
                yield from itertools.islice(
                    boxes.iterate_difference(wanted, others, dimensions, budget=BUDGET), MOST_BOXES
                )
            except BudgetExceeded:
                continue

    def _shows(self, goal: Goal) -> Callable[[Asking], Decision | None]:
        def show(asking: Asking) -> Decision | None:
            won = asking.decision.rule.id if asking.decision.rule is not None else None
            return asking.decision if goal.key in self._observer.look(asking.question, won) else None

        return show


def _list_deciding(
    moved: Moved, own: dict[str, Coordinate], dimensions: Mapping[str, Coordinate]
) -> Iterator[boxes.Box]:
    with contextlib.suppress(BudgetExceeded):
        for chance in moved.chances(own):
            for others in dict.fromkeys(((*chance.outside, *chance.perhaps), chance.outside)):
                with contextlib.suppress(BudgetExceeded):
                    found = boxes.iterate_difference(chance.within, others, dimensions, budget=BUDGET)
                    yield from itertools.islice(found, MOST_BOXES)


def _name(number: int) -> str:
    return NAMELESS if number == 1 else f"{NAMELESS}-{number}"


def _list_values(code: Program, accounts: Iterable[Mapping[str, object]]) -> dict[str, list[Value]]:
    """Return the typed values that the accounts give each fact, in the order met."""
    found: dict[str, list[Value]] = {}
    zone = ZoneInfo(code.ruleset.timezone)
    reader = AccountReader(code.edition, frozenset())
    for account in accounts:
        if account.get("currency") == code.edition.currency:
            with contextlib.suppress(AccountInvalid):
                for name, value in reader.read(account, zone, known_elsewhere=frozenset()).given.items():
                    if value not in found.setdefault(name, []):
                        found[name].append(value)
    return found


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
    for other, again in list_before(code, index, again=False):
        yield from (code.plan.again if again else code.plan.first)[other]


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
