"""What is open on a day, with holds, credits and small rests reckoned in (language.md 3.10 to 3.12)."""

import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec

from engine.coordinates.invoices import Cover, OpenInvoices
from engine.model.account import Account, Invoice


def open_on(account: Account, day: dt.date, *, ignore_below: int) -> OpenInvoices | None:
    """Return the open undisputed invoices on a day, None where the account carries no invoices."""
    if account.invoices is None:
        return None
    owed = [i for i in account.invoices if i.open and not i.disputed and (i.held_until is None or i.held_until <= day)]
    if len(owed) > 1:
        owed.sort(key=by_due_date)
    covers: tuple[Cover, ...] = ()
    if account.credits:
        begun = [credit for credit in account.credits if has_begun(credit, day)]
        covers = tuple(_set_against(owed, begun))
        owed = _lower(owed, covers)
    if ignore_below:
        owed = [invoice for invoice in owed if invoice.open >= ignore_below]
    return OpenInvoices(owed, covers=covers)


def by_due_date(invoice: Invoice) -> tuple[dt.date, str]:
    """Return what invoices and credits are ordered by."""
    return invoice.due_on, invoice.id


def has_begun(credit: Invoice, day: dt.date) -> bool:
    """Tell whether a credit counts on a day."""
    return credit.issued_on is None or credit.issued_on <= day


def _set_against(owed: Sequence[Invoice], credits_: Sequence[Invoice]) -> Iterator[Cover]:
    """Yield which part of which credit covers what, both taken in order."""
    rests = [invoice.open for invoice in owed]
    place = 0
    for credit in credits_:
        left = -credit.open
        while left and place < len(owed):
            part = min(rests[place], left)
            yield Cover(invoice=owed[place].id, credit=credit.id, amount=part)
            rests[place], left = rests[place] - part, left - part
            place += rests[place] == 0


def _lower(owed: Sequence[Invoice], covers: Sequence[Cover]) -> list[Invoice]:
    """Return what is left open of each invoice of which something is."""
    covered: dict[str, int] = {}
    for cover in covers:
        covered[cover.invoice] = covered.get(cover.invoice, 0) + cover.amount
    rests = ((invoice, invoice.open - covered.get(invoice.id, 0)) for invoice in owed)
    return [msgspec.structs.replace(invoice, open=rest) for invoice, rest in rests if rest]
