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
    owed = list_owed(account.invoices, day)
    used: tuple[str, ...] = ()
    if account.credits:
        owed, used = _set_against(owed, list_begun(account.credits, day))
    if ignore_below:
        owed = [invoice for invoice in owed if invoice.open >= ignore_below]
    return OpenInvoices(owed, credits_used=used)


def list_owed(invoices: Sequence[Invoice], day: dt.date) -> list[Invoice]:
    """Return the invoices of which something is unpaid and which nobody disputes or holds on a day."""
    return [i for i in invoices if i.open and not i.disputed and (i.held_until is None or i.held_until <= day)]


def list_begun(credits_: Sequence[Invoice], day: dt.date) -> list[Invoice]:
    """Return the credits that count on a day."""
    return [credit for credit in credits_ if credit.issued_on is None or credit.issued_on <= day]


def _set_against(owed: Sequence[Invoice], credits_: Sequence[Invoice]) -> tuple[list[Invoice], tuple[str, ...]]:
    """Return what credits leave open, and the ids of those of which a part was used.

    Both are taken in order, so what is left hangs on their sums alone.
    """
    left = given = -sum(credit.open for credit in credits_)
    still_open: list[Invoice] = []
    for place, invoice in enumerate(owed):
        if left < invoice.open:
            still_open = [msgspec.structs.replace(invoice, open=invoice.open - left), *owed[place + 1 :]]
            left = 0
            break
        left -= invoice.open
    used: list[str] = []
    wanted = given - left
    for credit in credits_:
        if wanted <= 0:
            break
        used.append(credit.id)
        wanted += credit.open
    return still_open, tuple(used)
