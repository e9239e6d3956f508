"""What is wrong with a value of a caller's document, in a sentence; None where nothing is."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal
from functools import singledispatch

from engine.loading.grammar.account import CURRENCY, INSTANT, ZONE
from engine.loading.grammar.kinds import Flag, Kind, Money, Number, OneOf, Text, Word
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.parts import DATE
from engine.loading.grammar.table import Table
from engine.model.businessdays import is_reckoned
from engine.model.money import parse_amount

_NAMES: dict[type, str] = {bool: "a truth value", str: "a text", list: "a list", dict: "a mapping", type(None): "null"}


def describe(value: object) -> str:
    """Say what came instead."""
    number = f"the number {value}" if isinstance(value, int | float | Decimal) else type(value).__name__
    return _NAMES.get(type(value)) or number


def digits_of(value: object) -> str:
    """Return a number as it is written without an exponent."""
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


@singledispatch
def say_of_value(kind: Kind, name: str, value: object, currency: str) -> str | None:
    """Say what is wrong with a value behind a key; amounts are in the currency."""
    raise NotImplementedError


@say_of_value.register
def _(kind: Text, name: str, value: object, currency: str) -> str | None:
    del currency
    if kind == ZONE:
        is_zone = isinstance(value, str) and value in zoneinfo.available_timezones()
        return None if is_zone else f"{name} is an IANA name such as Europe/Amsterdam, not {value!r}"
    return _say_of_text(name, value, kind.most)


def _say_of_text(name: str, value: object, most: int = 256) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= most and "\0" not in value:
        return None
    found = describe(value)
    if isinstance(value, str):
        found = "one with a NUL" if "\0" in value else f"one of {len(value)}"
    return f"{name} is a text of 1 to {most} characters, not {found}"


@say_of_value.register
def _(kind: Word, name: str, value: object, currency: str) -> str | None:
    del currency
    if kind == DATE:
        return None if _is_day(value) else f"{name} is a date such as 2026-11-20, not {value!r}"
    if kind == INSTANT:
        said = f"{name} is a date or an instant with its offset, such as 2026-11-20T09:00:00+01:00, not {value!r}"
        return None if _is_day(value) or _is_instant(value) else said
    said = f"{name} is a code of three capitals such as EUR, not {value!r}"
    is_code = isinstance(value, str) and re.fullmatch(CURRENCY.pattern, value)
    return _say_of_text(name, value) or (None if is_code else said)


def _is_day(value: object) -> bool:
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-11-20") else value
    except ValueError:
        return False
    return isinstance(day, dt.date) and not isinstance(day, dt.datetime) and is_reckoned(day)


def _is_instant(value: object) -> bool:
    try:
        instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return False
    return isinstance(instant, dt.datetime) and instant.tzinfo is not None and is_reckoned(instant.date())


@say_of_value.register
def _(kind: Flag, name: str, value: object, currency: str) -> str | None:
    del kind, currency
    return None if isinstance(value, bool) else f"{name} is true or false, not {describe(value)}"


@say_of_value.register
def _(kind: Number, name: str, value: object, currency: str) -> str | None:
    del currency
    is_inside = isinstance(value, int) and not isinstance(value, bool) and kind.least <= value <= kind.most
    return None if is_inside else f"{name} is a whole number from {kind.least} to {kind.most}, not {value!r}"


@say_of_value.register
def _(kind: OneOf, name: str, value: object, currency: str) -> str | None:
    del currency
    return _say_of_text(name, value) or _say_of_member(name, value, kind.words)


def _say_of_member(name: str, value: object, words: tuple[str, ...]) -> str | None:
    return None if value in words else f"{value} is no {name}: {', '.join(words)}"


@say_of_value.register
def _(kind: ListOf, name: str, value: object, currency: str) -> str | None:
    del currency
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        return f"{name} is a list of words, not {value!r}"
    words = kind.item.words if isinstance(kind.item, OneOf) else None
    unknown = [] if words is None else [each for each in value if each not in words]
    return _say_of_member("channel", unknown[0], words or ()) if unknown else None


@say_of_value.register
def _(kind: Money, name: str, value: object, currency: str) -> str | None:
    del kind
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return f"{name} is an amount such as 49.95, not {describe(value)}"
    return _say_of_digits(name, digits_of(value), currency)


def _say_of_digits(name: str, digits: str, currency: str) -> str | None:
    try:
        parse_amount(digits, currency)
    except ValueError as error:
        return f"{name}: {error}"
    return None


@say_of_value.register(Table)
def _(kind: Kind, name: str, value: object, currency: str) -> str | None:
    """Say what is wrong with a fee: the one mapping inside another."""
    del kind, currency
    parts = value if isinstance(value, Mapping) else {}
    fee, amount, owed_in = (parts.get(part) for part in ("name", "amount", "currency"))
    if not isinstance(fee, str) or not isinstance(owed_in, str):
        return f"{name} is {{name, amount, currency}}, not {value!r}"
    return _say_of_digits(name, str(amount), owed_in)
