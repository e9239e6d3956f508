"""What is noticed of a stored account beside what is to be done: broken promises, cases that open and close."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from api.deciding import Question
from api.recording import glimpse_covered
from api.service import Service
from engine.evaluation.debts import Glimpsed
from engine.evaluation.outcomes import read_outcomes
from engine.evaluation.promises import promises_of
from engine.model.account import AccountInvalid
from engine.model.businessdays import first_moment_of
from engine.model.outcome import Outcome, Promise
from engine.recovery.noticing import Case, find_closed, find_next_opening, find_overdue
from store.noticed import NOTHING_NOTICED, Noticed, NoticedCase


def notice(
    service: Service,
    question: Question,
    known: Sequence[NoticedCase],
    now: dt.datetime,
    *,
    covering: str | None = None,
) -> tuple[Noticed, dt.datetime | None]:
    """Return what is to be told of an account with the cases known of it, and when to look again if nothing changes.

    `covering` names the ruleset that answered, if one did. Of an account that cannot be read nothing is noticed.
    """
    try:
        glimpsed = glimpse_covered(service, question.account, now, covering=covering)
        if glimpsed is None:
            return NOTHING_NOTICED, None
        account = glimpsed.account
        outcomes = read_outcomes(question.outcomes, currency=account.currency, zone=account.zone)
    except AccountInvalid:
        return NOTHING_NOTICED, None
    is_disputed = question.account.get("disputed") is True
    promises = promises_of(outcomes, glimpsed.as_of, tolerance_days=glimpsed.terms.ruleset.tolerance_days)
    overdue = () if is_disputed else find_overdue(account, glimpsed.terms, outcomes, glimpsed.as_of)
    opened, turned = _follow(glimpsed, outcomes, known, overdue)
    broken = tuple(each.id for each in promises if each.state == "broken")
    moments = _find_moments(glimpsed, outcomes, promises)
    return Noticed(broken=broken, opened=opened, turned=turned), min(moments, default=None)


def _follow(
    glimpsed: Glimpsed, outcomes: Sequence[Outcome], known: Sequence[NoticedCase], overdue: Iterable[Case]
) -> tuple[tuple[NoticedCase, ...], tuple[NoticedCase, ...]]:
    """Return the cases that opened, and those known that closed or opened again."""
    currency, as_of = glimpsed.account.currency, glimpsed.as_of
    before = [each for each in known if each.currency == currency]
    days = {each.due_on for each in before}
    fresh = [each for each in overdue if each.due_on not in days]
    closed = find_closed((*map(_read, before), *fresh), outcomes, as_of)
    opened = (_write(case, currency, is_closed=case.due_on in closed) for case in fresh)
    turned = (each for each in before if each.is_closed != (each.due_on in closed))
    return tuple(opened), tuple(msgspec.structs.replace(each, is_closed=not each.is_closed) for each in turned)


def _find_moments(
    glimpsed: Glimpsed, outcomes: Iterable[Outcome], promises: Iterable[Promise]
) -> Iterator[dt.datetime]:
    """Yield the moments at which there may be something to notice."""
    days = [each.judged_on for each in promises if each.state == "open"]
    opening_on = find_next_opening(glimpsed.account, glimpsed.as_of)
    for day in days if opening_on is None else (*days, opening_on):
        yield first_moment_of(day, glimpsed.account.zone).astimezone(dt.UTC)
    for outcome in outcomes:
        if outcome.at > glimpsed.as_of:
            yield outcome.at.astimezone(dt.UTC)


def _read(case: NoticedCase) -> Case:
    return Case(due_on=case.due_on, opened_at=case.opened_at, invoices=case.invoices)


def _write(case: Case, currency: str, *, is_closed: bool) -> NoticedCase:
    return NoticedCase(
        currency=currency,
        due_on=case.due_on,
        opened_at=case.opened_at,
        invoices=case.invoices,
        is_closed=is_closed,
    )
