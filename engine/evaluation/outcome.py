"""What a decided action carries: channel, money, the view it happens, the deadline, and the claim."""

import datetime as dt
from collections.abc import Callable

import msgspec
from msgspec import UNSET, UnsetType

from engine.coordinates.invoices import OpenInvoices
from engine.evaluation.besthour import BestHours
from engine.evaluation.choosing import channel_of, interest_of, stopped_actions
from engine.evaluation.fees import covered_invoices, is_covered, sum_charges, work_out_fee
from engine.evaluation.program import Choice
from engine.evaluation.schedule import first_moment, pay_by
from engine.evaluation.view import View
from engine.evaluation.wording import money
from engine.model.account import AccountInvalid, Problem
from engine.model.calendar import hours_of
from engine.model.decision import Claim, NextAction, WorkedMoney
from engine.model.money import InterestUnknown, Worked, format_amount
from engine.model.ruleset import Action, BestTime
from engine.model.vocabulary import ACTIONS, ANNOUNCED_BEFORE


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """The actions of a decision with what they claim; ``fee`` and ``interest`` in minor units, None where none."""

    action: NextAction
    along_with: tuple[NextAction, ...]
    fee: int | None
    interest: int | None
    warnings: tuple[str, ...]


def carry_out(view: View, action: Action, choice: Choice) -> Carried:
    """Return an action and those along with it, ready to be answered.

    Raises AccountInvalid where a fee's basis is missing.
    """
    builder = _Builder(view)
    main = builder.build(action)
    stopped = stopped_actions(view, choice)
    along = []
    for other in action.along_with:
        if other.type in stopped:
            builder.warnings.append(f"{other.type} was left out: a block stops it")
        elif ACTIONS[other.type].is_contact and channel_of(view, other) is None:
            builder.warnings.append(f"{other.type} was left out: no channel is open")
        else:
            along.append(builder.build(other))
    return Carried(
        action=main,
        along_with=tuple(along),
        fee=builder.fee,
        interest=builder.interest,
        warnings=tuple(builder.warnings),
    )


def claim_of(view: View, fee: int | None, interest: int | None) -> Claim:
    """Return what is owed at a view (language.md 6.7)."""
    currency = view.standing.account.currency
    open_invoices = view.standing.open
    if open_invoices is not None:
        claimed = open_invoices.claimed(view.day)
        amount = sum(invoice.open for invoice in claimed)
        ids = tuple(invoice.id for invoice in claimed)
        used = open_invoices.credits_used
    else:
        given = (view.fact(name) for name in ("overdue_balance", "open_balance"))
        amount, ids, used = next((value for value in given if isinstance(value, int) and value), 0), (), ()
    return Claim(
        invoices=ids,
        credits=used or UNSET,
        amount=money(amount, currency),
        fee=money(fee, currency) if fee is not None else UNSET,
        interest=money(interest, currency) if interest is not None else UNSET,
        total=money(amount + (fee or 0) + (interest or 0), currency),
    )


