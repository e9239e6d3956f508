"""Kinds that many rows share: days, levels, amounts, conditions."""

from engine.loading.conditions import read_when
from engine.loading.constants import name_day, read_amount
from engine.loading.grammar import terms
from engine.loading.grammar.kinds import Kind, money, number, text, word
from engine.loading.grammar.lists import Names
from engine.loading.grammar.terms import JsonSchema
from engine.loading.node import Mapping, Node, Scalar, Sequence
from engine.loading.rules import HIGHEST_LEVEL
from engine.loading.slips import clean_number, hint_at_date
from engine.loading.spot import Spot
from engine.model.condition import AllOf
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
DAYS_OR_NONE = number(0, MOST_DAYS)
FEE_PERCENT = number(0, 1000, is_whole=False)
RATE_PERCENT = number(-1000, 1000, is_whole=False)


class Condition(Kind, frozen=True):
    """A ``when``; its meaning, which knows the facts, judges the whole of it."""

    def schema(self) -> JsonSchema:
        """Return a reference to the definition."""
        return terms.ref("condition")

    def read(self, node: Node, spot: Spot) -> AllOf:
        """Return the condition as far as it could be read."""
        return read_when(node, spot.scope)


CONDITION = Condition()
_BY_CURRENCY = Names(money(), "Write an amount for each currency: {EUR: 150, USD: 100}.", word(terms.CURRENCY))
_WRITE_EITHER = "Write an amount such as 49.95, or {EUR: 150, USD: 100}."


class Amount(Kind, frozen=True):
    """An amount, or one for each currency of the file: minor units, or with ``is_written`` ready for JSON."""

    is_written: bool = False

    def schema(self) -> JsonSchema:
        """Return a reference to the definition."""
        return terms.ref("amount")

    def define(self) -> JsonSchema:
        """Return the schema of an amount."""
        return {"anyOf": [money().schema(), _BY_CURRENCY.schema()], "errorMessage": _WRITE_EITHER}

    def read(self, node: Node, spot: Spot) -> object:
        """Return the amount in the scope's currency."""
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and node.kind == "boolean"):
            spot.refuse("wrong-type", node, None, _WRITE_EITHER)
            return None
        if not self._has_form(node, spot):
            return None
        amount, currency = read_amount(node, spot.scope), spot.scope.currency
        if not self.is_written or amount is None or currency is None:
            return amount
        return {"amount": format_amount(amount, currency), "currency": currency}

    def _has_form(self, node: Node, spot: Spot) -> bool:
        if not isinstance(node, Mapping):
            return money().read(node, spot) is not None
        read = _BY_CURRENCY.read(node, spot)
        return isinstance(read, dict) and len(read) == len(node.entries)

    def take(self, text: str) -> str | None:
        """Return the digits that a text stands for."""
        return clean_number(text)


AMOUNT = Amount()


def text_of(node: Node | None) -> str | None:
    """Return what a single value says."""
    return node.text if isinstance(node, Scalar) else None
