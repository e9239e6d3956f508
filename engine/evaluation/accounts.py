"""A caller's account document as a typed Account, or every problem in it."""

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from engine.evaluation.reading import LONGEST_ID, Reading, read_day
from engine.evaluation.values import Unreadable, make_amount_reader, make_reader
from engine.loading.complaints import find_meant
from engine.loading.grammar.account import ACCOUNT_KEYS, CALLS
from engine.loading.grammar.documents import MOST_MEANT, find_call_problems, find_invoice_problems
from engine.model.account import Account, Invoice
from engine.model.businessdays import is_reckoned
from engine.model.calls import WINDOWS, HourCalls, Whose
from engine.model.money import Payment
from engine.model.ruleset import Edition
from engine.model.vocabulary import LARGEST_INTEGER, Value

_NO_NAMES: frozenset[str] = frozenset()
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part payment as it stands in a document."""

    on: dt.date
    amount: object


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice as it stands in a document; its amounts are read by the currency."""

    id: Name
    due_on: dt.date
    open: object
    issued_on: dt.date | None = None
    amount: object = None
    disputed: bool | None = None
    held_until: dt.date | None = None
    kind: Name | None = None
    payments: list[PaymentLine] | None = None


class CallsLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The calls of one window as they stand in a document."""

    window: str
    of: Whose
    answered: int
    calls: int


class AccountReader:
    """Reads the accounts of one edition; ``needed`` are the facts that must be given."""

    def __init__(self, edition: Edition, needed: frozenset[str]) -> None:
        self._edition = edition
        self._needed = needed
        facts = edition.facts.items()
        self._read_fact = {
            name: make_reader(fact, edition.currency) for name, fact in facts if name not in edition.scorecards
        }
        self._read_open = make_amount_reader("open", edition.currency)
        self._read_amount = make_amount_reader("amount", edition.currency)
        self._reads_calls = edition.waits_for_best_hour
        self._from_invoices = frozenset(name for name, fact in facts if fact.source == "invoices")

    def read(self, document: Mapping[str, object], zone: ZoneInfo, *, known_elsewhere: frozenset[str]) -> Account:
        """Return the typed account; a fact that only another ruleset knows is passed over.

        Raises AccountInvalid with every problem found.
        """
        reading = Reading()
        identity = reading.text(document, "id", "/account")
        party = reading.text(document, "party", "/account", needed=False)
        facts_on = reading.day(document, "facts_on", "/account")
        invoices = self.read_invoices(document.get("invoices"), reading)
        calls = _read_calls(document.get(CALLS), reading) if self._reads_calls else ()
        given = self.read_facts(document, reading, known_elsewhere)
        if invoices is not None and not self._from_invoices.isdisjoint(given):
            for name in given:
                if name in self._from_invoices:
                    message = f"{name} is worked out from invoices; give one or the other"
                    reading.complain(f"/account/{name}", message, name)
        if not self._needed <= given.keys():
            lacking = (name for name in self._needed if document.get(name) is None)  # what is unreadable is said above
            for name in sorted(lacking):
                message = f"{name} is needed by this ruleset and was not given"
                reading.complain(f"/account/{name}", message, name)
        reading.finish()
        account = Account(
            id=identity or "",
            currency=self._edition.currency,
            zone=zone,
            party=party,
            facts_on=facts_on,
            invoices=invoices,
            given=given,
            calls=calls,
        )
        return _set_apart(account)

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
                if name in self._edition.scorecards:
                    message = f"{name} is worked out by a scorecard of this ruleset; leave it out"
                    reading.complain(f"/account/{name}", message, name)
                elif name not in ACCOUNT_KEYS and name not in known_elsewhere:
                    self._complain_of_unknown(name, reading)
                continue
            try:
                given[name] = read(value)
            except Unreadable as problem:
                reading.complain(f"/account/{name}", str(problem), name)
        return given

    def _complain_of_unknown(self, name: str, reading: Reading) -> None:
        known = itertools.chain(self._read_fact, sorted(ACCOUNT_KEYS))
        meant = find_meant(name, known) if len(reading.problems) < MOST_MEANT else None
        hint = "" if meant is None else f"; did you mean {meant}?"
        reading.complain(f"/account/{name}", f"{name} is no fact that this ruleset knows{hint}", name)

    def read_invoices(self, value: object, reading: Reading) -> tuple[Invoice, ...] | None:
        """Return the invoices by due date, then id; None where the document has no such key."""
        if value is None:
            return None
        try:
            lines = msgspec.convert(value, list[InvoiceLine])
            invoices = tuple(map(self._make_invoice, lines))
            if len(invoices) > 1:
                invoices = tuple(sorted(invoices, key=_by_due_date))
            if all(map(_is_sound, lines)) and _are_countable(invoices):
                return invoices
        except (msgspec.ValidationError, Unreadable, UnicodeError):
            pass  # said below
        problems = list(find_invoice_problems(value, self._edition.currency))
        if not problems:  # else the account would be read as one that owes nothing
            raise ValueError("invoices were refused that have nothing wrong with them")
        reading.problems.extend(problems)
        return ()

    def _make_invoice(self, line: InvoiceLine) -> Invoice:
        return Invoice(
            id=line.id,
            due_on=line.due_on,
            open=self._read_open(line.open),
            issued_on=line.issued_on,
            amount=None if line.amount is None else self._read_amount(line.amount),
            disputed=line.disputed is True,
            held_until=line.held_until,
            is_cost=line.kind == "fee",
            payments=tuple(map(self._make_payment, line.payments)) if line.payments else (),
        )

    def _make_payment(self, line: PaymentLine) -> Payment:
        return Payment(on=line.on, amount=self._read_amount(line.amount))

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
        account = Account(
            id=identity if isinstance(identity, str) else "",
            currency=self._edition.currency,
            zone=zone,
            facts_on=read_day(document.get("facts_on")),
            invoices=invoices,
            given=given,
        )
        return _set_apart(account)


def _read_calls(value: object, reading: Reading) -> tuple[HourCalls, ...]:
    """Return how often calls were answered, as a document says it."""
    if value is None:
        return ()
    problems = list(find_call_problems(value))
    reading.problems.extend(problems)
    return () if problems else tuple(map(_make_calls, msgspec.convert(value, list[CallsLine])))


def _make_calls(line: CallsLine) -> HourCalls:
    return HourCalls(window=WINDOWS.index(line.window), of=line.of, answered=line.answered, calls=line.calls)


def _by_due_date(invoice: Invoice) -> tuple[dt.date, str]:
    return invoice.due_on, invoice.id


def _set_apart(account: Account) -> Account:
    """Return an account with its credits apart from its invoices, and the days on which what is open turns."""
    lines = account.invoices
    if not lines or not any(line.open < 0 or line.held_until is not None for line in lines):
        return account
    invoices = tuple(line for line in lines if line.open >= 0)
    credits_ = tuple(line for line in lines if line.open < 0)
    begins = {credit.issued_on for credit in credits_ if credit.issued_on is not None}
    ends = {invoice.held_until for invoice in invoices if invoice.held_until is not None}
    return msgspec.structs.replace(account, invoices=invoices, credits=credits_, turns=tuple(sorted(begins | ends)))


def _is_sound(line: InvoiceLine) -> bool:
    """Tell whether what a type cannot say holds."""
    if not is_reckoned(line.due_on) or (line.issued_on is not None and not is_reckoned(line.issued_on)):
        return False
    if line.held_until is not None and not is_reckoned(line.held_until):
        return False
    if line.payments is not None and not all(is_reckoned(payment.on) for payment in line.payments):
        return False
    return "\0" not in line.id and (line.kind is None or "\0" not in line.kind)


def _are_countable(invoices: tuple[Invoice, ...]) -> bool:
    """Tell whether each id stands once, and what is owed, was owed and was paid can be added."""
    if len(invoices) > 1 and len({invoice.id for invoice in invoices}) < len(invoices):
        return False
    total = sum(abs(invoice.open) + abs(invoice.amount or 0) for invoice in invoices)
    payments = [payment.amount for invoice in invoices if invoice.payments for payment in invoice.payments]
    return all(paid > 0 for paid in payments) and total + sum(payments) <= LARGEST_INTEGER
