"""By what figures are split, and which lines a case stands in."""

import datetime as dt
from collections.abc import Callable
from typing import Literal, get_args

from engine.recovery.cases import Case
from engine.recovery.debtor import Action

By = Literal["rule", "version", "channel", "variant", "segment", "country", "decline_category", "month"]
BYS: tuple[By, ...] = get_args(By)
WORDS = ("segment", "country", "decline_category")
"""The words of an account that a statement keeps."""
OF_ACTIONS: tuple[By, ...] = ("rule", "version", "channel", "variant")
"""What an action says; money is after an action only in the lines that this one stands in."""
SIDE = "side"
"""What a case is grouped by in every report: on which side of an experiment its account is."""

NONE = "none"
"""The line of what has no such word, and no such action."""


def keys_of(case: Case, by: By) -> tuple[str, ...]:
    """Return the lines that a case stands in: of its actions those before it closed, each line once, or one word."""
    if by == "month":
        return (name_month(case.opened_on),)
    if by in WORDS:
        return (case.words.get(by, NONE),)
    found = dict.fromkeys(
        key for each in case.actions if case.is_before_close(each) for key in keys_of_action(each, by)
    )
    return tuple(found) or (NONE,)


def keys_of_action(action: Action, by: By) -> tuple[str, ...]:
    """Return the lines that an action stands in; none where it has no such thing."""
    read = _READ.get(by)
    return () if read is None else read(action)


def name_month(day: dt.date) -> str:
    """Name the month of a day."""
    return f"{day:%Y-%m}"


def _rule_of(action: Action) -> tuple[str, ...]:
    return () if action.rule is None else ("/".join(filter(None, (action.ruleset, action.rule))),)


def _version_of(action: Action) -> tuple[str, ...]:
    return () if action.ruleset is None or action.version is None else (f"{action.ruleset}@{action.version}",)


_READ: dict[By, Callable[[Action], tuple[str, ...]]] = {
    "rule": _rule_of,
    "version": _version_of,
    "channel": lambda action: action.contacts,
    "variant": lambda action: action.variants,
}
