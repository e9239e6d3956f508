"""What is kept of an answer about a stored account: what a list of the work shows, and when to ask again."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from api.deciding import Question
from api.problems import PROBLEM_TYPES, ProblemError
from api.usage import RulesetsInUse
from engine.evaluation.decide import Answered
from engine.evaluation.history import read_instant
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.promises import count_broken, promises_of, to_be_collected
from engine.evaluation.reading import zone_of
from engine.model.businessdays import first_moment_of
from engine.model.decision import Claim, Decision
from engine.model.money import exponent, parse_amount
from engine.model.outcome import Promise
from engine.model.ruleset import TOLERANCE_DAYS
from store.decisionrecords import DecisionRecord
from store.due import DueAnswer, DueQuestion
from store.noticed import NOTHING_NOTICED, Noticed

_AGAIN_AFTER = dt.timedelta(minutes=1)  # what this server could not answer just now
_OUR_FAULT = PROBLEM_TYPES["internal-error"].status


def refuse(question: DueQuestion, problem: ProblemError, now: dt.datetime | None) -> DueAnswer:
    """Keep why there is no answer: asked again soon where that lies with us, else when something changes."""
    is_ours = now is not None and problem.status >= _OUR_FAULT
    return DueAnswer(
        account_id=question.account_id,
        track=question.track,
        ask_at=now + _AGAIN_AFTER if is_ours and now is not None else None,
        problem=problem.details.detail,
    )


def summarise(
    question: DueQuestion, asked: Question, record: DecisionRecord, answered: Answered, rulesets: RulesetsInUse
) -> DueAnswer:
    """Keep what a list of the work shows of a decision, and the moment to ask again."""
    decision, standing = answered.decision, answered.standing
    action, claim, rule = decision.action, decision.claim, decision.rule
    scheduled_for = UNSET if action is None else action.scheduled_for
    approval = UNSET if action is None else action.approval
    zone = find_zone(asked, rulesets) if standing is None else standing.account.zone
    tolerance_days = TOLERANCE_DAYS if standing is None else standing.terms.ruleset.tolerance_days
    as_of = decision.as_of.astimezone(zone)
    currency = str(asked.account.get("currency"))
    outcomes = read_outcomes(asked.outcomes, currency=currency, zone=zone)
    promises = promises_of(outcomes, as_of, tolerance_days=tolerance_days)
    kept = [each for each in promises if each.state == "open"]
    return DueAnswer(
        account_id=question.account_id,
        track=question.track,
        ask_at=_find_review([decision.review_on, *(each.judged_on for each in kept)], zone),
        decision_id=record.id,
        decided_at=decision.as_of,
        outcome=decision.outcome,
        ruleset_id=record.ruleset_id,
        version=record.version,
        rule=record.rule,
        title=None if rule is None else rule.title,
        level=None if rule is None else rule.level,
        action=record.action,
        channel=record.channel,
        scheduled_for=None if scheduled_for is UNSET else scheduled_for,
        review_on=decision.review_on,
        approval=None if approval is UNSET else approval,
        reason=_say_reason(decision),
        episode=decision.episode,
        currency=None if claim is None else claim.total.currency,
        claim=None if claim is None else Decimal(claim.total.amount),
        principal=None if claim is None else _find_principal(claim),
        collectable=None if claim is None else _find_collectable(decision, claim.amount.amount, currency, promises),
        promised=_show(sum(each.left for each in kept), currency) if kept else None,
        promised_by=min((each.by for each in kept), default=None),
        broken_promises=count_broken(promises),
        contacted_at=_find_contact(asked, zone, as_of),
    )


def _find_principal(claim: Claim) -> Decimal:
    """Return what is claimed besides interest."""
    interest = claim.interest
    return Decimal(claim.total.amount) - (0 if interest is UNSET else Decimal(interest.amount))


def add_noticed(answer: DueAnswer, noticed: Noticed, again_at: dt.datetime | None) -> DueAnswer:
    """Tell with an answer what else was noticed of its account, which is looked at again at an instant.

    Not where this server could not answer just now: its rulesets may be why, and it asks again soon.
    """
    if answer.problem is not None and answer.ask_at is not None:
        return answer
    if again_at is None and noticed == NOTHING_NOTICED:
        return answer
    moments = [moment for moment in (answer.ask_at, again_at) if moment is not None]
    return msgspec.structs.replace(answer, ask_at=min(moments, default=None), noticed=noticed)


def _say_reason(decision: Decision) -> str | None:
    """Say why, and of a call that waits for its hour what is known of that."""
    best = UNSET if decision.action is None else decision.action.best_hour
    parts = (decision.reason, None if best is UNSET else best.says)
    return "; ".join(part for part in parts if part) or None


def _find_collectable(decision: Decision, claimed: str, currency: str, promises: Sequence[Promise]) -> Decimal:
    """Return what is overdue and neither disputed nor promised; a claim of what is open only is nothing of it.

    An episode is named by the day on which what is owed longest was due.
    """
    if decision.episode in {None, "none"} or str(decision.episode) >= decision.as_of.date().isoformat():
        return Decimal(0)
    return _show(to_be_collected(parse_amount(claimed, currency), promises), currency)


def _show(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def _find_contact(asked: Question, zone: ZoneInfo, as_of: dt.datetime) -> dt.datetime | None:
    """Find when this account was contacted last."""
    entries = (each for each in asked.history if "account" not in each and each.get("result") != "failed")
    instants = (read_instant(each.get("at"), zone) for each in entries if each.get("channel") is not None)
    return max((at for at in instants if at is not None and at <= as_of), default=None)


def _find_review(days: Sequence[dt.date | None], zone: ZoneInfo) -> dt.datetime | None:
    """Find the first moment of the first of some days, in the account's zone."""
    first = min((day for day in days if day is not None), default=None)
    return None if first is None else first_moment_of(first, zone).astimezone(dt.UTC)


def find_zone(asked: Question, rulesets: RulesetsInUse) -> ZoneInfo:
    """Find the zone of an account that nobody covers."""
    given = asked.account.get("timezone")
    zone = zone_of(given) if isinstance(given, str) else None
    return zone or rulesets.rulesets.field(asked.track, None, str(asked.account.get("currency"))).zone
