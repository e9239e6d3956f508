"""Which invoices do not count today, or not with all that is open of them, and why (language.md 3.10 to 3.12)."""

from collections.abc import Iterator, Sequence

from engine.coordinates.credits import by_due_date, has_begun
from engine.coordinates.invoices import Cover
from engine.evaluation.view import View
from engine.model.account import Invoice
from engine.model.decision import UncountedInvoice
from engine.model.money import format_amount
from engine.words.phrases import join


def list_uncounted(view: View) -> Iterator[UncountedInvoice]:
    """Yield the invoices, then the credits, each by due date and id; what is disputed without an end is passed over."""
    account, open_ = view.standing.account, view.standing.open
    if open_ is None:
        return
    for invoice in sorted(account.invoices or (), key=by_due_date):
        if invoice.open and not invoice.disputed:
            covers = [cover for cover in open_.covers if cover.invoice == invoice.id]
            reasons = tuple(_reasons(view, invoice, covers))
            if reasons:
                yield UncountedInvoice(invoice=invoice.id, reason="; ".join(reasons))
    for credit in account.credits:
        used = sum(cover.amount for cover in open_.covers if cover.credit == credit.id)
        if not has_begun(credit, view.day):
            yield UncountedInvoice(invoice=credit.id, reason=f"a credit that counts from {credit.issued_on}")
        elif used < -credit.open:
            left, whole = (format_amount(amount, account.currency) for amount in (-credit.open - used, -credit.open))
            yield UncountedInvoice(invoice=credit.id, reason=f"{left} of the credit of {whole} is left and not needed")


def _reasons(view: View, invoice: Invoice, covers: Sequence[Cover]) -> Iterator[str]:
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
