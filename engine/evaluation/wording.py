"""The words inside a decision: amounts, facts as a reason says them, a block's reason filled in."""

import re

from engine.evaluation.view import View
from engine.model.decision import Money
from engine.model.money import format_amount
from engine.model.vocabulary import Fact, Value
from engine.words.phrases import count_days
from engine.words.values import NOT_GIVEN, format_value

_MARK = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def money(amount: int, currency: str) -> Money:
    """Return minor units as an amount with its currency's places."""
    return Money(amount=format_amount(amount, currency), currency=currency)


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
    if "{" not in reason:
        return reason
    facts = view.program.edition.facts

    def fill(mark: re.Match[str]) -> str:
        fact = facts.get(mark[1])
        if fact is None:
            return mark[0]
        return format_value(fact, view.fact(fact.name), view.standing.account.currency)

    return _MARK.sub(fill, reason)
