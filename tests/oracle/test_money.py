"""The oracle's fees and interest against the golden numbers of the law and of language.md section 7."""

import datetime as dt
from typing import Any

import pytest

from tests.oracle.examples import account_small
from tests.oracle.money import RateUnknown, covers_until, fee_on, interest_on, read_fee, read_interest
from tests.oracle.test_oracle import small

WIK: dict[str, Any] = {
    "basis": "overdue_balance",
    "tiers": [
        {"up_to": "2500", "percent": "15"},
        {"up_to": "5000", "percent": "10"},
        {"up_to": "10000", "percent": "5"},
        {"up_to": "200000", "percent": "1"},
        {"percent": "0.5"},
    ],
    "at_least": "40",
    "at_most": "6775",
}
UK = {
    "basis": "overdue_balance",
    "tiers": [{"up_to": "999.99", "fixed": "40"}, {"up_to": "9999.99", "fixed": "70"}, {"fixed": "100"}],
}


def cents(text: str) -> int:
    """A written amount in cents."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


@pytest.mark.parametrize(
    ("principal", "fee"),
    [
        ("0", "0"), ("0.01", "40"), ("125", "40"), ("266.67", "40"), ("266.70", "40.01"), ("300", "45"), ("500", "75"),
        ("1000.50", "150.08"), ("2500", "375"), ("3000", "425"), ("5000", "625"), ("10000", "875"), ("23000", "1005"),
        ("200000", "2775"), ("999999", "6775"), ("1000000", "6775"),
    ],
)  # fmt: skip
def test_dutch_collection_costs(principal: str, fee: str) -> None:
    """The Dutch scale comes out to the cent."""
    assert fee_on(read_fee("wik", WIK, "EUR"), cents(principal)) == cents(fee)


def test_value_added_tax() -> None:
    """Tax is added after the bounds, before the one rounding."""
    with_tax = read_fee("wik", {**WIK, "vat_percent": "21"}, "EUR")
    assert [fee_on(with_tax, basis) for basis in (30_000, 100)] == [5_445, 4_840]


@pytest.mark.parametrize(("basis", "fee"), [("999.99", 40), ("1000", 70), ("9999.99", 70), ("10000", 100)])
def test_british_fixed_sums(basis: str, fee: int) -> None:
    """A fixed tier is the whole fee."""
    assert fee_on(read_fee("uk", UK, "GBP"), cents(basis)) == fee * 100


@pytest.mark.parametrize(
    ("rates", "options", "principal", "due_on", "today", "interest"),
    [
        ({"2026-01-01": "10"}, {}, "5000", "2026-09-30", "2026-11-21", "71.23"),
        ({"2026-01-01": "10.15", "2026-07-01": "10.40"}, {}, "10000", "2026-05-31", "2026-08-31", "260.08"),
        ({"2026-01-01": "10.27", "2026-07-01": "10.52"}, {}, "10000", "2026-05-31", "2026-08-31", "263.11"),
        ({"2026-01-01": "6.27", "2026-07-01": "6.52"}, {}, "1000", "2026-05-31", "2026-08-31", "16.23"),
        ({"2026-07-01": "11.75"}, {"fixed_at_default": "true"}, "10000", "2026-08-31", "2026-11-21", "263.97"),
        ({"2024-01-01": "10"}, {"compounding": "yearly"}, "1000", "2024-12-31", "2026-12-31", "210.00"),
        ({"2024-01-01": "12"}, {"day_count": "30/360"}, "1000", "2026-01-31", "2026-03-31", "20.00"),
        ({"2026-01-01": "10"}, {}, "1000", "2026-05-31", "2026-05-31", "0"),
    ],
)
def test_interest(
    rates: dict[str, str], options: dict[str, str], principal: str, due_on: str, today: str, interest: str
) -> None:
    """Interest runs from the day after the due date to the day asked, both included."""
    found = interest_on(
        read_interest({"rates": [{"from": on, "percent": rate} for on, rate in rates.items()], **options}),
        cents(principal),
        dt.date.fromisoformat(due_on),
        dt.date.fromisoformat(today),
    )
    assert found == cents(interest)


def test_rate_unknown() -> None:
    """A day before the first rate or after the last known one is refused."""
    interest = read_interest({"rates": [{"from": "2026-01-01", "percent": "1"}], "known_until": "2026-12-31"})
    for due_on, today in ((dt.date(2025, 12, 30), dt.date(2026, 1, 5)), (dt.date(2026, 12, 1), dt.date(2027, 1, 1))):
        with pytest.raises(RateUnknown):
            interest_on(interest, 100, due_on, today)


@pytest.mark.parametrize(
    ("charged_on", "last_day"),
    [("2026-06-01", "2026-11-30"), ("2026-08-31", "2027-02-27"), ("2026-03-15", "2026-09-14")],
)
def test_six_months(charged_on: str, last_day: str) -> None:
    """A charge covers six calendar months."""
    assert covers_until(dt.date.fromisoformat(charged_on)).isoformat() == last_day


def test_announced_fee_never_grows() -> None:
    """What is charged is the smaller of what was announced and what the fee is now; without the name, the announced."""
    text = """
fees: {late: {basis: overdue_balance, percent: 10}}
rules: [{id: charge, then: {action: charge_fee, fee: announced}}]
"""

    def charged(name: str, amount: str) -> Any:
        told = {"name": name, "amount": amount, "currency": "EUR"}
        history = [{"rule": "gone", "at": "2026-03-05", "announced_fee": told}]
        return small(text).decide(account_small(), history, "2026-03-11", look_ahead=False)["action"]["fee"]["amount"]

    assert [charged("late", "8.00"), charged("late", "12.00"), charged("old", "12.00")] == ["8.00", "10.00", "12.00"]
    assert small(text).decide(account_small(), [], "2026-03-11", look_ahead=False)["rule"] is None


def test_absorbing_and_once() -> None:
    """A fee is less what it absorbs, and 0 while it was charged already; dunning costs are no basis."""
    text = """
fees:
  reminder: {fixed: 60, once_per: episode}
  late: {fixed: 450, absorbs: [reminder]}
  each: {basis: overdue_balance, percent: 10, each: invoice, at_least: 5}
rules:
  - {id: remind, level: 1, repeat: {every_days: 1}, then: {action: charge_fee, fee: reminder}}
  - {id: late, level: 2, when: {vip: true}, then: {action: charge_fee, fee: late}}
  - {id: each, when: {disputed: true}, then: {action: charge_fee, fee: each}}
"""
    charged = {"name": "reminder", "amount": "60", "currency": "EUR"}
    history = [{"rule": "remind", "at": "2026-03-05", "fee": charged}]

    def fee(**facts: Any) -> Any:
        decision = small(text).decide(account_small(**facts), history, "2026-03-11", look_ahead=False)
        return decision["action"]["fee"]["amount"]

    assert [fee(), fee(vip=True)] == ["0.00", "390.00"]
    invoices = [
        {"id": "I1", "due_on": "2026-03-01", "open": "100.00"},
        {"id": "I2", "due_on": "2026-03-02", "open": "10.00"},
        {"id": "I3", "due_on": "2026-03-02", "open": "40.00", "kind": "fee"},
    ]
    mixed = small(text.replace("level: 1,", "when: {segment: none},"))
    decision = mixed.decide(account_small(disputed=True, invoices=invoices), [], "2026-03-11", look_ahead=False)
    assert decision["action"]["fee"]["amount"] == "15.00"
    assert decision["claim"]["total"]["amount"] == "165.00"
