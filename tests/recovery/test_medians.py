"""The median of Kaplan and Meier: published data, and another's program as an oracle."""

import random
from collections import Counter

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from engine.recovery.medians import find_median

# Weeks of remission of 42 children with leukaemia, a plus for those still in it: Freireich and others, Blood 21 (1963)
# 699-716, as printed in Kleinbaum and Klein, Survival Analysis, chapter 1; its chapter 2 gives the medians 23 and 8.
TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
UNTREATED = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


@pytest.mark.parametrize(("weeks", "median"), [(TREATED, 23), (UNTREATED, 8)])
def test_the_medians_of_the_textbook(weeks: str, median: int) -> None:
    """Of those treated and of those who were not."""
    happened = Counter(int(each) for each in weeks.split() if "+" not in each)
    waiting = Counter(int(each.strip("+")) for each in weeks.split() if "+" in each)
    assert find_median(happened, waiting) == median


@pytest.mark.parametrize(
    ("happened", "waiting", "median"),
    [
        ({}, {}, None),
        ({}, {5: 3}, None),
        ({0: 1}, {}, 0),
        ({3: 1, 9: 1}, {}, 3),  # one half exactly
        ({3: 1}, {3: 1}, 3),  # who leaves on the day was still there
        ({3: 1}, {2: 1}, 3),
        ({3: 1}, {4: 2}, None),
        ({1: 1, 2: 1, 3: 1}, {4: 3}, 3),  # 5/6 · 4/5 · 3/4 is exactly one half
    ],
)
def test_the_first_day_at_which_at_most_half_wait(
    happened: dict[int, int], waiting: dict[int, int], median: int | None
) -> None:
    """None until then; exact where it is one half."""
    assert find_median(happened, waiting) == median


def test_another_program_says_the_same() -> None:
    """Of 300 random groups; left out are those whose curve comes to a half exactly, where floats may miss it."""
    numbers = random.Random(1)
    compared = 0
    for _ in range(300):
        times = [numbers.randrange(40) for _ in range(numbers.randrange(1, 60))]
        paid = [numbers.random() < 0.6 for _ in times]
        curve = SurvfuncRight(np.array(times) + 1, np.array(paid, dtype=int))  # it wants no zero
        if np.any(np.isclose(curve.surv_prob, 0.5)):
            continue
        other = curve.surv_times[curve.surv_prob < 0.5]
        happened = Counter(time for time, is_paid in zip(times, paid, strict=True) if is_paid)
        waiting = Counter(time for time, is_paid in zip(times, paid, strict=True) if not is_paid)
        assert find_median(happened, waiting) == (int(other[0]) - 1 if len(other) else None)
        compared += 1
    assert compared > 250
