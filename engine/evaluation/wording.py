"""Facts and what is required of them, in words that a billing analyst would use."""

import datetime as dt

from engine.conditions.sets import BooleanSet, IntegerSet, ValueSet
from engine.evaluation.view import View
from engine.model.decision import Money
from engine.model.money import format_amount
from engine.model.vocabulary import Fact, Value

NOT_GIVEN = "not given"


def money(amount: int, currency: str) -> Money:
    """Return minor units as an amount with its currency's places."""
    return Money(amount=format_amount(amount, currency), currency=currency)


def format_number(fact: Fact, number: int, currency: str) -> str:
    """Write a numeric fact's typed value as the author writes it."""
    if fact.type == "amount":
        return format_amount(number, currency)
    if fact.type == "decimal" and fact.places:
        sign, digits = ("-" if number < 0 else ""), f"{abs(number):0{fact.places + 1}d}"
        return f"{sign}{digits[: -fact.places]}.{digits[-fact.places :]}"
    return str(number)


def format_value(fact: Fact, value: Value | None, currency: str) -> str:
    """Write a fact's typed value as the author writes it."""
    if value is None:
        return NOT_GIVEN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return value if isinstance(value, str) else format_number(fact, value, currency)


def format_set(fact: Fact | None, values: ValueSet, currency: str) -> str:
    """Write a set of allowed values as a requirement, such as "at least 14" or "consumer or smb"."""
    parts = _parts(fact, values, currency)
    if values.missing:
        parts.append(NOT_GIVEN)
    return " or ".join(parts) if parts else "nothing"


def _parts(fact: Fact | None, values: ValueSet, currency: str) -> list[str]:
    if isinstance(values, BooleanSet):
        return ["true" if value else "false" for value in sorted(values.values)]
    if isinstance(values, IntegerSet):
        return [_interval(fact, low, high, currency) for low, high in values.intervals]
    if not values.cofinite:
        return sorted(values.words)
    return [f"anything but {', '.join(sorted(values.words))}" if values.words else "anything given"]


def _interval(fact: Fact | None, low: int | None, high: int | None, currency: str) -> str:
    def write(number: int) -> str:
        return format_number(fact, number, currency) if fact is not None else str(number)

    if low is None:
        return f"at most {write(high)}" if high is not None else "anything given"
    if high is None:
        return f"at least {write(low)}"
    return write(low) if low == high else f"{write(low)} to {write(high)}"


def count_days(days: int) -> str:
    """Write a number of days."""
    return f"{days} day" if abs(days) == 1 else f"{days} days"


def sentence_of(fact: Fact, value: Value | None, currency: str) -> str:
    """Say a fact's value in a few words."""
    words = fact.name.replace("_", " ")
    if value is None:
        return f"{words} {NOT_GIVEN}"
    if fact.name == "days_overdue" and isinstance(value, int):
        return f"{count_days(value)} overdue" if value >= 0 else f"due in {count_days(-value)}"
    if isinstance(value, bool):
        return words if value else f"not {words}"
    unit = f" {currency}" if fact.type == "amount" else ""
    return f"{words} {format_value(fact, value, currency)}{unit}"


def fill_reason(reason: str, view: View) -> str:
    """Put facts' values where a block's reason names them in braces."""
    filled = reason
    for name, fact in view.program.edition.facts.items():
        mark = f"{{{name}}}"
        if mark in filled:
            filled = filled.replace(mark, format_value(fact, view.fact(name), view.standing.account.currency))
    return filled


def since(day: dt.date, last: dt.date) -> str:
    """Say how long ago a day was."""
    days = (day - last).days
    return "today" if days == 0 else f"{count_days(days)} ago"
