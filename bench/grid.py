"""Rules that all test the same five facts: three equalities, a range of days and a least balance.

The best case for whoever indexes a table by its columns, zen-engine included.
"""

from __future__ import annotations

from random import Random

from bench.sample import BALANCES, DAYS, Rule, Shape, draw_days, number_fact, one_of, word_fact
from engine.conditions.boxes import Point
from engine.conditions.sets import integers

COUNTRIES = ("AT", "BE", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "SE", "US")
SEGMENTS = ("consumer", "smb", "midmarket", "enterprise", "public")
METHODS = ("card", "sepa_debit", "bacs_debit", "bank_transfer", "wallet", "invoice")


def _draw_rule(random: Random) -> Rule:
    return Rule(
        sides={
            "country": one_of(random.choice(COUNTRIES)),
            "segment": one_of(random.choice(SEGMENTS)),
            "payment_method": one_of(random.choice(METHODS)),
            "days_overdue": draw_days(random),
            "overdue_balance": integers((random.choice(BALANCES), None)),
        }
    )


def _draw_account(random: Random) -> Point:
    return {
        "country": random.choice(COUNTRIES),
        "segment": random.choice(SEGMENTS),
        "payment_method": random.choice(METHODS),
        "days_overdue": random.randint(DAYS[0] - 2, DAYS[-1] + 30),
        "overdue_balance": random.randint(0, 30_000),
    }


GRID = Shape(
    name="grid",
    about="every rule tests the same five facts: three by equality, a range of days, a least balance",
    dimensions={
        dimension.key: dimension
        for dimension in (
            word_fact("country", missing=True),
            word_fact("segment", missing=True),
            word_fact("payment_method", missing=True),
            number_fact("days_overdue", missing=True),
            number_fact("overdue_balance"),
        )
    },
    draw_rule=_draw_rule,
    draw_account=_draw_account,
)
