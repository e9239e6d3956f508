"""What is open on a day, with holds, credits and small rests reckoned in (language.md 3.10 to 3.12)."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from engine.coordinates.invoices import OpenInvoices
from engine.model.account import Account, Invoice


def open_on(account: Account, day: dt.date, *, ignore_below: int) -> OpenInvoices | None:
    """Return the open undisputed invoices on a day, None where the account carries no invoices."""
    if account.invoices is None:
        return None
    owed = [i for i in account.invoices if i.open and not i.disputed and (i.held_until is None or i.held_until <= day)]
    if len(owed) > 1:
        owed.sort(key=by_due_date)
    used: tuple[str, ...] = ()
    if account.credits:
        usable = [credit for credit in account.credits if credit.issued_on is None or credit.issued_on <= day]
        owed, used = _set_against(owed, usable)
    if ignore_below:
        owed = [invoice for invoice in owed if invoice.open >= ignore_below]
    return OpenInvoices(owed, credits_used=used)


def by_due_date(invoice: Invoice) -> tuple[dt.date, str]:
    """Return what invoices and credits are ordered by."""
    return invoice.due_on, invoice.id


def _set_against(owed: Sequence[Invoice], credits_: Sequence[Invoice]) -> tuple[list[Invoice], tuple[str, ...]]:
    """Return what credits leave open, and the credits of which a part was used; both are taken in order."""
    left, used = [-credit.open for credit in credits_], 0
    still_open = []
    for invoice in owed:
        rest = invoice.open
        while rest and used < len(left):
            part = min(rest, left[used])
            rest, left[used] = rest - part, left[used] - part
            used += left[used] == 0
        if rest:
            still_open.append(invoice if rest == invoice.open else msgspec.structs.replace(invoice, open=rest))
    is_begun = used < len(left) and left[used] < -credits_[used].open
    return still_open, tuple(credit.id for credit in credits_[: used + is_begun])
