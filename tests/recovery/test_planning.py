"""The size of an experiment: textbook values, and what the formula says of uneven groups."""

from fractions import Fraction

import pytest

from engine.model.ruleset import Experiment
from engine.recovery.planning import PlanImpossible, plan

HALVES = Experiment(id="halves", variants=(("a", 50), ("b", 50)))


def percent(number: str) -> Fraction:
    """A share."""
    return Fraction(number) / 100


@pytest.mark.parametrize(
    ("base", "effect", "accounts"),
    [
        # Chow, Shao and Wang, 4.2: (1.96 + 0.84)² (0.65 · 0.35 + 0.85 · 0.15) / 0.2² = 69.6; the others by the formula.
        ("65", "20", 70),
        ("85", "-20", 70),
        ("50", "10", 385),
        ("5", "5", 432),
    ],
)
def test_two_halves_need_what_textbooks_say(base: str, effect: str, accounts: int) -> None:
    """Both groups have the same size, rounded up, whichever pays better."""
    planned = plan(HALVES, base=percent(base), effect=percent(effect), accounts_a_day=100)
    assert [group.accounts for group in planned.groups] == [accounts, accounts]


@pytest.mark.parametrize(("a_day", "days"), [(70, 16), (69, 17), (140, 15), (139, 16), (1_000, 15)])
def test_the_last_account_has_time_to_pay(a_day: int, days: int) -> None:
    """A day that is begun counts, and the days to pay follow."""
    assert plan(HALVES, base=percent("65"), effect=percent("20"), accounts_a_day=a_day).days == days


def test_who_is_held_out_is_compared_with() -> None:
    """The held out are the first group, have their part of all, and a small group makes the whole large."""
    experiment = Experiment(id="courtesy", variants=(("all", 100),), hold_out=5)
    planned = plan(experiment, base=percent("40"), effect=percent("5"), accounts_a_day=1_000)
    assert [(group.name, group.share) for group in planned.groups] == [
        ("hold_out", Fraction(1, 20)),
        ("all", Fraction(19, 20)),
    ]
    held_out, rest = (group.accounts for group in planned.groups)
    # 7.8489 / 0.05² · (0.24 / 0.05 + 0.2475 / 0.95) = 15,887.8
    assert (held_out, rest) == (795, 15_094)


def test_each_variant_is_told_from_the_first() -> None:
    """The smallest of several decides how many are needed together; one without accounts is no group."""
    experiment = Experiment(id="three", variants=(("a", 60), ("none", 0), ("b", 30), ("c", 10)))
    planned = plan(experiment, base=percent("65"), effect=percent("20"), accounts_a_day=10)
    pair = plan(
        Experiment(id="two", variants=(("a", 60), ("c", 10))),
        base=percent("65"),
        effect=percent("20"),
        accounts_a_day=10,
    )
    assert [group.name for group in planned.groups] == ["a", "b", "c"]
    assert [planned.groups[0].accounts, planned.groups[2].accounts] == [group.accounts for group in pair.groups]


@pytest.mark.parametrize(
    ("experiment", "base", "effect"),
    [
        (HALVES, "0", "5"),
        (HALVES, "98", "2"),
        (HALVES, "40", "0"),
        (Experiment(id="one", variants=(("a", 100), ("b", 0))), "40", "5"),
    ],
)
def test_what_no_number_of_accounts_shows(experiment: Experiment, base: str, effect: str) -> None:
    """Shares outside 0 to 100 %, no difference, and one group alone are refused."""
    with pytest.raises(PlanImpossible):
        plan(experiment, base=percent(base), effect=percent(effect), accounts_a_day=10)
