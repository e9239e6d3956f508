"""A ruleset that somebody is writing: what is wrong with it, and what it would decide about one account.

Nothing here waits for anything or changes anything; `python -m api.drafting` stands ready to do it in processes of its
own (api/forking.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from api.errors import find_problem
from api.examining import Manuscript, analyse_for_use, read_manuscript, run_suite_beside
from api.forking import Bounds, answer_forked
from api.problems import Fault, ProblemError
from api.requests import decode_strictly
from api.versions import UnusableVersion, load_version
from engine.comparison.compare import compare
from engine.comparison.difference import Effect, Row
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.evaluation.rulesets import Rulesets, UnknownRuleset
from engine.evaluation.timeline import run_timeline
from engine.examination.examine import Examination
from engine.loading.load import has_errors
from engine.model.account import AccountInvalid, Problem, RulesetsOverlap
from engine.model.decision import encode_decision
from engine.model.diagnostic import Diagnostic
from engine.model.exactjson import FREE_JSON
from engine.model.question import Question
from engine.model.ruleset import Ruleset
from engine.verification.reading import load_suite
from engine.verification.yamlcase import write_case
from pages.diffwords import group_rows, usual_rows
from pages.ladder import Ladder, read_ladder
from store.rulesets import RulesetVersion

MODULE = "api.drafting"
BOUNDS = Bounds(cpu_seconds=15, bytes_count=2 << 30)
_TOO_FAR = "A date in the account or its history is further away than calendars reach."
_TOO_LARGE = "The conditions are too large to be decided with: they have too many combinations of alternatives."
_OVERDUE_DAYS = 20
# Of boxes, for each currency: some seconds, so that what was found meanwhile is told.
_MOST_COMPARISONS = 3_000_000


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An account to ask about, with its ``history`` and its ``outcomes`` in it, as JSON; and the day."""

    document: str
    day: dt.date


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Some accounts about which a draft decides otherwise, in words, and one of them."""

    headline: str
    was: tuple[str, ...] = ()
    becomes: tuple[str, ...] = ()
    sample: Subject | None = None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a draft decides otherwise than a version, whoever they are; where it is not finished, for more."""

    number: int
    affected: tuple[Affected, ...]
    is_finished: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a draft: its texts, and the account; None has one made up that it covers.

    ``is_thorough``: it is analysed, too, the suite beside it is run, and it is compared with the version ``in_use``.
    ``today`` is for what ends soon.
    """

    manuscript: Manuscript
    subject: Subject | None
    today: dt.date
    is_thorough: bool = False
    in_use: RulesetVersion | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about an account: the decision, as JSON, and what comes if nobody pays, or why there is neither.

    ``case`` is both as a case of a suite.
    """

    decision: str | None = None
    ladder: Ladder | None = None
    case: str | None = None
    trouble: str | None = None
    faults: tuple[Fault, ...] = ()


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a draft; ``ruleset`` and what follows are there where it can be read."""

    diagnostics: tuple[Diagnostic, ...]
    ruleset: str | None = None
    track: str | None = None
    digest: str | None = None
    subject: Subject | None = None
    asked: Asked | None = None
    reach: Reach | None = None


def answer_draft(draft: Draft) -> Drafted:
    """Say what is wrong with a draft, and what it decides."""
    examination = read_manuscript(draft.manuscript)
    if not examination.rulesets:
        return Drafted(diagnostics=examination.diagnostics)
    (ruleset,) = examination.rulesets
    diagnostics = examination.diagnostics
    if draft.is_thorough:
        diagnostics = analyse_for_use(examination, draft.manuscript, on=draft.today)
        if not has_errors(diagnostics):
            diagnostics = (*diagnostics, *run_suite_beside(examination, draft.manuscript))
    subject = draft.subject or make_subject(ruleset, draft)
    is_compared = draft.is_thorough and draft.in_use is not None and draft.in_use.draft.ruleset_id == ruleset.id
    return Drafted(
        diagnostics=diagnostics,
        ruleset=ruleset.id,
        track=ruleset.track,
        digest=ruleset.digest,
        subject=subject,
        asked=_ask_draft(examination, ruleset, subject),
        reach=find_reach(ruleset, draft.in_use) if is_compared and draft.in_use is not None else None,
    )


def ask_about(
    rulesets: Rulesets | Sequence[Compiled], subject: Subject, *, track: str, ruleset: str, titles: Mapping[str, str]
) -> Asked:
    """Ask a ruleset about an account: the decision, explained in full, and what comes if nobody pays."""
    try:
        account, history, outcomes = _take_apart(subject.document)
        decision = next_action(
            rulesets,
            account,
            history,
            outcomes=outcomes,
            as_of=subject.day,
            track=track,
            ruleset=ruleset,
            explain="full",
            is_live=False,
        )
        steps = run_timeline(
            rulesets,
            account,
            history,
            outcomes=outcomes,
            first=subject.day,
            track=track,
            ruleset=ruleset,
            executed="scheduled",
        )
    except ProblemError as problem:
        return Asked(trouble=f"The account is not valid JSON. {problem.details.detail}")
    except (AccountInvalid, RulesetsOverlap, UnknownRuleset) as error:
        details = find_problem(error).details
        return Asked(trouble=details.detail, faults=details.problems or ())
    except OverflowError:
        return Asked(trouble=_TOO_FAR)
    question = Question(account=account, history=tuple(history), as_of=subject.day)
    return Asked(
        decision=encode_decision(decision).decode(),
        ladder=read_ladder(decision.account_id, titles, steps),
        case=None if outcomes else write_case(f"{decision.account_id} on {subject.day}", question, decision),
    )


def make_subject(ruleset: Ruleset, draft: Draft) -> Subject:
    """Make up an account: that of the first case of the suite, or one that owes something for some days."""
    suite = None if draft.manuscript.suite is None else load_suite(draft.manuscript.suite, ruleset).suite
    case = next(iter(() if suite is None else suite.cases), None)
    if case is None:
        due_on = draft.today - dt.timedelta(days=_OVERDUE_DAYS)
        account: dict[str, object] = {
            "id": "A-1",
            "currency": next(iter(ruleset.editions)),
            "channels": ["email", "letter"],
            "invoices": [{"id": "I-1", "due_on": due_on, "open": 100}],
        }
        return Subject(document=_write(account), day=draft.today)
    beside = {"history": list(case.history), "outcomes": list(case.outcomes)}
    document = _write(case.account | {name: each for name, each in beside.items() if each})
    as_of = case.timeline.first if case.timeline is not None else case.as_of
    day = as_of.date() if isinstance(as_of, dt.datetime) else as_of
    return Subject(document=document, day=day or draft.today)


def find_reach(ruleset: Ruleset, version: RulesetVersion) -> Reach | None:
    """Compare a draft with a version of it, over all accounts; None where this program cannot read the version."""
    try:
        difference = compare(load_version(version), ruleset, budget=_MOST_COMPARISONS)
    except UnusableVersion:
        return None
    editions = [edition for edition in difference.editions if not edition.is_running]
    groups = [group for edition in editions for group in group_rows(usual_rows(edition)).values()]
    rows = tuple(_tell_row(next((row for row in group if row.sample), group[0])) for group in groups)
    effects = tuple(_tell_effect(effect) for effect in difference.effects)
    return Reach(
        number=version.number,
        affected=rows + effects,
        is_finished=all(edition.is_finished for edition in editions),
    )


def _tell_effect(effect: Effect) -> Affected:
    was, becomes = ((words,) if words else () for words in (effect.was, effect.becomes))
    return Affected(headline=f"{effect.affects} ({effect.what})", was=was, becomes=becomes)


def _tell_row(row: Row) -> Affected:
    sample = row.sample
    if sample is None:
        return Affected(headline=row.headline, was=row.was, becomes=row.becomes)
    beside = {"history": list(sample.history)} if sample.history else {}
    subject = Subject(document=_write(sample.account | beside), day=sample.as_of)
    return Affected(headline=row.headline, was=(sample.was,), becomes=(sample.becomes,), sample=subject)


def _ask_draft(examination: Examination, ruleset: Ruleset, subject: Subject) -> Asked:
    try:
        compiled = examination.compiled(ruleset)
    except BudgetExceeded:
        return Asked(trouble=_TOO_LARGE)
    titles = {ruleset.id: ruleset.title}
    return ask_about((compiled,), subject, track=ruleset.track, ruleset=ruleset.id, titles=titles)


def _take_apart(document: str) -> tuple[dict[str, object], list[dict[str, object]], list[dict[str, object]]]:
    """Read an account, and take what was executed and what came of it out of it; raises ProblemError."""
    account = decode_strictly(FREE_JSON, document.encode())
    if not isinstance(account, dict):
        raise AccountInvalid((Problem(pointer="", message="an account is a JSON object."),))
    beside = [account.pop(name, []) for name in ("history", "outcomes")]
    for name, each in zip(("history", "outcomes"), beside, strict=True):
        if not isinstance(each, list):
            raise AccountInvalid((Problem(pointer=f"/{name}", message="it must be a JSON array."),))
    return account, beside[0], beside[1]


def _write(document: Mapping[str, object]) -> str:
    return msgspec.json.format(msgspec.json.encode(document)).decode()


def _answer(question: bytes) -> bytes:
    return msgspec.json.encode(answer_draft(msgspec.json.decode(question, type=Draft)))


def main() -> None:
    """Answer drafts until whoever asks is gone."""
    answer_forked(_answer, BOUNDS)


if __name__ == "__main__":
    main()
