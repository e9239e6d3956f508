"""What is wrong with a value of a caller's document, in a sentence; None where nothing is."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal

from engine.loading.grammar import terms
from engine.loading.grammar.account import CURRENCY, EPISODE, INSTANT, ZONE
from engine.loading.grammar.kinds import Kind
from engine.loading.grammar.lists import ListOf
from engine.loading.grammar.parts import DATE
from engine.loading.numberslips import hint_at_point
from engine.model.businessdays import FIRST_YEAR, LAST_YEAR, is_reckoned
from engine.model.episode import BETWEEN_EPISODES
from engine.model.money import EXPONENTS, parse_amount

_LONGEST_DIGITS = 40
_NAMES: dict[type, str] = {bool: "a truth value", str: "a text", list: "a list", dict: "a mapping", type(None): "null"}


def describe(value: object) -> str:
    """Say what came instead."""
    number = f"the number {value}" if isinstance(value, int | float | Decimal) else type(value).__name__
    return _NAMES.get(type(value)) or number


def say_of_value(kind: Kind, name: str, value: object, currency: str) -> str | None:
    """Say what is wrong with a value behind a key; amounts are in the currency."""
    form = kind.schema()
    if form.get("type", "object") == "boolean":
        return None if isinstance(value, bool) else f"{name} is true or false, not {describe(value)}"
    if form.get("type", "object") == "string":
        return _say_of_word(kind, name, value)
    if isinstance(kind, ListOf):
        return _say_of_list(kind, name, value)
    if form.get("type", "object") == "object":
        return _say_of_fee(name, value)
    return _say_of_number(name, value, form) if "minimum" in form else say_of_amount(name, value, currency)


def _say_of_word(kind: Kind, name: str, value: object) -> str | None:
    said = None
    if kind == DATE:
        return None if _is_day(value) else say_of_day(name, value)
    if kind == EPISODE:
        return None if value == BETWEEN_EPISODES or _is_day(value) else f"{say_of_day(name, value)}; or it is none"
    if kind == INSTANT:
        said = f"{name} is a date or an instant with its offset, such as 2026-11-20T09:00:00+01:00, not {value!r}"
        return None if _is_day(value) or _is_instant(value) else said
    if kind == ZONE:
        is_zone = isinstance(value, str) and value in zoneinfo.available_timezones()
        return None if is_zone else f"{name} is an IANA name such as Europe/Amsterdam, not {value!r}"
    words = kind.schema().get("enum")
    if kind == CURRENCY and not (isinstance(value, str) and re.fullmatch(terms.CURRENCY, value)):
        said = f"{name} is a code of three capitals such as EUR, not {value!r}"
    elif isinstance(words, list) and value not in words:
        said = f"{value} is no {name}: {', '.join(words)}"
    return _say_of_text(name, value) or said


def say_of_day(name: str, value: object) -> str:
    """Say why a value is no day that is reckoned with."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return f"{name} is a date such as 2026-11-20, not {value!r}"
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return f"{name}: there is no day {value}"
    return f"{name} is {value}, which lies outside the years {FIRST_YEAR} to {LAST_YEAR}"


def _say_of_text(name: str, value: object, most: int = 256) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= most and "\0" not in value:
        return None
    found = describe(value)
    if isinstance(value, str):
        found = "one with a NUL" if "\0" in value else f"one of {len(value)}"
    return f"{name} is a text of 1 to {most} characters, not {found}"


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


def _say_of_list(kind: ListOf, name: str, value: object) -> str | None:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        return f"{name} is a list of words, not {value!r}"
    words = kind.item.schema().get("enum")
    unknown = [each for each in value if isinstance(words, list) and each not in words]
    return _say_of_word(kind.item, "channel", unknown[0]) if unknown else None


def _say_of_number(name: str, value: object, form: Mapping[str, object]) -> str | None:
    least, most = form["minimum"], form["maximum"]
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    is_inside = is_whole and least <= value <= most  # type: ignore[operator]  # both are integers
    return None if is_inside else f"{name} is a whole number from {least} to {most}, not {value!r}"


def say_of_amount(name: str, value: object, currency: str) -> str | None:
    """Say what is wrong with an amount in a currency."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return f"{name} is an amount such as 49.95, not {describe(value)}"
    return say_of_digits(name, digits_of(value), currency)


def digits_of(value: object) -> str:
    """Return a number as it is written without an exponent."""
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


def say_of_digits(name: str, digits: str, currency: str) -> str | None:
    """Say what is wrong with the digits of an amount in a currency."""
    try:
        parse_amount(digits, currency)
    except ValueError as error:
        return f"{name}: {error}{_hint_at_places(digits, EXPONENTS.get(currency))}"
    return None


def _hint_at_places(digits: str, most: int | None) -> str:
    """Say how an amount is written that has more places than its currency."""
    is_long = most is not None and len(digits.partition(".")[2]) > most
    if most is None or not is_long or len(digits) > _LONGEST_DIGITS or not re.fullmatch(r"-?[0-9]+\.[0-9]+", digits):
        return ""
    return f" {hint_at_point(digits, places=most)}"


def _say_of_fee(name: str, value: object) -> str | None:
    parts = value if isinstance(value, Mapping) else {}
    fee, amount, currency = (parts.get(part) for part in ("name", "amount", "currency"))
    if isinstance(fee, str) and isinstance(currency, str):
        return say_of_digits(name, str(amount), currency)
    return f"{name} is {{name, amount, currency}}, not {value!r}"
