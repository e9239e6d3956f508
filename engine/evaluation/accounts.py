"""A caller's account document as a typed Account, or every problem in it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.reading import LONGEST_ID, Reading, read_day
from engine.evaluation.values import Unreadable, kind_of, make_amount_reader, make_reader
from engine.model.account import Account, Invoice
from engine.model.businessdays import is_reckoned
from engine.model.ruleset import Edition
from engine.model.vocabulary import LARGEST_INTEGER, Value

HEADER = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})
_NO_NAMES: frozenset[str] = frozenset()
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice as it stands in a document; its amounts are read by the currency."""

    id: Name
    due_on: dt.date
    open: object
    issued_on: dt.date | None = None
    amount: object = None
    disputed: bool = False
    kind: Name | None = None


_INVOICE_KEYS = frozenset(InvoiceLine.__struct_fields__)


class AccountReader:
    """Reads the accounts of one edition; ``needed`` are the facts that must be given."""

    def __init__(self, edition: Edition, needed: frozenset[str]) -> None:
        self._edition = edition
        self._needed = needed
        self._read_fact = {name: make_reader(fact, edition.currency) for name, fact in edition.facts.items()}
        self._read_open = make_amount_reader("open", edition.currency)
        self._read_amount = make_amount_reader("amount", edition.currency)
        self._from_invoices = frozenset(name for name, fact in edition.facts.items() if fact.source == "invoices")

    def read(self, document: Mapping[str, object], zone: ZoneInfo, *, known_elsewhere: frozenset[str]) -> Account:
        """Return the typed account; a fact that only another ruleset knows is passed over.

        Raises AccountInvalid with every problem found.
        """
        reading = Reading()
        identity = reading.text(document, "id", "/account")
        party = reading.text(document, "party", "/account", needed=False)
        facts_on = reading.day(document, "facts_on", "/account")
        invoices = self.read_invoices(document.get("invoices"), reading)
        given = self.read_facts(document, reading, known_elsewhere)
        if invoices is not None and not self._from_invoices.isdisjoint(given):
            for name in given:
                if name in self._from_invoices:
                    message = f"{name} is worked out from invoices; give one or the other"
                    reading.complain(f"/account/{name}", message, name)
        if not self._needed <= given.keys():
            for name in sorted(self._needed - given.keys()):
                message = f"{name} is needed by this ruleset and was not given"
                reading.complain(f"/account/{name}", message, name)
        reading.finish()
        return Account(
            id=identity or "",
            currency=self._edition.currency,
            zone=zone,
            party=party,
            facts_on=facts_on,
            invoices=invoices,
            given=given,
        )

    def read_facts(
        self, document: Mapping[str, object], reading: Reading, known_elsewhere: frozenset[str]
    ) -> dict[str, Value]:
        """Return the facts that a document gives."""
        given: dict[str, Value] = {}
        readers = self._read_fact
        for name, value in document.items():
            if value is None:
                continue
            read = readers.get(name)
            if read is None:
                if name not in HEADER and name not in known_elsewhere:
                    reading.complain(f"/account/{name}", f"{name} is no fact that this ruleset knows", name)
                continue
            try:
                given[name] = read(value)
            except Unreadable as problem:
                reading.complain(f"/account/{name}", str(problem), name)
        return given

    def read_invoices(self, value: object, reading: Reading) -> tuple[Invoice, ...] | None:
        """Return the invoices, None where the document has no such key."""
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            reading.complain("/account/invoices", f"invoices is a list, not {kind_of(value)}")
            return ()
        invoices = self._read_lines(value, reading)
        if sum(abs(invoice.open) + abs(invoice.amount or 0) for invoice in invoices) > LARGEST_INTEGER:
            message = "the invoices add up to more than ±2^53 of the currency's smallest unit"
            reading.complain("/account/invoices", message)
        if len(invoices) > 1 and len({invoice.id for invoice in invoices}) < len(invoices):
            seen: set[str] = set()
            for index, invoice in enumerate(invoices):
                if invoice.id in seen:
                    reading.complain(f"/account/invoices/{index}/id", f"invoice {invoice.id} is there twice")
                seen.add(invoice.id)
        return tuple(invoices)

    def _read_lines(self, documents: Sequence[object], reading: Reading) -> list[Invoice]:
        try:
            lines = msgspec.convert(documents, list[InvoiceLine])
            if all(map(_is_sound, lines)):
                return [self._make_invoice(line) for line in lines]
        except (msgspec.ValidationError, Unreadable):
            pass  # said below, for each line by itself
        pointers = (f"/account/invoices/{index}" for index in range(len(documents)))
        read = (self._examine_line(line, reading, at) for line, at in zip(documents, pointers, strict=True))
        return [invoice for invoice in read if invoice is not None]

    def _make_invoice(self, line: InvoiceLine) -> Invoice:
        return Invoice(
            id=line.id,
            due_on=line.due_on,
            open=self._read_open(line.open),
            issued_on=line.issued_on,
            amount=None if line.amount is None else self._read_amount(line.amount),
            disputed=line.disputed,
            is_cost=line.kind == "fee",
        )

    def _examine_line(self, value: object, reading: Reading, pointer: str) -> Invoice | None:
        """Return an invoice, or say all that is wrong with it."""
        if not isinstance(value, Mapping):
            reading.complain(pointer, f"an invoice is a mapping, not {kind_of(value)}")
            return None
        for key in value:
            if key not in _INVOICE_KEYS:
                known = ", ".join(sorted(_INVOICE_KEYS))
                reading.complain(f"{pointer}/{key}", f"{key} is no part of an invoice: {known}")
        identity = reading.text(value, "id", pointer)
        due_on = reading.day(value, "due_on", pointer, needed=True)
        issued_on = reading.day(value, "issued_on", pointer)
        unpaid = _examine_sum(value, "open", self._read_open, reading, pointer, needed=True)
        amount = _examine_sum(value, "amount", self._read_amount, reading, pointer)
        disputed = value.get("disputed", False)
        if not isinstance(disputed, bool):
            reading.complain(f"{pointer}/disputed", f"disputed is true or false, not {kind_of(disputed)}")
        kind = reading.text(value, "kind", pointer, needed=False)
        if identity is None or due_on is None or unpaid is None:
            return None
        return Invoice(
            id=identity,
            due_on=due_on,
            open=unpaid,
            issued_on=issued_on,
            amount=amount,
            disputed=bool(disputed),
            is_cost=kind == "fee",
        )

    def glimpse(
        self, document: Mapping[str, object], names: frozenset[str], zone: ZoneInfo, reading: Reading
    ) -> Account:
        """Return as much of an account as some facts need; what cannot be read is missing, and said in the reading."""
        asked = {name: document[name] for name in names if document.get(name) is not None}
        given = self.read_facts(asked, reading, _NO_NAMES)
        invoices = None
        if not self._from_invoices.isdisjoint(names):
            invoices = self.read_invoices(document.get("invoices"), reading)
        identity = document.get("id")
        return Account(
            id=identity if isinstance(identity, str) else "",
            currency=self._edition.currency,
            zone=zone,
            facts_on=read_day(document.get("facts_on")),
            invoices=invoices,
            given=given,
        )


def _is_sound(line: InvoiceLine) -> bool:
    """Tell whether what a type cannot say holds."""
    if not is_reckoned(line.due_on) or (line.issued_on is not None and not is_reckoned(line.issued_on)):
        return False
    return "\0" not in line.id and (line.kind is None or "\0" not in line.kind)


def _examine_sum(
    document: Mapping[str, object],
    key: str,
    read: Callable[[object], int],
    reading: Reading,
    pointer: str,
    *,
    needed: bool = False,
) -> int | None:
    value = document.get(key)
    if value is None and not needed:
        return None
    try:
        return read(value)
    except Unreadable as problem:
        reading.complain(f"{pointer}/{key}", f"{key} is missing" if value is None else str(problem))
        return None
