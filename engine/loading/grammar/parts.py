"""Kinds that many rows share: days, levels, amounts, conditions."""

from engine.loading.conditions import read_when
from engine.loading.constants import name_day, read_amount
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import ByHand, money, number, text, word
from engine.loading.grammar.lists import Names
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, Sequence
from engine.loading.numberslips import clean_number
from engine.loading.rules import HIGHEST_LEVEL
from engine.loading.slips import hint_at_date
from engine.loading.spot import Spot
from engine.model.money import format_amount

MOST_DAYS = 36_500
MOST_TIMES = 10_000

TEXT = text()
NAME = word()
DATE = word(terms.DATE, "Write a date such as 2026-01-31.", name_day, "malformed-date", hint_at_date)
CURRENCY = word(terms.CURRENCY, "Write the code of a currency, such as EUR.")
LEVEL = number(1, HIGHEST_LEVEL)
TIMES = number(1, MOST_TIMES)
DAYS = number(1, MOST_DAYS)
MONTHS = number(1, 1_200)
DAYS_OR_NONE = number(0, MOST_DAYS)
FEE_PERCENT = number(0, 1000, is_whole=False)
RATE_PERCENT = number(-1000, 1000, is_whole=False)


CONDITION = ByHand(terms.ref("condition"), lambda node, spot: read_when(node, spot.scope))
_BY_CURRENCY = Names(money(), "Write an amount for each currency: {EUR: 150, USD: 100}.", word(terms.CURRENCY))
_WRITE_EITHER = "Write an amount such as 49.95, or {EUR: 150, USD: 100}."


AMOUNT_FORM: JsonSchema = {
    "if": {"type": "object"},
    "then": _BY_CURRENCY.schema(),
    "else": money(_WRITE_EITHER).schema(),
}


def _read_amount(node: Node, spot: Spot) -> int | None:
    if isinstance(node, Sequence) or (isinstance(node, Scalar) and node.kind == "boolean"):
        spot.refuse("wrong-type", node, None, _WRITE_EITHER)
        return None
    if isinstance(node, Mapping):
        by_currency = _BY_CURRENCY.read(node, spot)
        has_form = isinstance(by_currency, dict) and len(by_currency) == len(node.entries)
    else:
        has_form = money().read(node, spot) is not None
    return read_amount(node, spot.scope) if has_form else None


def _read_amount_or_none(node: Node, spot: Spot) -> int | None:
    amount = _read_amount(node, spot)
    if amount is not None and amount < 0:
        spot.complain("number-out-of-range", node, f"“{spot.name}” is below zero.", "Write 0, or an amount above it.")
        return None
    return amount


def _write_amount(node: Node, spot: Spot) -> dict[str, str] | None:
    amount, currency = _read_amount(node, spot), spot.scope.currency
    return (
        None
        if amount is None or currency is None
        else {"amount": format_amount(amount, currency), "currency": currency}
    )


AMOUNT = ByHand(terms.ref("amount"), _read_amount, clean_number)
"""An amount, or one for each currency of the file, in minor units."""
AMOUNT_OR_NONE = ByHand(terms.ref("amount"), _read_amount_or_none, clean_number)
"""The same, not below zero."""
WRITTEN_AMOUNT = ByHand(terms.ref("amount"), _write_amount, clean_number)
"""An amount ready for JSON."""


def text_of(node: Node | None) -> str | None:
    """Return what a single value says."""
    return node.text if isinstance(node, Scalar) else None
