"""The facts that invoices yield on a day (language.md 3.6)."""

import datetime as dt
from collections.abc import Callable, Sequence

from engine.model.account import Invoice
from engine.model.money import Debt


class OpenInvoices:
    """What is open and not disputed, by due date, then id, each with what credits leave; the oldest names the episode.

    ``credits_used`` are the ids of the credits of which a part was set against it, in the order of the credits.
    """

    def __init__(self, invoices: Sequence[Invoice], *, credits_used: tuple[str, ...] = ()) -> None:
        self.all = invoices
        self.credits_used = credits_used
        self.oldest_due_on: dt.date | None = invoices[0].due_on if invoices else None

    def overdue(self, day: dt.date) -> list[Invoice]:
        """Return the invoices that are overdue, by due date, then id."""
        return [invoice for invoice in self.all if invoice.due_on < day]

    def claimed(self, day: dt.date) -> Sequence[Invoice]:
        """Return the invoices that a claim names: the overdue ones or, where none is overdue, the open ones."""
        return self.overdue(day) or self.all

    def value(self, fact: str, day: dt.date) -> int | None:
        """Return a fact's value on a day, None for missing."""
        return _FACTS[fact](self, day)

    def basis(self, fact: str, day: dt.date) -> int | None:
        """Return a fact's value with dunning costs left out, as every fee is reckoned."""
        return OpenInvoices([invoice for invoice in self.all if not invoice.is_cost]).value(fact, day)

    def debts(self, day: dt.date) -> list[Debt]:
        """Return what is overdue, for interest."""
        return [Debt(invoice=i.id, due_on=i.due_on, amount=i.open, payments=i.payments) for i in self.overdue(day)]

    def days_overdue(self, day: dt.date) -> int | None:
        """Count the days since the earliest due date; negative before it."""
        return (day - self.oldest_due_on).days if self.oldest_due_on is not None else None

    def invoice_age_days(self, day: dt.date) -> int | None:
        """Count the days since the earliest issue date; None if an open invoice lacks one."""
        issued = [invoice.issued_on for invoice in self.all if invoice.issued_on is not None]
        return (day - min(issued)).days if self.all and len(issued) == len(self.all) else None

    def original_balance(self, _day: dt.date) -> int | None:
        """Add the original amounts; None if an open invoice lacks one."""
        amounts = [invoice.amount for invoice in self.all if invoice.amount is not None]
        return sum(amounts) if len(amounts) == len(self.all) else None

    def last_invoice(self, _day: dt.date) -> int | None:
        """Return the open amount of the invoice issued last, the greater id of two on one day."""
        latest = max(self.all, key=lambda i: (i.issued_on or dt.date.min, i.id), default=None)
        return latest.open if latest is not None else None


_FACTS: dict[str, Callable[[OpenInvoices, dt.date], int | None]] = {
    "days_overdue": OpenInvoices.days_overdue,
    "invoice_age_days": OpenInvoices.invoice_age_days,
    "open_balance": lambda open_, _day: sum(invoice.open for invoice in open_.all),
    "overdue_balance": lambda open_, day: sum(invoice.open for invoice in open_.overdue(day)),
    "original_balance": OpenInvoices.original_balance,
    "open_invoices": lambda open_, _day: len(open_.all),
    "overdue_invoices": lambda open_, day: len(open_.overdue(day)),
    "largest_invoice": lambda open_, _day: max((invoice.open for invoice in open_.all), default=None),
    "last_invoice": OpenInvoices.last_invoice,
}
