"""A caller's account document as a typed Account, or every problem in it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.model.account import Account, AccountInvalid, Invoice, Problem
from engine.model.businessdays import is_reckoned
from engine.model.money import parse_amount
from engine.model.ruleset import Edition
from engine.model.vocabulary import LARGEST_INTEGER, LONGEST_TEXT, Fact, Value

HEADER = frozenset({"id", "currency", "timezone", "party", "facts_on", "invoices"})
_INVOICE_KEYS = frozenset({"id", "due_on", "open", "issued_on", "amount", "disputed", "kind"})
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_ID = 256


class _Unreadable(Exception):
    """The value is not of its type; the message is a sentence for the caller."""


def read_word(fact: Fact, value: object) -> str:
    """Return an enum's word."""
    if not isinstance(value, str):
        raise _Unreadable(f"{fact.name} is a word, not {_kind(value)}")
    if fact.values is not None:
        if value not in fact.values:
            raise _Unreadable(f"{fact.name} is one of {', '.join(fact.values)}, not {value!r}")
    elif not _WORD.fullmatch(value):
        raise _Unreadable(f"{fact.name} is 1 to 64 letters, digits, '_', '.' or '-', not {value!r}")
    return value


def read_text(fact: Fact, value: object) -> str:
    """Return a text of at most 256 characters."""
    if not isinstance(value, str):
        raise _Unreadable(f"{fact.name} is a text, not {_kind(value)}")
    if len(value) > LONGEST_TEXT:
        raise _Unreadable(f"{fact.name} has {len(value)} characters; at most {LONGEST_TEXT} are compared")
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise _Unreadable(f"{fact.name} holds half a character (a lone surrogate)")
    return value


def read_boolean(fact: Fact, value: object) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise _Unreadable(f"{fact.name} is true or false, not {_kind(value)}")
    return value


def read_integer(fact: Fact, value: object) -> int:
    """Return a whole number within 2^53 of 0."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Unreadable(f"{fact.name} is a whole number, not {_kind(value)}")
    return _bounded(fact, value)


def read_amount(fact: Fact, value: object, currency: str) -> int:
    """Return an amount in minor units."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _Unreadable(f"{fact.name} is an amount such as 49.95, not {_kind(value)}")
    try:
        return _bounded(fact, parse_amount(_digits(value), currency))
    except ValueError as error:
        raise _Unreadable(f"{fact.name}: {error}") from None


def read_decimal(fact: Fact, value: object) -> int:
    """Return a decimal scaled by its declared places."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _Unreadable(f"{fact.name} is a decimal such as 0.75, not {_kind(value)}")
    digits = _digits(value)
    if not re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", digits):
        raise _Unreadable(f"{fact.name} is a decimal such as 0.75, not {value!r}")
    scaled = Decimal(digits).scaleb(fact.places)
    if scaled != scaled.to_integral_value():
        raise _Unreadable(f"{fact.name} has at most {fact.places} places, not {digits}")
    return _bounded(fact, int(scaled))


def read_set(fact: Fact, value: object) -> tuple[str, ...]:
    """Return a set's words, sorted, each once."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise _Unreadable(f"{fact.name} is a list of words, not {_kind(value)}")
    return tuple(sorted({read_word(fact, item) for item in value}))


def read_value(fact: Fact, value: object, currency: str) -> Value:
    """Return a given value typed by its declaration."""
    if fact.type == "amount":
        return read_amount(fact, value, currency)
    return _READERS[fact.type](fact, value)


_READERS: dict[str, Callable[[Fact, object], Value]] = {
    "enum": read_word,
    "text": read_text,
    "boolean": read_boolean,
    "integer": read_integer,
    "days": read_integer,
    "decimal": read_decimal,
    "set": read_set,
}


def _bounded(fact: Fact, value: int) -> int:
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise _Unreadable(f"{fact.name} lies outside ±2^53")
    return value


def _digits(value: int | Decimal | str) -> str:
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


