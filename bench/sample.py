"""Seeded rules of five conditions, and accounts on and beside their bounds."""

from __future__ import annotations

from random import Random

import msgspec

from engine.conditions.boxes import Point, Region, region_of
from engine.conditions.sets import INTEGER_LIMIT, Dimension, ValueSet, integers, words, words_except

COUNTRIES = ("AT", "BE", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "SE", "US")
SEGMENTS = ("consumer", "smb", "midmarket", "enterprise", "public")
METHODS = ("card", "sepa_debit", "bacs_debit", "bank_transfer", "wallet", "invoice")

DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension(key="country", kind="word", universe=words_except(missing=True)),
        Dimension(key="segment", kind="word", universe=words(*SEGMENTS, missing=True)),
        Dimension(key="payment_method", kind="word", universe=words(*METHODS, missing=True)),
        Dimension(key="days_overdue", kind="integer", universe=integers((-INTEGER_LIMIT, INTEGER_LIMIT), missing=True)),
        Dimension(key="overdue_balance", kind="integer", universe=integers((0, INTEGER_LIMIT))),
    )
}


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Five conditions: three equalities, a range of days and a least balance in minor units."""

    country: str
    segment: str
    payment_method: str
    first_day: int
    last_day: int
    least_balance: int


def make_rules(count: int, random: Random) -> list[Rule]:
    """Return rules of ladders: each country, segment and method has its own steps and thresholds."""
    return [_make_rule(random) for _ in range(count)]


def _make_rule(random: Random) -> Rule:
    first_day = random.choice((-3, 0, 1, 3, 7, 14, 21, 30, 45, 60, 90))
    return Rule(
        country=random.choice(COUNTRIES),
        segment=random.choice(SEGMENTS),
        payment_method=random.choice(METHODS),
        first_day=first_day,
        last_day=first_day + random.choice((2, 6, 13, 29)),
        least_balance=random.choice((0, 500, 1_000, 5_000, 10_000, 25_000)),
    )


def make_accounts(rules: list[Rule], count: int, random: Random) -> list[Point]:
    """Return facts of accounts: three in five at the bounds of a rule, the others anywhere."""
    return [
        _make_near(random.choice(rules), random) if random.random() < 0.6 else _make_any(random) for _ in range(count)
    ]


def _make_near(rule: Rule, random: Random) -> Point:
    day = random.choice((rule.first_day - 1, rule.first_day, rule.first_day + 1, rule.last_day, rule.last_day + 1))
    return {
        "country": rule.country,
        "segment": rule.segment,
        "payment_method": rule.payment_method,
        "days_overdue": day,
        "overdue_balance": max(0, rule.least_balance + random.choice((-1, 0, 1, 3_000))),
    }


def _make_any(random: Random) -> Point:
    return {
        "country": random.choice(COUNTRIES),
        "segment": random.choice(SEGMENTS),
        "payment_method": random.choice(METHODS),
        "days_overdue": random.randint(-5, 120),
        "overdue_balance": random.randint(0, 30_000),
    }


def describe(rule: Rule) -> Region:
    """Return the accounts that the rule is for."""
    sides: dict[str, ValueSet] = {
        "country": words(rule.country),
        "segment": words(rule.segment),
        "payment_method": words(rule.payment_method),
        "days_overdue": integers((rule.first_day, rule.last_day)),
        "overdue_balance": integers((rule.least_balance, None)),
    }
    return region_of(sides, DIMENSIONS)
