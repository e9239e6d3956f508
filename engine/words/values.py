"""Facts' values, and sets of them, as a sentence says them."""

from engine.conditions.sets import BooleanSet, IntegerSet, ValueSet
from engine.model.money import format_amount
from engine.model.vocabulary import Fact, Value
from engine.words.phrases import count_days

NOT_GIVEN = "not given"


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


def say_set(values: ValueSet, fact: Fact | None = None, currency: str = "") -> str:
    """Say a set of allowed values as a requirement, such as "at least 14" or "consumer or smb"."""
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


def say_days_ago(what: str, values: ValueSet) -> str:
    """Say how many days ago something was, such as "step executed 7 to 13 days ago or never"."""
    if not isinstance(values, IntegerSet):
        return what
    words = [_days_ago(what, low, high) for low, high in values.intervals]
    if values.missing:
        words.append("never" if words else f"{what} never")
    return " or ".join(words)


def _when(days: int) -> str:
    """Say so many days ago, or ahead where they are negative."""
    return f"in {count_days(-days)}" if days < 0 else "today" if days == 0 else f"{count_days(days)} ago"


def _days_ago(what: str, low: int | None, high: int | None) -> str:
    if low is not None and low < 0:  # a deadline that is yet to come
        until = "or past" if high is None else f"to {_when(high)}"
        return f"{what} {_when(low)}" if low == high else f"{what} {_when(low)} {until}"
    if high is None:
        return f"{what} {'at any time' if low is None else 'today or before' if low == 0 else f'{_when(low)} or more'}"
    if low is None or high == 0:  # what is yet to come too, where nothing says that it cannot be
        return f"{what} {_when(high)}{' or later' if low is None else ''}"
    if low == 0:
        return f"{what} at most {count_days(high)} ago"
    return f"{what} {count_days(low)} ago" if low == high else f"{what} {low} to {high} days ago"
