"""What time alone will change: the days on which the answer can differ, asked one after the other.

Between two such days every dimension of the boxes stays in its class, so the answer does too; asking only these days
is asking every day (language.md 5.10).
"""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from engine.conditions import plan
from engine.evaluation.choosing import Verdict, judge
from engine.evaluation.moment import Situation
from engine.evaluation.routing import Candidate, Question
from engine.evaluation.schedule import timing_day
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.decision import Upcoming

SHORTEST_HORIZON_DAYS = 1100
_WINDOWS = {"contacts_last_7_days": 7, "contacts_last_30_days": 30}


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """When to ask again, and what wins next by time alone."""

    review_on: dt.date | None
    upcoming: Upcoming | None


def look_ahead(question: Question, today: Candidate | None, verdict: Verdict) -> Outlook:
    """Return the first later day with another answer and, where nothing wins now, the rule that will."""
    first_day = today.as_of.date() if today is not None else question.local_as_of.date()
    differs_on: dt.date | None = None
    otherwise_differs_on: dt.date | None = None
    is_idle = verdict.kind == "nothing"
    for day in _days(question, today, first_day):
        later = judge_on(question, day)
        if differs_on is None and later.key != verdict.key:
            differs_on = day
        if otherwise_differs_on is None and later.otherwise_key != verdict.otherwise_key:
            otherwise_differs_on = day
        if is_idle and later.kind == "act" and later.rule is not None:
            return Outlook(review_on=differs_on, upcoming=Upcoming(rule=later.rule, on=day))
        if differs_on is not None and not is_idle:
            break
    return Outlook(review_on=otherwise_differs_on if is_idle else differs_on, upcoming=None)


def judge_on(question: Question, day: dt.date) -> Verdict:
    """Return what would be decided at the first moment of a later day, with nothing executed, paid or changed."""
    try:
        candidate = question.covering(day)
        return judge(candidate.situation.on(day)) if candidate is not None else NOT_COVERED
    except (AccountInvalid, RulesetsOverlap) as problem:
        return Verdict(kind="refused", block=type(problem).__name__)


NOT_COVERED = Verdict(kind="not_covered")


def _days(question: Question, today: Candidate | None, first_day: dt.date) -> Iterator[dt.date]:
    """Yield the later days on which the answer can change, in order."""
    horizon = SHORTEST_HORIZON_DAYS
    calendar = today.compiled.ruleset.calendar if today is not None else None
    if calendar is not None and calendar.stored_until is not None:
        horizon = max(horizon, (calendar.stored_until - first_day).days)
    offsets: set[int] = set()
    for candidate in question.candidates:
        offsets |= _candidate_offsets(candidate, first_day, horizon, is_today=candidate is today)
    for offset in sorted(offset for offset in offsets if 0 < offset <= horizon):
        try:
            yield first_day + dt.timedelta(days=offset)
        except OverflowError:
            return


def _candidate_offsets(candidate: Candidate, first_day: dt.date, horizon: int, *, is_today: bool) -> set[int]:
    effective = candidate.compiled.ruleset.effective
    ends = {(day - first_day).days for day in (effective.from_on, effective.until_on) if day is not None}
    may_begin = any(end > 0 for end in ends) or candidate.code.can_coverage_change
    if not is_today and not may_begin:
        return set()
    try:
        situation = candidate.situation
    except AccountInvalid:
        # It cannot be asked in full; where coverage moves, every day may be the one it begins to cover.
        return ends | (set(range(1, horizon + 1)) if candidate.code.can_coverage_change else set())
    return ends | offsets_of(situation, first_day)


def offsets_of(situation: Situation, first_day: dt.date) -> set[int]:
    """Return in how many days some dimension of the ruleset's boxes changes its class."""
    code, found = situation.code, set[int]()
    left = situation.narrowed()
    for key, cuts in code.movements.within(left.blocks, left.rules):
        found |= _dimension_offsets(situation, key, cuts, first_day)
    windows = {limit.per_days for limit in code.ruleset.contact_limits}
    windows.update(limit.per_days for limit in code.edition.attempt_limits)
    for per_days in windows:
        found |= _window_ends(situation, per_days, first_day)
    found.update((e.until - first_day).days for e in code.ruleset.experiments if e.until is not None)
    found |= _interest_ends(situation, first_day)
    return found


def _dimension_offsets(situation: Situation, key: str, cuts: Iterable[int], first_day: dt.date) -> set[int]:
    kind, _, argument = key.partition(":")
    executed = situation.executed
    if kind == "@timing":
        return _timing_offsets(situation, argument, first_day)
    if not kind.startswith("@"):
        return _fact_offsets(situation, kind, cuts, first_day)
    if kind == plan.RESTED:
        last = executed.last_levelled_on
    else:
        last = (executed.last_on if kind == "@ago" else executed.last_pay_by).get(argument)
    return {(last - first_day).days + cut for cut in cuts} if last is not None else set()


def _fact_offsets(situation: Situation, name: str, cuts: Iterable[int], first_day: dt.date) -> set[int]:
    fact = situation.code.edition.facts[name]
    given = situation.account.given.get(name)
    if given is not None:
        if not fact.moves or not isinstance(given, int) or isinstance(given, bool):
            return set()
        begun = (situation.facts_on - first_day).days
        return {begun + (cut - given if fact.moves > 0 else given - cut + 1) for cut in cuts}
    if fact.source == "invoices" and situation.open is not None:
        return _invoice_offsets(situation, name, cuts, first_day)
    if name in _WINDOWS:
        return _window_ends(situation, _WINDOWS[name], first_day)
    contacts = situation.executed.contacts
    if name == "days_since_last_contact" and contacts:
        return {(contacts[-1][0] - first_day).days + cut for cut in cuts}
    return set()


def _invoice_offsets(situation: Situation, name: str, cuts: Iterable[int], first_day: dt.date) -> set[int]:
    if situation.open is None:
        return set()
    if name in {"days_overdue", "invoice_age_days"}:
        today = situation.open.value(name, first_day)
        return {cut - today for cut in cuts} if today is not None else set()
    if name in {"overdue_balance", "overdue_invoices"}:
        return {(invoice.due_on - first_day).days + 1 for invoice in situation.open.all}
    return set()


def _timing_offsets(situation: Situation, rule_id: str, first_day: dt.date) -> set[int]:
    rule, due_on = situation.code.rules[rule_id], situation.oldest_due_on
    if rule.timing is None or due_on is None:
        return set()
    is_retry = rule.action.type == "retry_payment"
    reached_on = timing_day(situation.code.ruleset.calendar, due_on, rule.timing, is_retry=is_retry)
    return {(reached_on - first_day).days}


def _window_ends(situation: Situation, per_days: int, first_day: dt.date) -> set[int]:
    """Return when each past contact and attempt leaves a window of so many days."""
    executed = situation.executed
    counted = {day for day, _ in executed.contacts} | set(executed.attempts)
    return {(day - first_day).days + per_days for day in counted}


def _interest_ends(situation: Situation, first_day: dt.date) -> set[int]:
    edition = situation.code.edition
    if not edition.interest:
        return set()
    known = (interest.known_until for interest in edition.interest.values())
    found = {(day - first_day).days + 1 for day in known if day is not None}
    if situation.open is not None:
        found |= {(invoice.due_on - first_day).days + 1 for invoice in situation.open.all}
    return found
