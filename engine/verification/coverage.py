"""How much of a ruleset its suites have seen, and what they have not."""

from collections.abc import Iterable, Mapping

import msgspec

from engine.evaluation.program import Compiled
from engine.evaluation.routing import Route
from engine.evaluation.view import View
from engine.model.account import AccountInvalid
from engine.verification.goals import EditionGoals, Goal, Key, Kind, merge_goals
from engine.verification.run import Ask, SuiteResult

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

    def look(self, ask: Ask) -> set[Key]:
        """Return what a question shows; one that the ruleset does not cover shows nothing."""
        moment = self._moment_of(ask)
        if moment is None:
            return set()
        seen = set(self.editions[moment.standing.account.currency].seen_at(moment))
        if ask.rule is not None:
            seen.add(("rule", ask.rule))
        return seen

    def _moment_of(self, ask: Ask) -> View | None:
        try:
            question = Route(
                (self.compiled,), ask.account, ask.history, as_of=ask.as_of, track="", ruleset=self.compiled.ruleset.id
            )
            covering = question.covering()
            return covering.view(covering.as_of.date()) if covering is not None else None
        except AccountInvalid:
            return None


def measure(observer: Observer, results: Iterable[SuiteResult]) -> Coverage:
    """Return what the suites of a ruleset have seen of it."""
    seen: set[Key] = set()
    for result in results:
        for case in result.cases:
            for ask in case.asks:
                seen |= observer.look(ask)
    goals = sorted(observer.goals.values(), key=lambda goal: (goal.at.line, goal.at.column, goal.what))
    ruleset = observer.compiled.ruleset
    return Coverage(
        ruleset=ruleset.id,
        file=ruleset.file,
        met=tuple(goal for goal in goals if goal.key in seen),
        unmet=tuple(goal for goal in goals if goal.key not in seen),
    )
