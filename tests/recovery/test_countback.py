"""Days sales outstanding and collection effectiveness: published examples, and boundaries (figures.md F1 and F5)."""

from fractions import Fraction

import pytest

from engine.recovery.countback import Billed, count_back, measure_effectiveness


def months(*billed: tuple[int, int]) -> list[Billed]:
    """Months, the latest first, each with what was billed and its days."""
    return [Billed(month=f"m{number}", amount=amount, days=days) for number, (amount, days) in enumerate(billed)]


def test_the_published_example() -> None:
    """212,000 of 100,000, 80,000 and 70,000 stand for 73.7 days (Benji Pays, “The Count-Back Method Explained”)."""
    found = count_back(212_000, months((100_000, 30), (80_000, 30), (70_000, 30)))
    assert found.days == 60 + Fraction(30 * 32, 70)
    assert (round(float(found.days), 1), found.is_more) == (73.7, False)


@pytest.mark.parametrize(
    ("receivables", "billed", "days", "is_more"),
    [
        (0, [(100, 20)], "0", False),
        (50, [(100, 20)], "10", False),
        (100, [(100, 20)], "20", False),
        (101, [(100, 20), (50, 31)], "20 31/50", False),
        (101, [(100, 20)], "20", True),
        (10, [(0, 20), (-5, 31), (40, 30)], "58 30/60", False),
        (10, [], "0", True),
    ],
)
def test_months_are_taken_off_backwards(
    receivables: int, billed: list[tuple[int, int]], days: str, *, is_more: bool
) -> None:
    """The last by part; one with nothing billed counts its days; more than that where billing does not cover them."""
    found = count_back(receivables, months(*billed))
    assert (found.days, found.is_more) == (sum(map(Fraction, days.split())), is_more)


@pytest.mark.parametrize(
    ("opening", "billed", "closing", "current", "share"),
    [
        # Gaviti, “What is Collection Effectiveness Index”: 98 %.
        (100_000, 1_000_000, 120_000, 100_000, Fraction(98, 100)),
        # Creditguru, “Collection Effectiveness Index”, its balances with a month's billing of 3,630: 55.9 %.
        (6_200, 3_630, 6_340, 3_590, Fraction(3_490, 6_240)),
        (100, 0, 0, 0, Fraction(1)),
        (0, 100, 100, 100, None),
    ],
)
def test_collection_effectiveness(
    opening: int, billed: int, closing: int, current: int, share: Fraction | None
) -> None:
    """What was collected of what could be; none where nothing could be."""
    found = measure_effectiveness(opening=opening, billed=billed, closing=closing, closing_current=current)
    assert found == share
