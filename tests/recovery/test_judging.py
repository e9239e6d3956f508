"""Sizes, too early, and differences: published intervals and critical values, and what comes before what."""

from fractions import Fraction

import pytest

from engine.model.ruleset import Experiment
from engine.recovery.judging import Counted, compare, find_chance, judge
from engine.recovery.planning import plan

HALVES = Experiment(id="halves", variants=(("a", 50), ("b", 50)))
PLAN = plan(HALVES, base=Fraction(65, 100), effect=Fraction(20, 100), accounts_a_day=10)  # 70 each, 28 days


def counted(*groups: tuple[int, int]) -> list[Counted]:
    """Groups a and b as paid of accounts."""
    return [Counted(name=name, paid=paid, accounts=all_) for name, (paid, all_) in zip("ab", groups, strict=True)]


@pytest.mark.parametrize(
    ("other", "first", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_intervals_are_those_of_the_article(
    other: tuple[int, int], first: tuple[int, int], low: float, high: float
) -> None:
    """The interval of each published pair, to the four places that are published."""
    base, more = counted(first, other)
    found = compare(base, more)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("groups", "distance", "chance"),
    [
        (2, 3.841459, 0.05),
        (3, 5.991465, 0.05),
        (4, 7.814728, 0.05),
        (5, 9.487729, 0.05),
        (6, 11.070498, 0.05),
        (2, 10.827566, 0.001),
        (3, 13.815511, 0.001),
        (4, 16.266236, 0.001),
    ],
)
def test_chances_are_those_of_the_tables(groups: int, distance: float, chance: float) -> None:
    """Sizes at a critical value of chi-square are as likely as every table of it says."""
    size = 10_000_000
    step = round((distance / 2 * size) ** 0.5)  # two groups that differ by it add its square over the size, each
    sizes = [size + step, size - step, *[size] * (groups - 2)]
    assert find_chance(sizes, [Fraction(1, groups)] * groups) == pytest.approx(chance, rel=1e-3)


def test_nobody_yet_is_no_mismatch() -> None:
    """Before the first account it is too early."""
    judged = judge(PLAN, counted((0, 0), (0, 0)), days=0)
    assert (judged.chance, judged.withheld, judged.differences) == (1.0, "too-early", ())


@pytest.mark.parametrize(
    ("a", "b", "days", "withheld"),
    [
        ((30, 70), (60, 70), 28, None),
        ((30, 70), (60, 70), 27, "too-early"),
        ((30, 69), (60, 71), 28, "too-early"),
        ((60, 400), (60, 500), 1, None),  # 11.1 of 10.83: looked at on the first day too
    ],
)
def test_size_and_days_are_reached_first(
    a: tuple[int, int], b: tuple[int, int], days: int, withheld: str | None
) -> None:
    """A difference is told from the planned day and size on; sizes that do not fit withhold it always."""
    judged = judge(PLAN, counted(a, b), days=days)
    assert judged.withheld == (withheld if a[1] < 400 else "sample-ratio-mismatch")
    assert bool(judged.differences) == (judged.withheld is None)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [((30, 70), (60, 70), "more"), ((60, 70), (30, 70), "fewer"), ((40, 70), (42, 70), "not-shown")],
)
def test_a_verdict_is_of_the_whole_interval(a: tuple[int, int], b: tuple[int, int], verdict: str) -> None:
    """More or fewer is said only where the whole interval is on that side of nothing."""
    (difference,) = judge(PLAN, counted(a, b), days=28).differences
    assert difference.verdict == verdict