def _say(value: object) -> str:
    """Say what came in place of a short text."""
    if not isinstance(value, str):
        return _kind(value)
    return "one with a NUL" if "\0" in value else f"one of {len(value)}"


def _kind(value: object) -> str:
    names = {bool: "a truth value", str: "a text", list: "a list", dict: "a mapping", type(None): "null"}
    return names.get(type(value)) or (
        f"the number {value}" if isinstance(value, int | float | Decimal) else type(value).__name__
    )


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, or None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_day(value: object) -> dt.date | None:
    """Return the date of an ISO text, or None if it is none or lies outside the years that are reckoned with."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value if is_reckoned(value) else None
    if not isinstance(value, str) or len(value) != len("2026-11-20"):
        return None
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return day if is_reckoned(day) else None


class Reading:
    """One reading of one document: collects problems, then raises them all together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def complain(self, pointer: str, message: str, fact: str | None = None) -> None:
        """Note one problem."""
        self.problems.append(Problem(pointer=pointer, message=message, fact=fact))

    def finish(self) -> None:
        """Raise what was noted, if anything."""
        if self.problems:
            raise AccountInvalid(tuple(self.problems))

    def text(self, document: Mapping[str, object], key: str, pointer: str, *, needed: bool = True) -> str | None:
        """Return a short text under a key."""
        value = document.get(key)
        if value is None and not needed:
            return None
        if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and "\0" not in value:
            return value
        said = "is missing" if value is None else f"is a text of 1 to {_LONGEST_ID} characters, not {_say(value)}"
        self.complain(f"{pointer}/{key}", f"{key} {said}")
        return None

    def day(self, document: Mapping[str, object], key: str, pointer: str, *, needed: bool = False) -> dt.date | None:
        """Return a date under a key."""
        value = document.get(key)
        if value is None and not needed:
            return None
        day = read_day(value)
        if day is None:
            said = "is missing" if value is None else f"is a date such as 2026-11-20, not {value!r}"
            self.complain(f"{pointer}/{key}", f"{key} {said}")
        return day


def read_currency(document: Mapping[str, object]) -> str:
    """Return the account's currency."""
    reading = Reading()
    currency = reading.text(document, "currency", "/account")
    if currency is not None and not _CURRENCY.fullmatch(currency):
        reading.complain("/account/currency", f"currency is a code of three capitals such as EUR, not {currency!r}")
    reading.finish()
    return currency or ""


def read_zone(document: Mapping[str, object], default: ZoneInfo) -> ZoneInfo:
    """Return the account's own zone, or the default where it names none."""
    name = document.get("timezone")
    if name is None:
        return default
    zone = zone_of(name) if isinstance(name, str) else None
    if zone is None:
        problem = Problem(
            pointer="/account/timezone", message=f"timezone is an IANA name such as Europe/Amsterdam, not {name!r}"
        )
        raise AccountInvalid((problem,))
    return zone


def read_account(
    document: Mapping[str, object],
    edition: Edition,
    zone: ZoneInfo,
    *,
    known_elsewhere: frozenset[str],
    needed: frozenset[str],
) -> Account:
    """Return the typed account; a fact that only another ruleset knows is passed over.

    Raises AccountInvalid with every problem found.
    """
    reading = Reading()
    identity = reading.text(document, "id", "/account")
    party = reading.text(document, "party", "/account", needed=False)
    facts_on = reading.day(document, "facts_on", "/account")
    invoices = _read_invoices(document.get("invoices"), edition.currency, reading)
    given: dict[str, Value] = {}
    for name, value in document.items():
        if name not in HEADER and value is not None:
            _read_fact(name, value, edition, known_elsewhere, given, reading)
    if invoices is not None:
        for name in given:
            if edition.facts[name].source == "invoices":
                reading.complain(f"/account/{name}", f"{name} is worked out from invoices; give one or the other", name)
    for name in sorted(needed - given.keys()):
        reading.complain(f"/account/{name}", f"{name} is needed by this ruleset and was not given", name)
    reading.finish()
    return Account(
        id=identity or "",
        currency=edition.currency,
        zone=zone,
        party=party,
        facts_on=facts_on,
        invoices=invoices,
        given=given,
    )


