"""How much of a ruleset its suites have seen, and what they have not."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from engine.evaluation.program import Compiled
from engine.model.account import AccountInvalid
from engine.model.question import Question
from engine.verification.coveragegoals import EditionGoals, Goal, Key, Kind, merge_goals
from engine.verification.run import SuiteResult
from engine.worlds.asking import Asking

KINDS: tuple[Kind, ...] = ("rule", "condition", "boundary")


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The goals of a ruleset, met and unmet, in the order of the file."""

    ruleset: str
    file: str
    met: tuple[Goal, ...]
    unmet: tuple[Goal, ...]

    def count(self, kind: Kind | None = None) -> tuple[int, int]:
        """Return how many goals of a kind, or of all, are met, and how many there are."""
        met = sum(goal.kind == kind or kind is None for goal in self.met)
        return met, met + sum(goal.kind == kind or kind is None for goal in self.unmet)

    def percent(self, kind: Kind | None = None) -> float:
        """Return the share of goals met; without goals there is nothing left to test."""
        met, count = self.count(kind)
        return 100 * met / count if count else 100.0


class Observer:
    """Looks at questions and says what of a ruleset they show."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.editions = {currency: EditionGoals(code) for currency, code in compiled.programs.items()}

    @property
    def goals(self) -> Mapping[Key, Goal]:
        """Return every goal of the ruleset."""
        return merge_goals(self.editions)

    def look(self, question: Question, winner: str | None, known: AbstractSet[Key] = frozenset()) -> set[Key]:
        """Return what a question shows, but for what is known; one that the ruleset does not cover shows nothing."""
        asking = Asking(self.compiled, question)
        try:
            view = asking.view
        except AccountInvalid:
            return set()
        if view is None:
            return set()
        seen = set(self.editions[view.standing.account.currency].seen_at(asking, view, known))
        if winner is not None:
            seen.add(("rule", winner))
        return seen

    def is_idle(self, key: Key) -> bool:
        """Tell whether a boundary is proved to decide nothing in any currency: no case can test it."""
        return all(edition.is_idle(key) for edition in self.editions.values())


def measure(observer: Observer, results: Iterable[SuiteResult]) -> Coverage:
    """Return what the suites of a ruleset have seen of it."""
    seen: set[Key] = set()
    for result in results:
        for case in result.cases:
            for each in case.answered:
                seen |= observer.look(each.question, each.rule, seen)
    goals = sorted(observer.goals.values(), key=lambda goal: (goal.at.line, goal.at.column, goal.what))
    ruleset = observer.compiled.ruleset
    return Coverage(
        ruleset=ruleset.id,
        file=ruleset.file,
        met=tuple(goal for goal in goals if goal.key in seen),
        unmet=tuple(goal for goal in goals if goal.key not in seen and not observer.is_idle(goal.key)),
    )
