"""Interest comes out as the published examples say, and is unknown rather than guessed."""

import datetime as dt

import pytest

from engine.evaluation.interest import work_out_interest
from engine.model.money import Debt, InterestUnknown, Worked, format_amount
from tests.money.golden import NUMBERS, read_debts, read_interest


def _cases(kind: str) -> list[object]:
    return [pytest.param(case, id=case["about"]) for case in NUMBERS[kind]]


def _work_out(rates: str, amount: int, due_on: str, on: str) -> Worked | InterestUnknown:
    debt = Debt(invoice="I1", due_on=dt.date.fromisoformat(due_on), amount=amount)
    return work_out_interest(read_interest(rates), "EUR", [debt], dt.date.fromisoformat(on))


@pytest.mark.parametrize("case", _cases("interest"))
def test_golden_interest(case: dict[str, str]) -> None:
    """The interest on debts to a day is the published one."""
    debts = read_debts([list(debt) for debt in case["debts"]], case["currency"])
    worked = work_out_interest(read_interest(case["rates"]), case["currency"], debts, dt.date.fromisoformat(case["on"]))
    assert isinstance(worked, Worked)
    assert format_amount(worked.amount, case["currency"]) == case["amount"]


@pytest.mark.parametrize("case", _cases("unknown"))
def test_interest_is_unknown_outside_the_published_rates(case: dict[str, str]) -> None:
    """A day that no published rate covers makes the interest unknown, and the reason names the limit."""
    worked = _work_out(case["rates"], 100, case["due_on"], case["on"])
    assert isinstance(worked, InterestUnknown)
    assert case["says"] in worked.reason


@pytest.mark.parametrize("case", _cases("known"))
def test_interest_is_known_to_the_last_day(case: dict[str, str]) -> None:
    """The first and the last day of the rates are known."""
    assert isinstance(_work_out(case["rates"], 100, case["due_on"], case["on"]), Worked)


@pytest.mark.parametrize(
    ("rates", "due_on", "on", "formula"),
    [
        (
            "nl_commercial",
            "2026-05-31",
            "2026-08-31",
            "I1: 100.00 x 10.15 % x 30/365 + 100.00 x 10.40 % x 62/365 = 2.60",
        ),
        ("uk", "2025-12-30", "2026-01-31", "I1: 100.00 x 12.25 % x 32/365 = 1.07"),
        ("thirds", "2026-05-15", "2026-05-27", "I1: 100.00 x 10 % x 12/360 = 0.33"),
        (
            "nl_consumer",
            "2024-12-31",
            "2026-01-31",
            "I1: 100.00 x 6 % x 365/365; added to the sum at the end of the year, then 106.00 x 4 % x 31/365 = 6.36",
        ),
    ],
)
def test_formula_can_be_repeated(rates: str, due_on: str, on: str, formula: str) -> None:
    """The formula names each sum, rate and number of days."""
    worked = _work_out(rates, 10_000, due_on, on)
    assert isinstance(worked, Worked)
    assert worked.formula == formula


def test_formula_of_several_debts_names_each_and_their_sum() -> None:
    """Each invoice has its line, and the sum stands at the end."""
    debts = read_debts([["100.00", "2026-11-20"], ["200.00", "2026-11-20"]], "SEK")
    worked = work_out_interest(read_interest("se_default"), "SEK", debts, dt.date(2026, 11, 21))
    assert isinstance(worked, Worked)
    assert worked.basis == 30000
    assert worked.formula == "I1: 100.00 x 10 % x 1/365 = 0.03 | I2: 200.00 x 10 % x 1/365 = 0.05 | together 0.08"
