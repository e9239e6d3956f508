"""Typed values of facts: from a ruleset's words and from an account's JSON (language.md 3.2)."""

import decimal
import fractions
import functools
import re
from typing import Any

from tests.oracle.vocabulary import Declaration

Value = bool | int | str | frozenset[str]
NUMERIC = ("integer", "days", "amount", "decimal")
LARGEST = 2**53
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_PLACES = "CLF UYW"


class OracleInputError(Exception):
    """The account document cannot be read; `fact` names what is wrong."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


@functools.cache
def exponent(currency: str) -> int:
    """The ISO 4217 exponent."""
    for places, currencies in ((0, _NO_PLACES), (3, _THREE_PLACES), (4, _FOUR_PLACES)):
        if currency in currencies:
            return places
    return 2


def scale(written: str | int | decimal.Decimal, places: int) -> int:
    """A decimal as an integer of that many places; more places than that are refused."""
    text = str(written)
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    scaled = fractions.Fraction(text) * 10**places
    if scaled.denominator != 1:
        raise ValueError(text)
    return int(scaled)


def money(minor: int, currency: str) -> dict[str, str]:
    """An amount as a decision carries it (7.5)."""
    places = exponent(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    amount = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return {"amount": sign + amount, "currency": currency}


def amount_in(node: Any, currency: str) -> int:
    """An amount of a ruleset: plain, or a mapping of which the account's currency chooses (1.2)."""
    return scale(node[currency] if isinstance(node, dict) else node, exponent(currency))


def places_of(declaration: Declaration, currency: str) -> int:
    """How many places a numeric fact is kept with."""
    return {"amount": exponent(currency), "decimal": declaration.places}.get(declaration.type, 0)


def value_written(declaration: Declaration, node: Any, currency: str) -> Value:
    """A value in a ruleset, where every scalar is a string."""
    if declaration.type == "boolean":
        return bool({"true": True, "false": False}[node])
    if declaration.type == "amount":
        return amount_in(node, currency)
    if declaration.type in NUMERIC:
        return scale(node, places_of(declaration, currency))
    if declaration.type == "set":
        return frozenset(node)
    return str(node)


def value_given(name: str, declaration: Declaration, raw: Any, currency: str) -> Value:
    """A value in an account document; a wrong one is named (3.2)."""
    kind = declaration.type
    if kind == "boolean":
        good = isinstance(raw, bool)
    elif kind in ("integer", "days"):
        good = isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) <= LARGEST
    elif kind in ("amount", "decimal"):
        good = isinstance(raw, (int, str, decimal.Decimal)) and not isinstance(raw, bool)
    elif kind == "set":
        good = isinstance(raw, list) and all(_is_word(declaration, item) for item in raw)
    elif kind == "enum":
        good = _is_word(declaration, raw)
    else:
        good = isinstance(raw, str) and len(raw) <= 256
    if not good:
        raise OracleInputError(name)
    if kind in ("amount", "decimal"):
        try:
            return scale(raw, places_of(declaration, currency))
        except ValueError as error:
            raise OracleInputError(name) from error
    if kind == "set":
        return frozenset(raw)
    value: Value = raw
    return value


def _is_word(declaration: Declaration, raw: Any) -> bool:
    if not isinstance(raw, str) or not _WORD.fullmatch(raw):
        return False
    return declaration.values is None or raw in declaration.values
