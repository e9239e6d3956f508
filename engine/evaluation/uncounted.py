"""Which invoices do not count today, or not with all that is open of them, and why (language.md 3.10 to 3.12)."""

from collections.abc import Iterator, Sequence

import msgspec

from engine.coordinates.credits import list_begun, list_owed
from engine.evaluation.view import View
from engine.model.account import Invoice
from engine.model.decision import UncountedInvoice
from engine.model.money import format_amount
from engine.words.phrases import join


class _Cover(msgspec.Struct, frozen=True, kw_only=True):
    """So much of a credit set against an invoice, both by id."""

    invoice: str
    credit: str
    amount: int


def list_uncounted(view: View) -> Iterator[UncountedInvoice]:
    """Yield the invoices, then the credits, each by due date and id; what is disputed without an end is passed over."""
    account, day = view.standing.account, view.day
    invoices = account.invoices or ()
    begun = list_begun(account.credits, day)
    covers = [*_set_against(list_owed(invoices, day), begun)]
    for invoice in invoices:
        if invoice.open and not invoice.disputed:
            reasons = tuple(_reasons(view, invoice, [cover for cover in covers if cover.invoice == invoice.id]))
            if reasons:
                yield UncountedInvoice(invoice=invoice.id, reason="; ".join(reasons))
    for credit in account.credits:
        left = -credit.open - sum(cover.amount for cover in covers if cover.credit == credit.id)
        if credit not in begun:
            yield UncountedInvoice(invoice=credit.id, reason=f"a credit that counts from {credit.issued_on}")
        elif left:
            rest, whole = (format_amount(amount, account.currency) for amount in (left, -credit.open))
            yield UncountedInvoice(invoice=credit.id, reason=f"{rest} of the credit of {whole} is left and not needed")


def _set_against(owed: Sequence[Invoice], credits_: Sequence[Invoice]) -> Iterator[_Cover]:
    """Yield which part of which credit covers what, both taken in order."""
    rests = [invoice.open for invoice in owed]
    place = 0
    for credit in credits_:
        left = -credit.open
        while left and place < len(owed):
            part = min(rests[place], left)
            yield _Cover(invoice=owed[place].id, credit=credit.id, amount=part)
            rests[place], left = rests[place] - part, left - part
            place += rests[place] == 0


def _reasons(view: View, invoice: Invoice, covers: Sequence[_Cover]) -> Iterator[str]:
    currency, least = view.standing.account.currency, view.program.edition.ignore_below
    if invoice.held_until is not None and invoice.held_until > view.day:
        yield f"held until {invoice.held_until}"
        return
    rest = invoice.open - sum(cover.amount for cover in covers)
    if covers:
        parts = (f"{cover.credit} covers {format_amount(cover.amount, currency)}" for cover in covers)
        yield f"of {format_amount(invoice.open, currency)}, {join(parts)}"
    if 0 < rest < least:
        yield f"{format_amount(rest, currency)} is left, and less than {format_amount(least, currency)} is ignored"
