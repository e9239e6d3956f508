"""Numbers on, one below and one above what a random ruleset compares with."""

import random
from decimal import Decimal
from typing import Any

from tests.oracle.generate_rulesets import Blueprint
from tests.oracle.values import exponent

# How far a value lies from a threshold, for facts that count up and for those that count down.
BESIDE = {1: (-1, -1, 0, 0, 1, -4), -1: (-1, 0, 0, 1, -3, -7, -30)}


class Numbers:
    """Draws numbers of facts and amounts for accounts in one currency."""

    def __init__(self, rng: random.Random, blueprint: Blueprint, currency: str) -> None:
        self.rng = rng
        self.blueprint = blueprint
        self.palette = blueprint.palette
        self.currency = currency
        self.unit: int = 10 ** exponent(currency)

    def near(self, name: str, usual: int) -> int:
        """A value on, one below or one above a threshold of that fact, or a usual one."""
        known = self.palette.thresholds.get(name)
        if known and self.rng.random() < 0.85:
            beside = BESIDE.get(self.palette.declaration(name).moves, (-1, 0, 0, 1))
            return self.converted(name, self.rng.choice(known)) + self.rng.choice(beside)
        return usual

    def converted(self, name: str, threshold: int) -> int:
        """A threshold in the account's currency, as Palette.amount writes it there."""
        first = self.blueprint.currencies[0]
        if self.palette.declaration(name).type != "amount" or self.currency == first or threshold == 0:
            return threshold
        whole: int = threshold // 10 ** exponent(first) + 1
        return int(whole * self.unit)

    def amount(self, minor: int) -> Any:
        """An amount in the account's currency as JSON has it."""
        value = Decimal(minor).scaleb(-exponent(self.currency))
        if value == value.to_integral_value() and self.rng.random() < 0.5:
            return int(value)
        return format(value, "f")

    def minor(self, written: Any) -> int:
        """The minor units of an amount as a ruleset writes it."""
        node = written[self.currency] if isinstance(written, dict) else written
        return int(Decimal(node) * self.unit)
