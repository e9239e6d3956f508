"""Given facts as typed values: one reader a fact, made once for an edition."""

import re
from collections.abc import Callable
from decimal import Decimal

from engine.loading.grammar.sentences import say_of_digits
from engine.model.money import exponent, parse_amount
from engine.model.vocabulary import LARGEST_INTEGER, LONGEST_TEXT, Fact, Value

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,40})?")

Reader = Callable[[object], Value]
"""Takes what stands in a document; raises Unreadable."""


class Unreadable(Exception):
    """The value is not of its type; the message is a sentence for the caller."""


def make_reader(fact: Fact, currency: str) -> Reader:
    """Return what reads the values of a fact in one currency; what is usual is taken without a further call."""
    return make_amount_reader(fact.name, currency) if fact.type == "amount" else _MAKERS[fact.type](fact)


def _make_word_reader(fact: Fact) -> Reader:
    values = frozenset(fact.values) if fact.values is not None else None

    def read(value: object) -> str:
        if type(value) is str:
            if value in values if values is not None else _WORD.fullmatch(value):
                return value
            if values is None:
                raise Unreadable(f"{fact.name} is 1 to 64 letters, digits, '_', '.' or '-', not {value!r}")
            raise Unreadable(f"{fact.name} is one of {', '.join(fact.values or ())}, not {value!r}")
        raise Unreadable(f"{fact.name} is a word, not {kind_of(value)}")

    return read


def _make_text_reader(fact: Fact) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Unreadable(f"{fact.name} is a text, not {kind_of(value)}")
        if len(value) > LONGEST_TEXT:
            raise Unreadable(f"{fact.name} has {len(value)} characters; at most {LONGEST_TEXT} are compared")
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise Unreadable(f"{fact.name} holds half a character (a lone surrogate)")
        return value

    return read


def _make_boolean_reader(fact: Fact) -> Reader:
    def read(value: object) -> bool:
        if value is True or value is False:
            return value
        raise Unreadable(f"{fact.name} is true or false, not {kind_of(value)}")

    return read


def _make_integer_reader(fact: Fact) -> Reader:
    def read(value: object) -> int:
        if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unreadable(f"{fact.name} is a whole number, not {kind_of(value)}")
        return _bounded(fact.name, value)

    return read


def make_amount_reader(name: str, currency: str) -> Callable[[object], int]:
    """Return what reads an amount under a name as minor units of a currency."""
    places = exponent(currency)
    unit: int = 10**places
    most = LARGEST_INTEGER // unit
    longest = len(str(LARGEST_INTEGER))

    def read(value: object) -> int:
        if type(value) is int and -most <= value <= most:
            return value * unit
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise Unreadable(f"{name} is an amount such as 49.95, not {kind_of(value)}")
        digits = _digits(value)
        whole, _, rest = digits.partition(".")
        joined = whole + rest
        if whole and len(rest) == places and len(joined) < longest and joined.isascii() and joined.isdigit():
            return int(joined)
        try:
            return _bounded(name, parse_amount(digits, currency))
        except ValueError as error:
            raise Unreadable(say_of_digits(name, digits, currency) or str(error)) from None

    return read


def _make_decimal_reader(fact: Fact) -> Reader:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise Unreadable(f"{fact.name} is a decimal such as 0.75, not {kind_of(value)}")
        digits = _digits(value)
        if not _DECIMAL.fullmatch(digits):
            raise Unreadable(f"{fact.name} is a decimal such as 0.75, not {value!r}")
        scaled = Decimal(digits).scaleb(fact.places)
        if scaled != scaled.to_integral_value():
            raise Unreadable(f"{fact.name} has at most {fact.places} places, not {digits}")
        return _bounded(fact.name, int(scaled))

    return read


def _make_set_reader(fact: Fact) -> Reader:
    read_word = _make_word_reader(fact)

    def read(value: object) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, list | tuple):
            hint = f"; write [{value}]" if isinstance(value, str) and _WORD.fullmatch(value) else ""
            raise Unreadable(f"{fact.name} is a list of words, not {kind_of(value)}{hint}")
        return tuple(sorted({str(read_word(item)) for item in value}))

    return read


_MAKERS: dict[str, Callable[[Fact], Reader]] = {
    "enum": _make_word_reader,
    "text": _make_text_reader,
    "boolean": _make_boolean_reader,
    "integer": _make_integer_reader,
    "days": _make_integer_reader,
    "decimal": _make_decimal_reader,
    "set": _make_set_reader,
}


def _bounded(name: str, value: int) -> int:
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise Unreadable(f"{name} lies outside ±2^53")
    return value


def _digits(value: int | Decimal | str) -> str:
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


def kind_of(value: object) -> str:
    """Say what came in the place of what was wanted."""
    names = {bool: "a truth value", str: "a text", list: "a list", dict: "a mapping", type(None): "null"}
    return names.get(type(value)) or (
        f"the number {value}" if isinstance(value, int | float | Decimal) else type(value).__name__
    )
