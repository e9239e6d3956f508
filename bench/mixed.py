"""Rules of five conditions on any five of twelve facts: equalities, lists, negations, ranges and thresholds.

A rule leaves seven columns of the table blank, as hand-written rulesets do; accounts have twelve to fifteen facts, of
which four may be missing. Nothing is favoured: the facts of a rule are drawn evenly.
"""

from __future__ import annotations

from random import Random

from bench.grid import COUNTRIES, SEGMENTS
from bench.sample import BALANCES, Rule, Shape, draw_days, number_fact, one_of, truth_fact, word_fact
from engine.conditions.boxes import Point
from engine.conditions.sets import Value, ValueSet, booleans, integers, words_except

CONDITION_COUNT = 5
WORDS = {
    "country": COUNTRIES,
    "segment": SEGMENTS,
    "payment_method": ("card", "sepa_debit", "ach_debit", "bacs_debit", "bank_transfer", "wallet", "invoice"),
    "plan": ("basic", "plus", "pro", "team", "business", "annual", "trial", "partner"),
    "service_status": ("active", "restricted", "suspended", "cancelled"),
    "decline_category": ("soft", "hard", "authentication", "account", "unknown"),
}
THRESHOLDS = {
    "overdue_balance": BALANCES[1:],
    "customer_value": (1_000, 5_000, 20_000, 50_000, 100_000),
    "tenure_days": (30, 90, 180, 365, 730),
    "failed_attempts": (1, 2, 3, 4),
}
MISSING = {"plan": 0.1, "decline_category": 0.4, "customer_value": 0.2, "tenure_days": 0.2}
OTHER = {"language": ("de", "en", "fr", "nl"), "card_network": ("visa", "mastercard", "amex")}
TESTED = (*WORDS, *THRESHOLDS, "days_overdue", "vip")


def _draw_rule(random: Random) -> Rule:
    return Rule(sides={key: _draw_test(key, random) for key in sorted(random.sample(TESTED, CONDITION_COUNT))})


def _draw_test(key: str, random: Random) -> ValueSet:
    if key == "days_overdue":
        return draw_days(random)
    if key == "vip":
        return booleans(random.random() < 0.5)
    if key in THRESHOLDS:
        low, high = sorted(random.sample(THRESHOLDS[key], 2))
        return integers(random.choice(((low, None), (low, None), (None, high), (low, high))))
    form = random.random()
    if form < 0.6:
        return one_of(random.choice(WORDS[key]))
    if form < 0.85:
        return one_of(*random.sample(WORDS[key], random.choice((2, 3))))
    return words_except(*random.sample(WORDS[key], random.choice((1, 2))))


def _draw_account(random: Random) -> Point:
    account: dict[str, Value] = {key: random.choice(values) for key, values in (WORDS | OTHER).items()}
    account |= {
        "overdue_balance": random.randint(0, 30_000),
        "open_balance": random.randint(30_000, 60_000),
        "customer_value": random.randint(0, 120_000),
        "tenure_days": random.randint(0, 1_000),
        "failed_attempts": random.randint(0, 5),
        "days_overdue": random.randint(-5, 120),
        "vip": random.random() < 0.3,
    }
    return account | {key: None for key, share in MISSING.items() if random.random() < share}


MIXED = Shape(
    name="mixed",
    about="each rule tests five of twelve facts: equalities, lists, negations, ranges, thresholds",
    dimensions={
        **{key: word_fact(key, missing=True) for key in WORDS},
        **{key: number_fact(key, missing=key in MISSING) for key in THRESHOLDS},
        "days_overdue": number_fact("days_overdue"),
        "vip": truth_fact("vip"),
    },
    draw_rule=_draw_rule,
    draw_account=_draw_account,
)
