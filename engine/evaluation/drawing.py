"""The facts that are drawn from outcomes: an account with the promises and disputes that are recorded of it."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from engine.coordinates.terms import Terms
from engine.evaluation.outcomes import Document, read_outcomes
from engine.evaluation.owed import owed_for
from engine.evaluation.promises import count_broken, judge_on, open_promise, promises_of
from engine.loading.grammar.account import CALLS
from engine.model.account import Account, AccountInvalid, Drawn, Problem
from engine.model.calls import CALL_TYPES, count_calls
from engine.model.outcome import DISPUTED, PROMISE, PROMISE_FACTS, SETTLED, WRITTEN_OFF, Outcome, Promise
from engine.model.vocabulary import Value


def draw(account: Account, documents: Sequence[Document], terms: Terms, *, as_of: dt.datetime) -> Account:
    """Return an account as its outcomes make it: what was promised, and what is disputed, at an instant.

    A promise that is open then is told on the day after its tolerance. Raises AccountInvalid.
    """
    outcomes = read_outcomes(documents, currency=account.currency, zone=account.zone)
    _refuse_beside(account, outcomes)
    local = as_of.astimezone(account.zone)
    _refuse_calls_beside(account, outcomes)
    known = [each for each in fill_in(outcomes, account, terms) if each.is_known_at(as_of)]
    promises = promises_of(known, local, tolerance_days=terms.ruleset.tolerance_days)
    disputes = list_open_disputes(known)
    always: dict[str, Value] = {"disputed": True} if any(each.invoice is None for each in disputes) else {}
    has_promises = any(each.type == PROMISE for each in outcomes)
    today = local.date()
    tellings = {each.judged_on for each in promises if each.state == "open"}
    facts_on = account.facts_on or today
    drawn = tuple(
        Drawn(from_on=day, facts=always | (_facts_of(judge_on(promises, day), facts_on) if has_promises else {}))
        for day in (dt.date.min, *sorted(tellings))
    )
    turns = tuple(sorted({*account.turns, *tellings}))
    calls = account.calls
    if terms.waits_for_best_hour:
        calls += count_calls((each.type, each.at.astimezone(account.zone).hour) for each in known)
    return replace(_mark_disputed(account, disputes), drawn=drawn, turns=turns, calls=calls)


def fill_in(
    outcomes: Iterable[Outcome],
    account: Account,
    terms: Terms,
    *,
    on: dt.date | None = None,
    beside: Iterable[Outcome] = (),
) -> tuple[Outcome, ...]:
    """Return outcomes each with its amount, where one is left out what the account owes on a day, else on its own.

    What is disputed is said by them and by those ``beside`` them.

    Raises AccountInvalid where nothing is open that it could be about.
    """
    recorded, filled = tuple(outcomes), []
    every = (*beside, *recorded)
    for place, outcome in enumerate(recorded):
        if outcome.amount is None and outcome.type in {PROMISE, WRITTEN_OFF}:
            amount = owed_for(outcome, dispute(account, every, outcome.at), terms, on or outcome.day)
            if not amount:
                raise AccountInvalid((_nothing_owed(outcome, f"/outcomes/{place}"),))
            filled.append(replace(outcome, amount=amount))
        else:
            filled.append(outcome)
    return tuple(filled)


def _nothing_owed(outcome: Outcome, pointer: str) -> Problem:
    """Say that an amount cannot be left out."""
    what = f"invoice {outcome.invoice}" if outcome.invoice is not None else "the account"
    return Problem(
        pointer=f"{pointer}/amount", message=f"amount is needed: nothing of {what} is open that it could be about"
    )


def dispute(account: Account, outcomes: Iterable[Outcome], at: dt.datetime) -> Account:
    """Return an account whose invoices are disputed as its outcomes say at an instant."""
    return _mark_disputed(account, list_open_disputes(each for each in outcomes if each.at <= at))


def list_open_disputes(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Return the disputes that were opened and not closed, of outcomes that have all happened."""
    return _settle(outcomes)[0]


def find_dispute_ends(outcomes: Iterable[Outcome]) -> dict[str | None, dt.datetime]:
    """Return when the last dispute of each invoice, and of None, the account, ended, of outcomes that have happened."""
    return _settle(outcomes)[1]


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute that was opened, of an invoice or the account, and when it was closed; None while it is open."""

    opened: Outcome
    closed_at: dt.datetime | None


def list_disputes(outcomes: Iterable[Outcome]) -> tuple[Dispute, ...]:
    """List the disputes in the order in which they were opened, of outcomes that have happened."""
    found: list[Dispute] = []
    for outcome in sorted(outcomes, key=lambda each: each.at):
        if outcome.type == DISPUTED:
            found.append(Dispute(opened=outcome, closed_at=None))
        elif outcome.type == SETTLED:
            found = [_close(each, outcome) for each in found]
    return tuple(found)


def _close(dispute: Dispute, outcome: Outcome) -> Dispute:
    is_meant = dispute.closed_at is None and _closes(outcome, dispute.opened)
    return replace(dispute, closed_at=outcome.at) if is_meant else dispute


def _settle(outcomes: Iterable[Outcome]) -> tuple[tuple[Outcome, ...], dict[str | None, dt.datetime]]:
    found: list[Outcome] = []
    ends: dict[str | None, dt.datetime] = {}
    for outcome in sorted(outcomes, key=lambda each: each.at):
        if outcome.type == DISPUTED:
            found.append(outcome)
        elif outcome.type == SETTLED:
            ends |= {each.invoice: outcome.at for each in found if _closes(outcome, each)}
            found = [each for each in found if not _closes(outcome, each)]
    return tuple(found), ends


def _closes(outcome: Outcome, dispute: Outcome) -> bool:
    if outcome.dispute is not None:
        return outcome.dispute == dispute.id
    return outcome.invoice in {None, dispute.invoice}


def _facts_of(promises: Sequence[Promise], facts_on: dt.date) -> dict[str, Value]:
    """Return the facts of promises as they are on the day on which an account's moving facts hold."""
    facts: dict[str, Value] = {"broken_promises": count_broken(promises)}
    if (promise := open_promise(promises)) is not None:
        facts["promise_to_pay_in_days"] = (promise.by - facts_on).days
    return facts


def _refuse_beside(account: Account, outcomes: Iterable[Outcome]) -> None:
    beside = sorted(PROMISE_FACTS & account.given.keys())
    if beside and any(each.type == PROMISE for each in outcomes):
        message = "{} is worked out from promises; give one or the other"
        raise AccountInvalid(tuple(Problem(pointer=f"/account/{n}", fact=n, message=message.format(n)) for n in beside))


def _refuse_calls_beside(account: Account, outcomes: Iterable[Outcome]) -> None:
    if any(each.of == "account" for each in account.calls) and any(each.type in CALL_TYPES for each in outcomes):
        message = f"{CALLS} of the account are worked out from its outcomes; give one or the other"
        raise AccountInvalid((Problem(pointer=f"/account/{CALLS}", message=message),))


def _mark_disputed(account: Account, disputes: Iterable[Outcome]) -> Account:
    named = {each.invoice for each in disputes if each.invoice is not None}
    if account.invoices is None or not named:
        return account
    invoices = (replace(each, disputed=True) if each.id in named else each for each in account.invoices)
    return replace(account, invoices=tuple(invoices))
