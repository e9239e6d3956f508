"""A suite asked and compared, with the explanation of what did not come out as expected."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.evaluation.program import Compiled
from engine.evaluation.reading import read_zone
from engine.evaluation.timeline import NOON, TimelineStep, run_timeline
from engine.model.account import AccountInvalid
from engine.model.decision import Decision
from engine.model.diagnostic import Position
from engine.model.question import Question
from engine.verification.comparing import ABSENT, Mismatch, compare
from engine.verification.suite import Case, Suite, Timeline
from engine.worlds.asking import Asking

Status = Literal["passed", "failed", "skipped"]
REFUSED = "refused"


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The decision behind a mismatch, explained in full, and the rule that was expected, if one was."""

    decision: Decision
    rule: str | None


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One question that was put, and the rule that won."""

    question: Question
    rule: str | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one case came out; ``answered`` are the questions it put, for coverage.

    ``came`` are the days and rules of a timeline that came out otherwise.
    """

    name: str
    at: Position
    status: Status
    skip: str | None = None
    mismatches: tuple[Mismatch, ...] = ()
    why: tuple[Why, ...] = ()
    came: tuple[tuple[dt.date, str], ...] = ()
    answered: tuple[Answered, ...] = ()


class SuiteResult(msgspec.Struct, frozen=True, kw_only=True):
    """How the cases of one suite came out, in written order."""

    file: str
    ruleset: str
    cases: tuple[CaseResult, ...]

    @property
    def failed_count(self) -> int:
        """The number of cases that failed."""
        return sum(case.status == "failed" for case in self.cases)


def run_suite(suite: Suite, compiled: Compiled, *, name_contains: str | None = None) -> SuiteResult:
    """Ask every case whose name contains the text, whatever its capitals, and compare."""
    wanted = (name_contains or "").casefold()
    cases = (case for case in suite.cases if wanted in case.name.casefold())
    return SuiteResult(file=suite.file, ruleset=suite.ruleset, cases=tuple(_run_case(case, compiled) for case in cases))


def _run_case(case: Case, compiled: Compiled) -> CaseResult:
    if case.skip is not None:
        return CaseResult(name=case.name, at=case.at, status="skipped", skip=case.skip)
    try:
        found = _run_once(case, compiled) if case.timeline is None else _run_days(case, case.timeline, compiled)
    except AccountInvalid as invalid:
        said = "; ".join(problem.message for problem in invalid.problems)
        refusal = Mismatch(what="answer", expected="a decision", came=f"{REFUSED}: {said}", at=case.at)
        found = CaseResult(name=case.name, at=case.at, status="failed", mismatches=(refusal,))
    return found


def _run_once(case: Case, compiled: Compiled) -> CaseResult:
    as_of = case.as_of or dt.date.min
    asking = Asking(compiled, Question(account=case.account, history=case.history, outcomes=case.outcomes, as_of=as_of))
    asks_why = any(expectation.path[0] == "explanation" for expectation in case.expect)
    decision = asking.decide("full" if asks_why else "reason")
    mismatches = compare(decision, case.expect)
    why: tuple[Why, ...] = ()
    if mismatches:
        wanted = next((m.expected for m in mismatches if m.what in {"rule", "rule.id"} and m.expected != ABSENT), None)
        why = (_explain(asking, wanted),)
    won = decision.rule.id if decision.rule is not None else None
    return CaseResult(
        name=case.name,
        at=case.at,
        status="failed" if mismatches else "passed",
        mismatches=mismatches,
        why=why,
        answered=(Answered(question=asking.question, rule=won),),
    )


def _run_days(case: Case, timeline: Timeline, compiled: Compiled) -> CaseResult:
    name = compiled.ruleset.id
    steps = run_timeline(
        (compiled,),
        case.account,
        case.history,
        outcomes=case.outcomes,
        first=timeline.first,
        until=timeline.until,
        asked_on=timeline.asked_on,
        ruleset=name,
    )
    answered = _list_answered(case, timeline, steps, compiled)
    mismatches = _compare_days(timeline, steps, case.at)
    wanted = {day.on: day.rule for day in timeline.days}
    days = {dt.date.fromisoformat(mismatch.what) for mismatch in mismatches}
    why = tuple(
        _explain(Asking(compiled, each.question), wanted.get(each.question.day))
        for each in answered
        if each.question.day in days
    )
    return CaseResult(
        name=case.name,
        at=case.at,
        status="failed" if mismatches else "passed",
        mismatches=mismatches,
        why=why,
        came=tuple((step.on, str(step.entry["rule"])) for step in steps) if mismatches else (),
        answered=answered,
    )


def _explain(asking: Asking, rule: str | None) -> Why:
    return Why(decision=asking.decide("full"), rule=rule)


def _compare_days(timeline: Timeline, steps: Sequence[TimelineStep], at: Position) -> tuple[Mismatch, ...]:
    expected = {day.on: day for day in timeline.days}
    came = {step.on: step.entry["rule"] for step in steps}
    found = []
    for day in sorted(expected.keys() | came.keys()):
        wanted = expected.get(day)
        if wanted is None or wanted.rule != came.get(day):
            found.append(
                Mismatch(
                    what=day.isoformat(),
                    expected=wanted.rule if wanted is not None else ABSENT,
                    came=str(came.get(day, ABSENT)),
                    at=wanted.at if wanted is not None else at,
                )
            )
    return tuple(found)


def _list_answered(
    case: Case, timeline: Timeline, steps: Sequence[TimelineStep], compiled: Compiled
) -> tuple[Answered, ...]:
    """Return the question of every day, each with what had been executed by then."""
    account = {"facts_on": timeline.first.isoformat()} | case.account
    zone = read_zone(account, compiled.zone)
    entries = [*case.history]
    done = {step.on: step.entry for step in steps}
    answered = []
    for number in range((timeline.until - timeline.first).days + 1):
        day = timeline.first + dt.timedelta(days=number)
        if timeline.asked_on is not None and day not in timeline.asked_on:
            continue
        noon = dt.datetime.combine(day, NOON, zone)
        executed = done.get(day)
        rule = str(executed["rule"]) if executed is not None else None
        question = Question(account=account, history=tuple(entries), outcomes=case.outcomes, as_of=noon)
        answered.append(Answered(question=question, rule=rule))
        if executed is not None:
            entries.append(executed)
    return tuple(answered)
