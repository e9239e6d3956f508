"""One question as one ruleset answers it: read, covered or not, judged, decided."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property

import msgspec

from engine.coordinates.terms import Terms
from engine.evaluation.choosing import Verdict, judge
from engine.evaluation.decide import Level, next_action
from engine.evaluation.program import Compiled
from engine.evaluation.routing import Candidate, Route
from engine.evaluation.timeline import TimelineStep, run_timeline
from engine.evaluation.view import View
from engine.model.decision import Decision
from engine.model.question import Question


class Asking:
    """A question put to a ruleset; ``beside`` are all rulesets of which it is one.

    What is asked raises AccountInvalid where the account or its history cannot be read.
    """

    def __init__(self, compiled: Compiled, question: Question, beside: Sequence[Compiled] = ()) -> None:
        self.compiled = compiled
        self.question = question
        self._beside = beside
        self._track = compiled.ruleset.track

    def instead(self, **changed: object) -> "Asking":
        """Return another question, the same but for an account, a history or an instant."""
        return Asking(self.compiled, msgspec.structs.replace(self.question, **changed), self._beside)

    def _route(self, rulesets: Sequence[Compiled], name: str | None) -> Route:
        asked = self.question
        return Route(
            rulesets,
            asked.account,
            asked.history,
            outcomes=asked.outcomes,
            as_of=asked.as_of,
            track=self._track,
            ruleset=name,
        )

    @cached_property
    def candidate(self) -> Candidate | None:
        """Return the account as the ruleset reads it, covered or not; None in a currency that it does not have."""
        return next(iter(self._route([self.compiled], self.compiled.ruleset.id).candidates), None)

    @property
    def covering(self) -> Compiled | None:
        """Return the one of all rulesets that covers the account, if one does.

        Raises RulesetsOverlap.
        """
        found = self._route(self._beside, None).covering()
        return None if found is None else found.compiled

    @cached_property
    def is_covered(self) -> bool:
        """Tell whether the ruleset covers the account."""
        candidate = self.candidate
        return candidate is not None and candidate.is_effective(None) and candidate.is_covering(None)

    @cached_property
    def read(self) -> View | None:
        """Return the account at its instant, covered or not."""
        return None if self.candidate is None else self.candidate.view(self.candidate.as_of.date())

    def read_by(self, terms: Terms) -> View | None:
        """Return the same, with all that some terms ask about."""
        candidate = self.candidate
        return None if candidate is None else View(candidate.program, candidate.read(terms), candidate.as_of.date())

    @property
    def view(self) -> View | None:
        """Return the account at its instant, if the ruleset covers it."""
        return self.read if self.is_covered else None

    @cached_property
    def verdict(self) -> Verdict | None:
        """Return what is decided, without a look ahead, if the ruleset covers the account."""
        return None if self.view is None else judge(self.view)

    @cached_property
    def decision(self) -> Decision:
        """Return the whole decision, made by the masks."""
        return self.decide(is_live=False)

    def decide(self, explain: Level = "reason", *, is_live: bool = True) -> Decision:
        """Return the whole decision."""
        asked = self.question
        return next_action(
            [self.compiled],
            asked.account,
            asked.history,
            outcomes=asked.outcomes,
            as_of=asked.as_of,
            track=self._track,
            ruleset=self.compiled.ruleset.id,
            explain=explain,
            is_live=is_live,
        )

    def carry_out(self, *, days: int) -> tuple[TimelineStep, ...]:
        """Return what is executed if it is asked day after day, and what wins is."""
        first = self.question.day
        return run_timeline(
            [self.compiled],
            self.question.account,
            self.question.history,
            outcomes=self.question.outcomes,
            first=first,
            until=first + dt.timedelta(days=days),
            track=self._track,
            ruleset=self.compiled.ruleset.id,
        )
