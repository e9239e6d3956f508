"""What is noticed of a stored account beside what is to be done: broken promises, cases that open and close."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from api.deciding import Question
from api.recording import glimpse_covered
from api.service import Service
from engine.evaluation.debts import Glimpsed
from engine.evaluation.decide import Answered
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
    answered: Answered | None = None,
) -> tuple[Noticed, dt.datetime | None]:
    """Return what is to be told of an account with the cases known of it, and when to look again if nothing changes.

    `answered` is what was decided of it at that instant, if it could be. Of an account that cannot be read nothing is
    noticed.
    """
    try:
        glimpsed = _glimpse(service, question, now, answered)
        if glimpsed is None:
            return NOTHING_NOTICED, None
        account = glimpsed.account
        outcomes = read_outcomes(question.outcomes, currency=account.currency, zone=account.zone)
    except AccountInvalid:
        return NOTHING_NOTICED, None
    before = [each for each in known if each.currency == account.currency]
    fresh: Sequence[Case] = ()
    if question.account.get("disputed") is not True:
        days = {each.due_on for each in before}
        fresh = find_overdue(account, glimpsed.terms, outcomes, glimpsed.as_of, known=days)
    opened, turned = _follow(glimpsed, outcomes, before, fresh)
    promises = promises_of(outcomes, glimpsed.as_of, tolerance_days=glimpsed.terms.ruleset.tolerance_days)
    broken = tuple(each.id for each in promises if each.state == "broken")
    moments = _find_moments(glimpsed, outcomes, promises)
    return Noticed(broken=broken, opened=opened, turned=turned), min(moments, default=None)


def _glimpse(service: Service, question: Question, now: dt.datetime, answered: Answered | None) -> Glimpsed | None:
    """Return what an account owes: as it was read for the decision where nothing is drawn from outcomes, else anew."""
    standing = None if answered is None else answered.standing
    if standing is not None and not question.outcomes and standing.as_of == now:
        return Glimpsed(account=standing.account, terms=standing.terms, as_of=standing.as_of)
    ruleset = None if answered is None else answered.decision.ruleset
    return glimpse_covered(service, question.account, now, covering=None if ruleset is None else ruleset.id)


def _follow(
    glimpsed: Glimpsed, outcomes: Sequence[Outcome], before: Sequence[NoticedCase], fresh: Sequence[Case]
) -> tuple[tuple[NoticedCase, ...], tuple[NoticedCase, ...]]:
    """Return the cases that opened, and those known before that closed or opened again."""
    closed = find_closed((*map(_read, before), *fresh), outcomes, glimpsed.as_of)
    currency = glimpsed.account.currency
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