def _read_fact(
    name: str,
    value: object,
    edition: Edition,
    known_elsewhere: frozenset[str],
    given: dict[str, Value],
    reading: Reading,
) -> None:
    fact = edition.facts.get(name)
    if fact is None:
        if name not in known_elsewhere:
            reading.complain(f"/account/{name}", f"{name} is no fact that this ruleset knows", name)
        return
    try:
        given[name] = read_value(fact, value, edition.currency)
    except _Unreadable as problem:
        reading.complain(f"/account/{name}", str(problem), name)


def read_coverage(
    document: Mapping[str, object], names: frozenset[str], edition: Edition, zone: ZoneInfo
) -> tuple[Account, tuple[Problem, ...]]:
    """Return as much of the account as coverage reads, and the problems met; what cannot be read is missing."""
    reading = Reading()
    given: dict[str, Value] = {}
    for name in names:
        if document.get(name) is not None:
            _read_fact(name, document[name], edition, frozenset(), given, reading)
    invoices = None
    if any(edition.facts[name].source == "invoices" for name in names):
        invoices = _read_invoices(document.get("invoices"), edition.currency, reading)
    identity = document.get("id")
    account = Account(
        id=identity if isinstance(identity, str) else "",
        currency=edition.currency,
        zone=zone,
        facts_on=read_day(document.get("facts_on")),
        invoices=invoices,
        given=given,
    )
    return account, tuple(reading.problems)


def _read_invoices(value: object, currency: str, reading: Reading) -> tuple[Invoice, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        reading.complain("/account/invoices", f"invoices is a list, not {_kind(value)}")
        return ()
    read = [_read_invoice(item, currency, reading, f"/account/invoices/{index}") for index, item in enumerate(value)]
    invoices = [invoice for invoice in read if invoice is not None]
    if sum(abs(invoice.open) + abs(invoice.amount or 0) for invoice in invoices) > LARGEST_INTEGER:
        reading.complain("/account/invoices", "the invoices add up to more than ±2^53 of the currency's smallest unit")
    seen: set[str] = set()
    for index, invoice in enumerate(invoices):
        if invoice.id in seen:
            reading.complain(f"/account/invoices/{index}/id", f"invoice {invoice.id} is there twice")
        seen.add(invoice.id)
    return tuple(invoices)


def _read_invoice(value: object, currency: str, reading: Reading, pointer: str) -> Invoice | None:
    if not isinstance(value, Mapping):
        reading.complain(pointer, f"an invoice is a mapping, not {_kind(value)}")
        return None
    for key in value:
        if key not in _INVOICE_KEYS:
            reading.complain(f"{pointer}/{key}", f"{key} is no part of an invoice: {', '.join(sorted(_INVOICE_KEYS))}")
    identity = reading.text(value, "id", pointer)
    due_on = reading.day(value, "due_on", pointer, needed=True)
    issued_on = reading.day(value, "issued_on", pointer)
    unpaid = _read_sum(value, "open", currency, reading, pointer, needed=True)
    amount = _read_sum(value, "amount", currency, reading, pointer)
    disputed = value.get("disputed", False)
    if not isinstance(disputed, bool):
        reading.complain(f"{pointer}/disputed", f"disputed is true or false, not {_kind(disputed)}")
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


def _read_sum(
    document: Mapping[str, object], key: str, currency: str, reading: Reading, pointer: str, *, needed: bool = False
) -> int | None:
    value = document.get(key)
    if value is None and not needed:
        return None
    try:
        return read_amount(Fact(name=key, type="amount"), value, currency)
    except _Unreadable as problem:
        reading.complain(f"{pointer}/{key}", f"{key} is missing" if value is None else str(problem))
        return None
