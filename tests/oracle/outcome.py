"""The decision in words and amounts: schedule, deadline, money, claim (language.md 6.3 to 7)."""

import datetime as dt
from typing import Any, Protocol

from tests.oracle.account import Subject
from tests.oracle.calendars import first_moment, pay_by
from tests.oracle.decide import Verdict
from tests.oracle.invoices import Invoice, overdue
from tests.oracle.money import Fee, covers_until, fee_on, interest_on
from tests.oracle.past import Past
from tests.oracle.ruleset import Action, Ruleset
from tests.oracle.values import OracleInputError, money


class Asked(Protocol):
    """What of a question is needed here."""

    ruleset: Ruleset
    zone: dt.tzinfo
    as_of: dt.datetime
    today: dt.date
    subject: Subject

    @property
    def past(self) -> Past:
        """What was executed, as it counts today."""


def describe(ask: Asked | None, verdict: Verdict) -> dict[str, Any]:
    """The whole decision of a verdict; absent parts are None or empty."""
    decision: dict[str, Any] = {
        "outcome": verdict.outcome,
        "rule": verdict.rule.id if verdict.rule else None,
        "level": verdict.rule.level if verdict.rule else None,
        "action": None,
        "along_with": [{"type": kind, "channel": channel} for kind, channel in verdict.along_with],
        "block": {"id": verdict.block[0], "reason": verdict.block[1]} if verdict.block else None,
        "upcoming": None,
        "review_on": None,
        "variants": dict(verdict.variants),
        "episode": None,
        "claim": None,
        "sent_before": None,
        "announced_name": None,
    }
    if ask is None:
        return decision
    fee = announced_fee = interest = None
    if verdict.action is not None:
        fee = charged_fee(ask, verdict.action.fee)
        announced_fee = charged_fee(ask, verdict.action.announce_fee)
        interest = interest_of(ask, verdict.action.interest)
        decision["action"] = _action(ask, verdict.action, verdict.channel, fee, announced_fee, interest)
    decision["claim"] = _claim(ask, fee, interest)
    decision["sent_before"] = ask.past.sent_before
    decision["episode"] = ask.subject.episode(ask.today)
    decision["announced_name"] = ask.past.last_announced.name if ask.past.last_announced else None
    return decision


def _action(
    ask: Asked, action: Action, channel: str | None, fee: int | None, announced_fee: int | None, interest: int | None
) -> dict[str, Any]:
    calendar, currency = ask.ruleset.calendar, ask.ruleset.currency
    scheduled_for = first_moment(
        calendar,
        ask.as_of,
        ask.zone,
        channel=channel if action.is_contact else None,
        day=action.day,
        time=action.time,
        retry=action.type == "retry_payment",
        best_for=ask.subject.account if action.is_best_hour else None,
    )
    last_day = None
    if action.pay_within_days is not None and scheduled_for is not None:
        last_day = pay_by(calendar, scheduled_for.date(), channel, action.pay_within_days).isoformat()
    return {
        "type": action.type,
        "channel": channel,
        "scheduled_for": scheduled_for.isoformat() if scheduled_for else None,
        "pay_by": last_day,
        "fee": None if fee is None else money(fee, currency),
        "announced_fee": None if announced_fee is None else money(announced_fee, currency),
        "interest": None if interest is None else money(interest, currency),
    }


def _claim(ask: Asked, fee: int | None, interest: int | None) -> dict[str, Any]:
    """The claim (6.7)."""
    currency = ask.ruleset.currency
    open_items = ask.subject.open_on(ask.today)
    invoices = overdue(open_items.invoices, ask.today) or open_items.invoices
    amount = sum(item.open for item in invoices)
    if "invoices" not in ask.subject.account:
        given = ask.subject.given
        amount = given.get("overdue_balance") or given.get("open_balance") or 0
    return {
        "invoices": [item.id for item in invoices],
        "amount": money(amount, currency),
        "fee": None if fee is None else money(fee, currency),
        "interest": None if interest is None else money(interest, currency),
        "total": money(amount + (fee or 0) + (interest or 0), currency),
        **({"credits": list(open_items.credits)} if open_items.credits else {}),
    }


def charged_fee(ask: Asked, name: str | None) -> int | None:
    """The fee of that name, or what was announced (6.2)."""
    if name is None:
        return None
    if name != "announced":
        return fee_now(ask, ask.ruleset.fees[name])
    announced = ask.past.last_announced
    if announced is None:
        return None
    if announced.name not in ask.ruleset.fees:
        return announced.amount
    return min(announced.amount, fee_now(ask, ask.ruleset.fees[announced.name]))


def fee_now(ask: Asked, fee: Fee) -> int:
    """The fee worked out now, `once_per` and `absorbs` included (7.1, 7.2)."""
    if _is_charged_already(ask, fee):
        return 0
    if fee.each_invoice:
        covered = _covered(ask, fee) if fee.once_per == "invoice" else set()
        amount = sum(fee_on(fee, _basis_of_one(ask, fee, item)) for item in _late(ask) if item.id not in covered)
    else:
        amount = fee_on(fee, ask.subject.basis(fee.basis, ask.today, ask.past) if fee.basis else None)
    absorbed = sum(
        entry.fee.amount
        for entry in ask.past.charges
        if entry.in_episode and entry.fee and entry.fee.name in fee.absorbs
    )
    return max(0, amount - absorbed)


def _late(ask: Asked) -> list[Invoice]:
    """The overdue invoices that are no dunning costs."""
    return [item for item in overdue(ask.subject.invoices_on(ask.today), ask.today) if not item.is_fee]


def _basis_of_one(ask: Asked, fee: Fee, invoice: Invoice) -> int | None:
    if fee.basis is None:
        return None
    if fee.basis == "original_balance":
        if invoice.amount is None:
            raise OracleInputError(fee.basis)
        return invoice.amount
    if fee.basis in ("open_balance", "overdue_balance", "largest_invoice", "last_invoice"):
        return invoice.open
    return ask.subject.basis(fee.basis, ask.today, ask.past)


def _is_charged_already(ask: Asked, fee: Fee) -> bool:
    """Whether `once_per` makes the fee 0 (7.2)."""
    before = [entry for entry in ask.past.old_charges if entry.fee and entry.fee.name == fee.name]
    if fee.once_per == "six_months":
        return any(ask.today <= covers_until(entry.on) for entry in before)
    charges = [entry for entry in ask.past.charges if entry.fee and entry.fee.name == fee.name]
    if fee.once_per == "episode":
        return any(entry.in_episode for entry in charges)
    if fee.once_per == "invoice":
        present = {item.id for item in _late(ask)}
        return bool(present) and present <= _covered(ask, fee)
    return False


def _covered(ask: Asked, fee: Fee) -> set[str]:
    """The invoices for which the fee was charged already."""
    covered: set[str] = set()
    for entry in ask.past.charges:
        if entry.fee is None or entry.fee.name != fee.name:
            continue
        if entry.invoices is not None:
            covered |= set(entry.invoices)
        elif entry.in_episode:
            covered |= {item.id for item in _late(ask)}
    return covered


def interest_of(ask: Asked, name: str | None) -> int | None:
    """The interest of each overdue undisputed invoice, each rounded, added (7.3)."""
    if name is None:
        return None
    interest = ask.ruleset.interests[name]
    return sum(
        interest_on(interest, item.open, item.due_on, ask.today, item.payments)
        for item in overdue(ask.subject.invoices_on(ask.today), ask.today)
    )
