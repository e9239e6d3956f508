"""Names in a row, and days that have passed."""

import datetime as dt
from collections.abc import Iterable

_MOST_SHOWN = 6


def join(words: Iterable[str], conjunction: str = "and") -> str:
    """Return the words as one phrase: ``a, b and c``."""
    names = list(words)
    if len(names) > _MOST_SHOWN:
        names = [*names[: _MOST_SHOWN - 1], f"{len(names) - _MOST_SHOWN + 1} more"]
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def name_rules(ids: Iterable[str], rules: str = "rule") -> str:
    """Return ids as a phrase: ``the rule “a”`` or ``the rules “a” and “b”``."""
    names = list(ids)
    return f"the {rules}{'s' if len(names) != 1 else ''} {join(f'“{name}”' for name in names)}"


def lower_first(words: str) -> str:
    """Return words as they stand inside a sentence; an acronym such as SMS keeps its capitals."""
    is_acronym = words[1:2].isupper()
    return words if is_acronym else words[:1].lower() + words[1:]


def count_days(days: int) -> str:
    """Write a number of days."""
    return f"{days} day" if abs(days) == 1 else f"{days} days"


def say_since(day: dt.date, last: dt.date) -> str:
    """Say how long ago a day was."""
    return say_days_since((day - last).days)


def say_days_since(days: int) -> str:
    """Say that something was so many days ago."""
    return "today" if days == 0 else f"{count_days(days)} ago"
