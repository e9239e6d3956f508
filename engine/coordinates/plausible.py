"""Facts that no account has whose facts come from invoices and from history."""

from collections.abc import Iterator

from engine.conditions.boxes import Box
from engine.conditions.sets import integers
from engine.coordinates.beside import Beside

_COUNTS = (
    "open_invoices",
    "overdue_invoices",
    "contacts_last_7_days",
    "contacts_last_30_days",
    "dunning_level",
    "failed_attempts",
    "broken_promises",
    "payment_plan_missed",
)
_PARTS = (
    ("overdue_balance", "open_balance"),
    ("overdue_invoices", "open_invoices"),
    ("largest_invoice", "open_balance"),
    ("last_invoice", "largest_invoice"),
)


_LARGER_THAN_IGNORED = ("open_balance", "overdue_balance", "largest_invoice", "last_invoice")


def negative_counts(beside: Beside) -> Iterator[Box]:
    """Yield where something counted is less than nothing, which only a caller's mistake can be."""
    for name in _COUNTS:
        fact = beside.fact(name)
        if fact is not None:
            yield Box(sides={fact.key: integers((None, -1))})


def implausible(beside: Beside, *, ignore_below: int) -> Iterator[Box]:
    """Yield the same, and where a part is more than its whole, or what is overdue does not fit the days.

    Nor is less open than what a ruleset ignores, unless nothing is.
    """
    for name in _LARGER_THAN_IGNORED if ignore_below > 1 else ():
        amount = beside.fact(name)
        if amount is not None:
            yield Box(sides={amount.key: integers((1, ignore_below - 1))})
    yield from negative_counts(beside)
    for part_name, whole_name in _PARTS:
        part, whole = beside.fact(part_name), beside.fact(whole_name)
        if part is not None and whole is not None:
            for cut in beside.cuts(part, whole):
                yield Box(sides={part.key: integers((cut, None)), whole.key: integers((None, cut - 1))})
    days, overdue = beside.days_overdue, beside.fact("overdue_balance")
    if days is not None and overdue is not None:
        yield Box(sides={days.key: integers((None, 0)), overdue.key: integers((1, None))})
        yield Box(sides={days.key: integers((1, None)), overdue.key: integers((None, 0))})
