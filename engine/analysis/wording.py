"""Boxes and constants in the words of an author."""

from collections.abc import Iterable

from engine.analysis.relations import DAYS, LONGEST_DEBT_DAYS
from engine.conditions.boxes import Box
from engine.conditions.sets import BooleanSet, IntegerSet, Interval, ValueSet
from engine.model.condition import (
    AllOf,
    AnyOf,
    Condition,
    HasAll,
    HasAny,
    HasNone,
    InVariant,
    IsMissing,
    IsNamed,
    IsNoneOf,
    IsOneOf,
    IsPresent,
    Item,
    NoneOf,
    Span,
)
from engine.model.money import format_amount
from engine.model.ruleset import Edition
from engine.model.vocabulary import Fact

_MISSING = "missing"
_MOST_SHOWN = 6


def join(words: Iterable[str], conjunction: str = "and") -> str:
    """Return the words as one phrase: ``a, b and c``."""
    names = list(words)
    if len(names) > _MOST_SHOWN:
        names = [*names[: _MOST_SHOWN - 1], f"{len(names) - _MOST_SHOWN + 1} more"]
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def format_number(fact: Fact | None, number: int, currency: str) -> str:
    """Write a number as the author of the fact writes it."""
    if fact is not None and fact.type == "amount":
        return format_amount(number, currency)
    if fact is not None and fact.places:
        digits = f"{abs(number):0{fact.places + 1}d}"
        written = f"{digits[: -fact.places]}.{digits[-fact.places :]}".rstrip("0").rstrip(".")
        return f"-{written}" if number < 0 else written
    return str(number)


def describe(box: Box, edition: Edition) -> str:
    """Return what a box asks of the facts, such as ``days_overdue 3..13, vip true``; empty for nothing."""
    asked = (describe_side(key, values, edition) for key, values in box.sides.items() if not key.startswith("@"))
    return ", ".join(asked)


def describe_side(key: str, values: ValueSet, edition: Edition) -> str:
    """Return what one side asks of its fact."""
    name, _, item = key.partition(":")
    if item:
        return f"{name} {'with' if values.contains(value=True) else 'without'} {item}"
    parts = _parts(edition.facts.get(name), values, edition.currency)
    if values.contains(None):
        parts.append(_MISSING)
    return f"{name} {join(parts, 'or')}"


def _parts(fact: Fact | None, values: ValueSet, currency: str) -> list[str]:
    if isinstance(values, BooleanSet):
        return ["true" if value else "false" for value in sorted(values.values, reverse=True)]
    if isinstance(values, IntegerSet):
        return [_interval(fact, interval, currency) for interval in values.intervals]
    if not values.cofinite:
        return sorted(values.words)
    return [f"other than {join(sorted(values.words), 'or')}" if values.words else "given"]


def _interval(fact: Fact | None, interval: Interval, currency: str) -> str:
    is_debt = fact is not None and fact.name == DAYS
    ends = (None if end is None or (is_debt and abs(end) == LONGEST_DEBT_DAYS) else end for end in interval)
    low, high = (None if end is None else format_number(fact, end, currency) for end in ends)
    if low is None and high is None:
        return "given"
    return low if low is not None and low == high else f"{low or ''}..{high or ''}"


def name_rules(ids: Iterable[str], rules: str = "rule") -> str:
    """Return ids as a phrase: ``the rule “a”`` or ``the rules “a” and “b”``."""
    names = list(ids)
    return f"the {rules}{'s' if len(names) != 1 else ''} {join(f'“{name}”' for name in names)}"


def tell_part(condition: Condition, edition: Edition) -> str:
    """Return what a condition asks, such as ``days_overdue 14.. and days_overdue ..10``."""
    match condition:
        case AllOf():
            return join(tell_part(part, edition) for part in condition.conditions) or "anything"
        case AnyOf():
            return f"any of ({', '.join(tell_part(part, edition) for part in condition.conditions)})"
        case NoneOf():
            return f"none of ({', '.join(tell_part(part, edition) for part in condition.conditions)})"
        case IsNamed():
            return f"{condition.name} {'true' if condition.holds else 'false'}"
        case InVariant():
            return f"{condition.experiment} {join(condition.variants, 'or')}"
        case _:
            return _tell_leaf(condition, edition)


def _tell_leaf(leaf: IsOneOf | IsNoneOf | IsMissing | IsPresent | HasAny | HasAll | HasNone, edition: Edition) -> str:
    match leaf:
        case IsMissing():
            return f"{leaf.fact} missing"
        case IsPresent():
            return f"{leaf.fact} given"
        case IsOneOf() | IsNoneOf():
            items = join((_tell_item(item, leaf.fact, edition) for item in leaf.items), "or")
            return f"{leaf.fact} {'' if isinstance(leaf, IsOneOf) else 'not '}{items}"
        case HasAny() | HasAll():
            return f"{leaf.fact} with {join(leaf.items, 'or' if isinstance(leaf, HasAny) else 'and')}"
        case HasNone():
            return f"{leaf.fact} without {join(leaf.items, 'or')}"


def _tell_item(item: Item, name: str, edition: Edition) -> str:
    if isinstance(item, Span):
        return _interval(edition.facts[name], (item.low, item.high), edition.currency)
    if isinstance(item, bool):
        return "true" if item else "false"
    return item if isinstance(item, str) else format_number(edition.facts[name], item, edition.currency)