class _Builder:
    def __init__(self, view: View) -> None:
        self._view = view
        self._currency = view.standing.account.currency
        self.warnings: list[str] = []
        self.fee: int | None = None
        self.interest: int | None = None

    def build(self, action: Action) -> NextAction:
        view, kind = self._view, ACTIONS[action.type]
        channel = channel_of(view, action)
        best = self._best_hours(channel) if isinstance(action.schedule.time, BestTime) else None
        scheduled = first_moment(
            view.program.ruleset.calendar,
            view.standing.account.zone,
            view.standing.as_of,
            action.schedule,
            channel=channel,
            is_contact=kind.is_contact,
            is_retry=action.type == "retry_payment",
            best=best,
        )
        found: dict[str, object] = dict(action.parameters)
        if kind.is_contact and "language" not in found:
            found["language"] = self._language()
        return NextAction(
            type=action.type,
            channel=channel if channel is not None else UNSET,
            fee=self._charge(action.fee),
            announced_fee=self._announce(action.announce_fee),
            interest=self._claim_interest(action.interest),
            pay_by=self._deadline(action, scheduled, channel),
            scheduled_for=scheduled,
            best_hour=UNSET if best is None else best.say_of(scheduled.date()) or UNSET,
            approval="required" if action.approval_required else "not_required",
            **found,  # type: ignore[arg-type]  # parameters are typed by the vocabulary
        )

    def _best_hours(self, channel: str | None) -> BestHours:
        """Return the windows that a call may wait for."""
        calendar, account = self._view.program.ruleset.calendar, self._view.standing.account
        hours = None if calendar is None else hours_of(calendar, channel)
        return BestHours(account.id, account.calls, hours)

    def _language(self) -> str | UnsetType:
        language = self._view.fact("language")
        return language if isinstance(language, str) else UNSET

    def _deadline(self, action: Action, scheduled: dt.datetime, channel: str | None) -> dt.date | UnsetType:
        if action.pay_within_days is None:
            return UNSET
        return pay_by(self._view.program.ruleset.calendar, scheduled.date(), channel, action.pay_within_days)

    def _charge(self, name: str | None) -> WorkedMoney | UnsetType:
        if name is None:
            return UNSET
        real, worked = self._announced_before() if name == ANNOUNCED_BEFORE else (name, self._fee(name))
        self.fee = (self.fee or 0) + worked.amount
        return self._write(real, worked)

    def _announce(self, name: str | None) -> WorkedMoney | UnsetType:
        return UNSET if name is None else self._write(name, self._fee(name))

    def _claim_interest(self, name: str | None) -> WorkedMoney | UnsetType:
        if name is None:
            return UNSET
        worked = interest_of(self._view, name)
        if isinstance(worked, InterestUnknown):
            self.warnings.append(worked.reason)
            return UNSET
        self.interest = (self.interest or 0) + worked.amount
        return self._write(name, worked)

    def _announced_before(self) -> tuple[str, Worked]:
        """Return the smaller of what was announced and what the fee comes to now (language.md 6.2)."""
        announced = self._view.snapshot.executed.announced
        if announced is None:
            return ANNOUNCED_BEFORE, Worked(amount=0, formula="nothing was announced")
        said = f"{format_amount(announced.amount, self._currency)} as announced"
        before = Worked(amount=announced.amount, formula=said)
        if announced.name not in self._view.program.edition.fees:
            return announced.name, before
        now = self._fee(announced.name)
        if now.amount < announced.amount:
            return announced.name, Worked(amount=now.amount, basis=now.basis, formula=f"{now.formula}; {said} was more")
        return announced.name, before

    def _fee(self, name: str) -> Worked:
        view = self._view
        fee = view.program.edition.fees[name]
        executed, standing = view.snapshot.executed, view.standing
        overdue = standing.open.overdue(view.day) if standing.open is not None else []
        overdue = [invoice for invoice in overdue if not invoice.is_cost]
        ids = [invoice.id for invoice in overdue]
        recent = executed.charges
        charges = (*executed.older_charges, *recent) if fee.once_per == "six_months" else recent
        if is_covered(fee, charges, overdue=ids, on=view.day):
            self.warnings.append(
                f"the fee {name} was already charged: once per {(fee.once_per or '').replace('_', ' ')}"
            )
            return Worked(amount=0, formula=f"already charged, once per {(fee.once_per or '').replace('_', ' ')}")
        charged = sum_charges(recent)
        if fee.each_invoice and standing.open is not None:
            done = covered_invoices(fee, recent, overdue=ids) if fee.once_per == "invoice" else frozenset()
            parts = {i.id: self._basis(fee.basis, OpenInvoices([i]).basis) for i in overdue if i.id not in done}
            return work_out_fee(fee, self._currency, invoices=parts, charged=charged)
        basis = self._basis(fee.basis, standing.open.basis if standing.open is not None else None)
        return work_out_fee(fee, self._currency, basis=basis, charged=charged)

    def _basis(self, name: str | None, from_invoices: Callable[[str, dt.date], int | None] | None) -> int:
        if name is None:
            return 0
        fact = self._view.program.edition.facts[name]
        if from_invoices is not None and fact.source == "invoices":
            value = from_invoices(name, self._view.day)
        else:
            given = self._view.fact(name)
            value = given if isinstance(given, int) else None
        if value is None and name in {"largest_invoice", "last_invoice"}:
            value = 0 if from_invoices is not None else None
        if value is None:
            message = f"{name} is the basis of a fee of the rule that wins, and is missing"
            raise AccountInvalid((Problem(pointer=f"/account/{name}", message=message, fact=name),))
        return value

    def _write(self, name: str, worked: Worked) -> WorkedMoney:
        return WorkedMoney(
            name=name,
            amount=format_amount(worked.amount, self._currency),
            currency=self._currency,
            basis=format_amount(worked.basis, self._currency) if worked.basis is not None else UNSET,
            formula=worked.formula,
        )
