"""Boxes and constants in the words of an author."""

from collections.abc import Iterable

from engine.conditions import plan
from engine.conditions.boxes import Box
from engine.conditions.sets import BooleanSet, IntegerSet, Interval, ValueSet
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
    """Return what a box asks of the facts, such as ``days_overdue 3..13, segment other than consumer``."""
    asked = (describe_side(key, values, edition) for key, values in box.sides.items() if not key.startswith("@"))
    return ", ".join(asked) or "any account"


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
    low, high = (None if end is None else format_number(fact, end, currency) for end in interval)
    if low is None and high is None:
        return "given"
    return low if low is not None and low == high else f"{low or ''}..{high or ''}"


def name_rules(ids: Iterable[str], rules: str = "rule") -> str:
    """Return ids as a phrase: ``the rule “a”`` or ``the rules “a” and “b”``."""
    names = list(ids)
    return f"the {rules}{'s' if len(names) != 1 else ''} {join(f'“{name}”' for name in names)}"


def is_history(key: str) -> bool:
    """Tell whether a dimension is one of what was executed."""
    return key.startswith("@") and not key.startswith((plan.reach_key(()), plan.variant_key("")))
