"""What the shapes of rules share: a rule, its tests as sets of values, and an account that sits on their bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import msgspec

from engine.conditions.boxes import Point
from engine.conditions.sets import (
    INTEGER_LIMIT,
    BooleanSet,
    Dimension,
    IntegerSet,
    Value,
    ValueSet,
    WordSet,
    booleans,
    integers,
    words,
    words_except,
)

DAYS = (-3, 0, 1, 3, 7, 14, 21, 30, 45, 60, 90)
LENGTHS = (2, 6, 13, 29)
BALANCES = (0, 500, 1_000, 5_000, 10_000, 25_000)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Five conditions that must all hold: for each fact the values that it may have."""

    sides: Mapping[str, ValueSet]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of ruleset: its facts, how a rule is drawn, and how an account anywhere is drawn."""

    name: str
    about: str
    dimensions: Mapping[str, Dimension]
    draw_rule: Callable[[Random], Rule]
    draw_account: Callable[[Random], Point]


def word_fact(key: str, *, missing: bool = False) -> Dimension:
    """Return a fact that is any word."""
    return Dimension(key=key, kind="word", universe=words_except(missing=missing))


def number_fact(key: str, *, missing: bool = False) -> Dimension:
    """Return a fact that is any number."""
    return Dimension(key=key, kind="integer", universe=integers((-INTEGER_LIMIT, INTEGER_LIMIT), missing=missing))


def truth_fact(key: str) -> Dimension:
    """Return a fact that is true or false."""
    return Dimension(key=key, kind="boolean", universe=booleans(*(False, True)))


def one_of(*items: str) -> ValueSet:
    """Return the test that a fact is one of the words."""
    return words(*items)


def draw_days(random: Random) -> ValueSet:
    """Return some days of a ladder's step."""
    first = random.choice(DAYS)
    return integers((first, first + random.choice(LENGTHS)))


def draw_accounts(shape: Shape, rules: Sequence[Rule], count: int, random: Random) -> list[Point]:
    """Return accounts: three in five on or beside the bounds of a rule, the others anywhere."""
    found: list[Point] = []
    for _ in range(count):
        account = shape.draw_account(random)
        if random.random() < 0.6:
            account = {**account, **_draw_near(random.choice(rules), random)}
        found.append({key: value for key, value in account.items() if value is not None})
    return found


def _draw_near(rule: Rule, random: Random) -> dict[str, Value]:
    # What a negation allows is left as it was drawn: it holds for most words.
    tested = {
        key: values for key, values in rule.sides.items() if not (isinstance(values, WordSet) and values.cofinite)
    }
    return {key: _draw_value(values, random) for key, values in tested.items()}


def _draw_value(values: ValueSet, random: Random) -> Value:
    if isinstance(values, IntegerSet):
        ((low, high),) = values.intervals
        ends = [end for end in (low, high) if end is not None]
        inside = [end for end in (None if low is None else low + 1, None if high is None else high - 1) if end]
        outside = random.choice((-1, 1)) if random.random() < 0.25 else 0
        return max(0 if min(ends) >= 0 else min(ends) - 1, random.choice([*ends, *inside]) + outside)
    if isinstance(values, BooleanSet):
        return random.choice(sorted(values.values))
    return random.choice(sorted(values.words))
