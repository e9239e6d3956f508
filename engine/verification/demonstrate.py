"""Examples proved: each account that a finding would show is asked first, and shown only if it shows what is said."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TypeAlias

import msgspec

from engine.analysis.claims import (
    Blocked,
    Claim,
    CoveredTwice,
    CoveredUntil,
    Example,
    GivesWay,
    Ignores,
    Lacks,
    Meets,
    NeverComes,
    NotCovered,
    Nothing,
    Wins,
    WinsAfter,
    WinsOnlyOn,
    WinsWithout,
)
from engine.analysis.finding import Found
from engine.conditions import boxes
from engine.conditions.boxes import Region, keys_of
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.plan import Planner
from engine.coordinates.variants import Variant
from engine.evaluation.choosing import Verdict, judge
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, Program, compile_ruleset
from engine.evaluation.routing import Candidate, Route
from engine.evaluation.timeline import run_timeline
from engine.evaluation.view import View
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.condition import Condition
from engine.model.decision import Decision
from engine.model.diagnostic import Diagnostic, Witness
from engine.model.ruleset import Ruleset

_MOST_TRIES = 48
_DAYS_LOOKED_AHEAD = 60
_DAYS_CARRIED_OUT = 400
_ONE_DAY = dt.timedelta(days=1)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def demonstrate(found: Iterable[Found], rulesets: Sequence[Ruleset]) -> tuple[Diagnostic, ...]:
    """Return the findings as diagnostics, each with the first of its examples that shows it, if one does."""
    stage = _Stage(rulesets)
    return tuple(_show(each, stage) for each in found)


def _show(found: Found, stage: "_Stage") -> Diagnostic:
    proved = (stage.prove(example, found.diagnostic.file) for example in found.examples)
    witness = next((each for each in proved if each is not None), None)
    return found.diagnostic if witness is None else msgspec.structs.replace(found.diagnostic, witness=witness)


class _Stage:
    """The rulesets of a folder, ready to be asked."""

    def __init__(self, rulesets: Sequence[Ruleset]) -> None:
        self._rulesets = rulesets

    @cached_property
    def compiled(self) -> list[Compiled]:
        return [compile_ruleset(ruleset) for ruleset in self._rulesets]

    def _find(self, file: str) -> Compiled:
        """Return the ruleset of a file, or the first beside it."""
        named = (one for one in self.compiled if one.ruleset.file == file)
        folder = file.rpartition("/")[0]
        beside = (one for one in self.compiled if one.ruleset.file.rpartition("/")[0] == folder)
        return next(named, None) or next(beside)

    def prove(self, example: Example, file: str) -> Witness | None:
        """Return the first account of an example that shows its claim, with what it shows."""
        own = self._find(file)
        for witness in islice(example.accounts(), _MOST_TRIES):
            trial = _Trial(witness, own, self.compiled)
            try:
                shows = trial.judge(example.claim)
                if shows is not None:
                    trial.ask()  # whoever tries the account must get an answer
                    return msgspec.structs.replace(witness, shows=shows)
            except (AccountInvalid, RulesetsOverlap):
                continue
        return None


class _Trial:
    """One account, asked."""

    def __init__(self, witness: Witness, own: Compiled, every: Sequence[Compiled]) -> None:
        self._witness = witness
        self._own = own
        self._every = every
        self._track = own.ruleset.track

    def judge(self, claim: Claim) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one a kind of claim
        """Return what comes out in a sentence, if it is what is claimed."""
        match claim:
            case Wins():
                return self._winner(claim.rule)
            case WinsAfter():
                return self._wins_after(claim.rule)
            case WinsWithout():
                return self._wins_without(claim)
            case WinsOnlyOn():
                return self._wins_only_on(claim)
            case GivesWay():
                return self._gives_way(claim)
            case Lacks():
                return self._lacks(claim.rule)
            case NotCovered():
                return self._not_covered(claim.rule)
            case NeverComes():
                return self._never_comes(claim)
            case Nothing():
                return self._nothing(is_for_good=claim.is_for_good)
            case Blocked():
                return self._blocked(claim.block)
            case Meets():
                return self._meets(claim)
            case Ignores():
                return self._ignores(claim.fact)
            case CoveredTwice():
                return self._covered_twice(claim)
            case CoveredUntil():
                return self._covered_until(claim.ruleset)

    def _candidate(self, *, has_history: bool = True) -> Candidate | None:
        """Return the account as the ruleset reads it, covered or not; None in a currency that it does not have."""
        witness = self._witness
        history = witness.history if has_history else ()
        question = Route(
            [self._own], witness.account, history, as_of=witness.as_of, track=self._track, ruleset=self._own.ruleset.id
        )
        return next(iter(question.candidates), None)

    def _moment(self, *, has_history: bool = True) -> View | None:
        """Return the account at its instant, if the ruleset covers it."""
        candidate = self._candidate(has_history=has_history)
        if candidate is None or not self._own.is_effective(candidate.as_of.date()) or not candidate.is_covering(None):
            return None
        return candidate.view(candidate.as_of.date())

    def _verdict(self, *, has_history: bool = True) -> tuple[View, Verdict] | None:
        moment = self._moment(has_history=has_history)
        return None if moment is None else (moment, judge(moment))

    def _winner(self, rule: str) -> str | None:
        asked = self._verdict()
        return f"“{rule}” wins." if asked is not None and asked[1].rule == rule else None

    def _wins_after(self, rule: str) -> str | None:
        without = self._verdict(has_history=False)
        if self._winner(rule) is None or without is None or without[1].rule in {None, rule}:
            return None
        return f"“{rule}” wins; without the history “{without[1].rule}” does."

    def _wins_without(self, claim: WinsWithout) -> str | None:
        if self._winner(claim.rule) is None:
            return None
        decision = self.ask()
        if any(action.type == claim.action for action in decision.along_with):
            return None
        return f"“{claim.rule}” wins, and {claim.action} is left out."

    def ask(self, account: dict[str, object] | None = None) -> Decision:
        """Return the whole decision about the account, or about another in its place."""
        witness = self._witness
        return next_action(
            [self._own],
            witness.account if account is None else account,
            witness.history,
            as_of=witness.as_of,
            track=self._track,
            ruleset=self._own.ruleset.id,
            is_live=False,
        )

    def _wins_only_on(self, claim: WinsOnlyOn) -> str | None:
        moment = self._moment()
        if moment is None:
            return None
        when = _region_of(moment.program, moment.program.rules[claim.rule].when)
        days = [self._witness.as_of + dt.timedelta(days=count) for count in range(_DAYS_LOOKED_AHEAD)]
        held = [day for day in days if _holds(when, moment.on(day))]
        if not held or any(day.weekday() not in claim.weekdays for day in held):
            return None
        told = " and ".join(f"{_WEEKDAYS[day.weekday()]} {day}" for day in held)
        return f"“{claim.rule}” holds on {told} only."

    def _gives_way(self, claim: GivesWay) -> str | None:
        asked = self._verdict()
        if asked is None or not _is_eligible(asked[0], claim.rule):
            return None
        moment, verdict = asked
        winner = verdict.rule
        if verdict.choice.block is not None:
            winner = moment.program.edition.blocks[verdict.choice.block].id
        elif verdict.choice.rule is not None:
            winner = moment.program.edition.rules[verdict.choice.rule].id
        if winner is None or winner == claim.rule or winner not in claim.before:
            return None
        does = "holds it back" if verdict.choice.block is not None else "wins"
        return f"“{claim.rule}” could win here; “{winner}” {does}."

    def _lacks(self, rule: str) -> str | None:
        asked = self._verdict()
        if asked is None or asked[1].rule == rule or _is_eligible(asked[0], rule):
            return None
        if not _holds_when(asked[0], rule):
            return None
        return f"“{rule}” does not win, though its “when” holds; {_tell(asked[1])}."

    def _not_covered(self, rule: str) -> str | None:
        candidate = self._candidate()
        if candidate is None or candidate.is_covering(None):
            return None
        moment = candidate.view(candidate.as_of.date())
        if not _holds_when(moment, rule):
            return None
        return f"The “when” of “{rule}” holds, and the ruleset does not cover the account."

    def _never_comes(self, claim: NeverComes) -> str | None:
        if self._moment() is None:
            return None
        first = self._witness.as_of
        steps = run_timeline(
            [self._own],
            self._witness.account,
            self._witness.history,
            first=first,
            until=first + dt.timedelta(days=_DAYS_CARRIED_OUT),
            track=self._track,
            ruleset=self._own.ruleset.id,
        )
        done = dict.fromkeys(str(step.entry["rule"]) for step in steps)
        if claim.rules & done.keys():
            return None
        others = f"only {_list(done)} {'are' if len(done) > 1 else 'is'}" if done else "nothing is"
        return f"Asked every day from then on, {others} carried out."

    def _nothing(self, *, is_for_good: bool) -> str | None:
        decision = self.ask()
        if not is_for_good:
            return "No rule wins." if decision.outcome in {"none", "wait"} else None
        is_idle = decision.outcome == "none" and decision.upcoming is None
        return "Nothing is done, now or later." if is_idle else None

    def _blocked(self, block: str) -> str | None:
        asked = self._verdict()
        return f"The decision is blocked: {asked[1].reason}" if asked is not None and asked[1].block == block else None

    def _meets(self, claim: Meets) -> str | None:
        candidate = self._candidate()
        if candidate is None:
            return None
        moment = candidate.view(candidate.as_of.date())
        if not _holds(_region_of(moment.program, claim.holds), moment):
            return None
        if claim.fails is not None:
            return claim.says if not _holds(_region_of(moment.program, claim.fails), moment) else None
        told = _tell(judge(moment)) if self._moment() is not None else "the ruleset does not cover the account"
        return f"{claim.says or 'It holds here'}; {told}."

    def _ignores(self, fact: str) -> str | None:
        if fact not in self._witness.account:
            return None
        without = {name: value for name, value in self._witness.account.items() if name != fact}
        decision = self.ask()
        if decision != self.ask(without):
            return None
        rule = decision.rule
        return f"{f'“{rule.id}” wins' if rule is not None else 'The same comes out'}, with {fact} and without it."

    def _covered_twice(self, claim: CoveredTwice) -> str | None:
        witness = self._witness
        question = Route(
            self._every, witness.account, witness.history, as_of=witness.as_of, track=self._track, ruleset=None
        )
        try:
            question.covering()
        except RulesetsOverlap as overlap:
            if claim.rulesets <= set(overlap.rulesets):
                return f"{_list(sorted(claim.rulesets))} cover it."
        return None

    def _covered_until(self, ruleset: str) -> str | None:
        days = (self._witness.as_of - _ONE_DAY, self._witness.as_of)
        before, now = (self._cover(day) for day in days)
        if before != ruleset or now is not None:
            return None
        return f"“{ruleset}” covers it until {days[0]}, and nothing does on {days[1]}."

    def _cover(self, day: dt.date) -> str | None:
        witness = self._witness
        question = Route(self._every, witness.account, witness.history, as_of=day, track=self._track, ruleset=None)
        covering = question.covering()
        return None if covering is None else covering.compiled.ruleset.id


_Where: TypeAlias = tuple[Region, Mapping[str, Coordinate]]


def _region_of(code: Program, condition: Condition) -> _Where:
    planner = Planner(code.ruleset, code.edition)
    return planner.region(condition), planner.dimensions


def _is_eligible(moment: View, rule: str) -> bool:
    """Tell whether a rule could win at a moment that has been decided, if nothing went before it."""
    index = next(i for i, each in enumerate(moment.program.edition.rules) if each.id == rule)
    region = (*moment.program.plan.first[index], *moment.program.plan.again[index])
    return boxes.contains(region, moment.point)


def _holds_when(moment: View, rule: str) -> bool:
    """Tell whether a rule's ``when`` holds at a moment."""
    return _holds(_region_of(moment.program, moment.program.rules[rule].when), moment)


def _holds(where: _Where, moment: View) -> bool:
    """Tell whether a moment lies in a region; in one about an experiment that no rule asks about it does not."""
    region, dimensions = where
    coordinates = [dimensions[key] for key in keys_of([region])]
    if any(isinstance(each, Variant) and each.experiment.id not in moment.snapshot.variants for each in coordinates):
        return False
    return boxes.contains(region, moment.read(coordinates))


def _tell(verdict: Verdict) -> str:
    """Return what is decided, as the end of a sentence."""
    if verdict.kind == "blocked":
        return f"“{verdict.block}” blocks"
    return f"“{verdict.rule}” wins" if verdict.rule is not None else "no rule wins"


def _list(names: Iterable[str]) -> str:
    *first, last = [f"“{name}”" for name in names]
    return f"{', '.join(first)} and {last}" if first else last
