"""What an outcome without an amount is about: what the account owed when it was recorded."""

import datetime as dt

import msgspec

from engine.coordinates.credits import open_on
from engine.coordinates.terms import Terms
from engine.model.account import Account, Invoice
from engine.model.outcome import PROMISE, Outcome

BALANCES = ("overdue_balance", "open_balance")
"""The facts that say what is owed where an account carries no invoices."""


def owed_for(outcome: Outcome, account: Account, terms: Terms, day: dt.date) -> int:
    """Return, in minor units, what an outcome is about that names no amount; 0 where nothing is open.

    A promise is about all that is overdue and undisputed on a day, else all that is open; money written off is all
    that is open, disputed or not. One that names an invoice is about that one.
    """
    if account.invoices is None:
        return _owed_as_given(account)
    if outcome.type != PROMISE:
        account = msgspec.structs.replace(account, invoices=tuple(map(_undisputed, account.invoices)))
    found = open_on(account, day, ignore_below=terms.edition.ignore_below)
    meant = [each for each in (found.all if found is not None else ()) if outcome.invoice in {None, each.id}]
    overdue = [each for each in meant if each.due_on < day] if outcome.type == PROMISE else []
    return sum(each.open for each in overdue or meant)


def _owed_as_given(account: Account) -> int:
    for name in BALANCES:
        amount = account.given.get(name)
        if isinstance(amount, int) and amount > 0:
            return amount
    return 0


def _undisputed(invoice: Invoice) -> Invoice:
    return msgspec.structs.replace(invoice, disputed=False, held_until=None)
