"""The invoices of an account, and what of them is open on a day (language.md 3.1, 3.10 to 3.13)."""

import datetime as dt
from typing import Any

import msgspec

from tests.oracle.clock import to_date
from tests.oracle.values import exponent, scale


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A part payment: the sum is lower from the day after `on`."""

    on: dt.date
    amount: int


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice; one with `open` below 0 is a credit, of which the rest is not read."""

    id: str
    due_on: dt.date
    open: int
    issued_on: dt.date | None
    amount: int | None = None
    is_fee: bool = False
    disputed: bool = False
    held_until: dt.date | None = None
    payments: tuple[Payment, ...] = ()

    def is_disputed(self, today: dt.date) -> bool:
        """Whether it counts as disputed on that day (3.11)."""
        return self.disputed or (self.held_until is not None and today < self.held_until)

    def is_credit(self, today: dt.date) -> bool:
        """Whether it is a credit that may be used on that day (3.10)."""
        return self.open < 0 and (self.issued_on is None or self.issued_on <= today)


class OpenItems(msgspec.Struct, frozen=True, kw_only=True):
    """What is open and undisputed on a day, by due date, then id, and the credits used for it."""

    invoices: tuple[Invoice, ...]
    credits: tuple[str, ...]


def read_invoices(account: dict[str, Any]) -> list[Invoice]:
    """All invoices and credits, by due date, then id."""
    places = exponent(account["currency"])
    found = [_read_invoice(node, places) for node in account.get("invoices") or []]
    return sorted(found, key=lambda item: (item.due_on, item.id))


def _read_invoice(node: dict[str, Any], places: int) -> Invoice:
    open_amount = scale(node["open"], places)
    invoice = Invoice(
        id=node["id"],
        due_on=to_date(node["due_on"]),
        open=open_amount,
        issued_on=to_date(node["issued_on"]) if node.get("issued_on") is not None else None,
    )
    if open_amount < 0:
        return invoice
    return msgspec.structs.replace(
        invoice,
        amount=scale(node["amount"], places) if node.get("amount") is not None else None,
        is_fee=node.get("kind") == "fee",
        disputed=bool(node.get("disputed", False)),
        held_until=to_date(node["held_until"]) if node.get("held_until") is not None else None,
        payments=tuple(
            Payment(on=to_date(part["on"]), amount=scale(part["amount"], places)) for part in node.get("payments") or []
        ),
    )


def open_on(invoices: list[Invoice], today: dt.date, ignore_below: int) -> OpenItems:
    """Set the credits against the open undisputed invoices, then pass over small rests (3.10, 3.12)."""
    rests = {item.id: item.open for item in invoices if item.open > 0 and not item.is_disputed(today)}
    used: list[str] = []
    for credit in invoices:
        if not credit.is_credit(today):
            continue
        left = -credit.open
        for item_id, rest in rests.items():
            taken = min(left, rest)
            rests[item_id] = rest - taken
            left -= taken
        if left < -credit.open:
            used.append(credit.id)
    return OpenItems(
        invoices=tuple(
            msgspec.structs.replace(item, open=rests[item.id])
            for item in invoices
            if rests.get(item.id, 0) > 0 and not rests[item.id] < ignore_below
        ),
        credits=tuple(used),
    )


def overdue(invoices: tuple[Invoice, ...], today: dt.date) -> list[Invoice]:
    """Those whose due date has passed."""
    return [item for item in invoices if item.due_on < today]
