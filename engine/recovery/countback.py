"""Days sales outstanding by countback, and collection effectiveness (figures.md F1, F4 and F5)."""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from engine.recovery.figures import share


class Billed(msgspec.Struct, frozen=True, kw_only=True):
    """What was billed in a month, in minor units, less its credit notes; ``days`` so far of the running one."""

    month: str
    amount: int
    days: int


class Outstanding(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days of billing receivables stand; more than that where the billing known does not cover them."""

    days: Fraction
    is_more: bool = False


def count_back(receivables: int, months: Iterable[Billed]) -> Outstanding:
    """Take each month's billing off the receivables, the latest first, and count its days; of the last one a part.

    A month in which nothing was billed, or more credited than billed, takes nothing off and counts its days.
    """
    left, days = receivables, Fraction(0)
    if left <= 0:
        return Outstanding(days=days)
    for month in months:
        if month.amount >= left:
            return Outstanding(days=days + Fraction(month.days * left, month.amount))
        left -= max(0, month.amount)
        days += month.days
    return Outstanding(days=days, is_more=True)


def measure_effectiveness(*, opening: int, billed: int, closing: int, closing_current: int) -> Fraction | None:
    """Return the share of what could be collected in a period that was: the collection effectiveness index."""
    return share(opening + billed - closing, opening + billed - closing_current)
