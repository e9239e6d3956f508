"""The median of how long it takes until something happens that has not happened to all yet."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

_HALF = Fraction(1, 2)


def find_median(happened: Mapping[int, int], waiting: Mapping[int, int]) -> int | None:
    """Return the first day on which at most half are still waiting, by Kaplan and Meier; None where it has not come.

    ``happened`` says for how many it happened after so many days, ``waiting`` how many have waited so long without it.
    Exact (Kaplan and Meier, Journal of the American Statistical Association 53 (1958) 457-481; figures.md K1 and K2).
    """
    at_risk = sum(happened.values()) + sum(waiting.values())
    leaving = Counter(happened)
    leaving.update(waiting)
    still = Fraction(1)
    for day in sorted(leaving):
        if count := happened.get(day, 0):
            still *= Fraction(at_risk - count, at_risk)
            if still <= _HALF:
                return day
        at_risk -= leaving[day]
    return None
