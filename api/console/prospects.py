"""What is known of a stored account now, and what comes: decided and looked ahead, and nothing of it logged."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.console.words import say_amount, say_plain
from api.deciding import choose_rulesets, decide_openly
from api.dueanswers import find_zone
from api.errors import find_problem
from api.messages import NextActionQuery, TimelineQuery
from api.problems import ProblemError
from api.routes.next_action import read_stored_question
from api.routes.timeline import read_timeline
from api.service import Service
from engine.evaluation.drawing import Dispute, list_disputes
from engine.evaluation.history import read_instant
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.promises import promises_of
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.model.decision import Decision
from engine.model.episode import due_date_of
from engine.model.exactjson import FREE_JSON
from engine.model.money import format_amount
from engine.model.outcome import PAYMENT, RETURNS, Outcome, Promise
from engine.model.ruleset import TOLERANCE_DAYS, Rule
from pages.course import Course, Mark, Step
from pages.ladder import Rung, read_ladder

_UTC = ZoneInfo("UTC")
_BEFORE = dt.timedelta(days=45)
_MOST_DONE = 12

Entry = Mapping[str, Any]


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it would be decided on now; ``trouble`` says why it cannot be, and then nothing else is known.

    ``steps`` are what comes if nobody pays, ``rules`` those of the ruleset that covers it.
    """

    zone: ZoneInfo = _UTC
    today: dt.date
    decision: Decision | None = None
    explanation: Entry | None = None
    outcomes: tuple[Outcome, ...] = ()
    promises: tuple[Promise, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    rules: Mapping[str, Rule] = {}
    steps: tuple[Rung, ...] = ()
    trouble: str | None = None


async def read_prospect(service: Service, account_id: str, track: str) -> Prospect:
    """Decide on an account as it stands, explained in full, and look ahead."""
    now = service.now()
    asked = NextActionQuery(as_of=now.isoformat(), track=track, explain="full")
    try:
        question = await read_stored_question(service, account_id, asked)
        rulesets = await choose_rulesets(service, None, None)
        made, answered = await decide_openly(question, rulesets)
        standing = answered.standing
        zone = find_zone(question, rulesets) if standing is None else standing.account.zone
        today = now.astimezone(zone).date()
        timeline = await read_timeline(service, account_id, TimelineQuery(as_of=today, track=track))
        ladder = await asyncio.to_thread(read_ladder, account_id, timeline.titles, timeline.steps)
    except (ProblemError, AccountInvalid, RulesetsOverlap, UnknownRuleset) as error:
        return Prospect(today=now.date(), trouble=find_problem(error).details.detail)
    ruleset = None if standing is None else standing.terms.ruleset
    outcomes = read_outcomes(question.outcomes, currency=str(question.account.get("currency")), zone=zone)
    known = [each for each in outcomes if each.is_known_at(now)]
    tolerance_days = TOLERANCE_DAYS if ruleset is None else ruleset.tolerance_days
    editions = () if ruleset is None else ruleset.editions.values()
    return Prospect(
        zone=zone,
        today=today,
        decision=answered.decision,
        explanation=FREE_JSON.decode(made.answer).get("explanation"),
        outcomes=tuple(known),
        promises=promises_of(outcomes, now.astimezone(zone), tolerance_days=tolerance_days),
        disputes=list_disputes(known),
        rules={rule.id: rule for edition in editions for rule in edition.rules},
        steps=ladder.rungs,
    )


def make_course(
    account_id: str, document: Entry, history: Sequence[Entry], known: Prospect, *, looks_ahead: bool
) -> Course:
    """Lay out what was done in the episode that runs, or last, what came of it, and what comes."""
    read = [(entry.get("episode"), _read_done(entry, known)) for entry in history]
    episode = None if known.decision is None else known.decision.episode
    episode = episode or next((each for each, _ in reversed(read) if each), None)
    of_it = [step for each, step in read if step is not None and each == episode]
    done = sorted(of_it, key=lambda step: step.on)[-_MOST_DONE:]
    due_on = due_date_of(episode)
    begin = min([due_on or known.today, known.today, *(step.on for step in done)]) - _BEFORE
    marks = [mark for mark in _list_marks(document, known) if mark.on >= begin]
    return Course(
        account=account_id,
        today=known.today,
        due_on=due_on,
        steps=(*done, *(_read_coming(rung) for rung in known.steps if looks_ahead)),
        marks=tuple(sorted(marks, key=lambda mark: mark.on)),
    )


def _read_done(entry: Entry, known: Prospect) -> Step | None:
    at = read_instant(entry.get("at"), known.zone)
    if at is None:
        return None
    rule = known.rules.get(f"{entry.get('rule')}")
    action = f"{entry.get('action') or (rule and rule.action.type) or ''}"
    told = (action and say_plain(action), entry.get("channel") and f"by {entry['channel']}", entry.get("result"))
    level = entry.get("level", rule and rule.level)
    return Step(
        on=at.astimezone(known.zone).date(),
        level=level if isinstance(level, int) else None,
        title=(rule and rule.title) or say_plain(entry.get("rule") or action),
        action=action,
        details=" · ".join(f"{each}" for each in told if each),
        pay_by=_read_day(entry.get("pay_by")),
        is_done=True,
    )


def _read_coming(rung: Rung) -> Step:
    told = [f"{say_plain(rung.action)}{f' by {rung.channel}' if rung.channel else ''}", *rung.with_others, rung.money]
    told += [] if rung.pay_by is None else [f"pay by {rung.pay_by:%-d %b}"]
    told += [] if rung.asked_on == rung.on else [f"asked for on {rung.asked_on:%-d %b}"]
    return Step(
        on=rung.on,
        asked_on=rung.asked_on,
        level=rung.level,
        title=rung.title,
        action=rung.action,
        details=" · ".join(each for each in told if each),
        money=rung.claim,
        pay_by=rung.pay_by,
        is_done=False,
    )


def _list_marks(document: Entry, known: Prospect) -> list[Mark]:
    currency = f"{document.get('currency') or ''}"

    def say(amount: int | None) -> str:
        return "" if amount is None else say_amount(format_amount(amount, currency), currency)

    invoices = document.get("invoices")
    due = [each for each in invoices if isinstance(each, Mapping)] if isinstance(invoices, list) else []
    days = [(_read_day(each.get("due_on")), f"{each.get('id')}") for each in due]
    marks = [Mark(on=on, kind="due", words=words) for on, words in days if on is not None]
    marks += [
        Mark(on=each.day, kind="payment" if each.type == PAYMENT else "returned", words=say(each.amount))
        for each in known.outcomes
        if each.type == PAYMENT or each.type in RETURNS
    ]
    marks += [
        Mark(
            on=each.by,
            kind="broken" if each.state in {"broken", "partly_kept"} else "promise",
            words=f"{say(each.amount)} by {each.by:%-d %b}, {say_plain(each.state)}",
        )
        for each in known.promises
    ]
    marks += [
        Mark(
            on=each.opened.day,
            until=each.closed_at and each.closed_at.astimezone(known.zone).date(),
            kind="dispute",
            words=f"{each.opened.invoice or 'the account'}, {'open' if each.closed_at is None else 'closed'}",
        )
        for each in known.disputes
    ]
    return marks


def _read_day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{value}"[:10])
    except ValueError:
        return None
