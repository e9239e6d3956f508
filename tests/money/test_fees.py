"""Fees come out as the law's own examples say, rounded once, and say how they were reckoned."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest

from engine.evaluation.fees import covered_invoices, is_covered, last_day_covered, sum_charges, work_out_fee
from engine.model.money import Charge, Fee, Tier, format_amount, parse_amount
from tests.money.golden import NUMBERS, read_fee

GOLDEN = [
    pytest.param(case["fee"], case["currency"], basis, amount, id=f"{case['about']}: {basis}")
    for case in NUMBERS["fees"]
    for basis, amount in case["works_out"].items()
]
BIK = read_fee(NUMBERS["fees"][0]["fee"], "EUR")
TODAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(("written", "currency", "basis", "amount"), GOLDEN)
def test_golden_fee(written: dict[str, str], currency: str, basis: str, amount: str) -> None:
    """The fee on a basis is the published one."""
    minor = None if basis == "null" else parse_amount(basis, currency)
    worked = work_out_fee(read_fee(written, currency), currency, basis=minor)
    assert format_amount(worked.amount, currency) == amount
    assert worked.basis == minor


@pytest.mark.parametrize(
    ("basis", "formula"),
    [
        (30000, "15 % of 300.00 = 45.00"),
        (12500, "15 % of 125.00 = 18.75; at least 40.00"),
        (300000, "15 % of 2500.00 + 10 % of 500.00 = 425.00"),
        (100050, "15 % of 1000.50 = 150.075; rounded 150.08"),
        (-100, "nothing on -1.00"),
    ],
)
def test_formula_can_be_repeated(basis: int, formula: str) -> None:
    """The formula names each slice, each bound and the rounding."""
    assert work_out_fee(BIK, "EUR", basis=basis).formula == formula


def test_formula_names_the_most_and_the_vat() -> None:
    """A bound and the VAT on it both stand in the formula."""
    fee = Fee(name="costs", basis="overdue_balance", percent=Decimal(15), at_most=4000, vat_percent=Decimal(21))
    worked = work_out_fee(fee, "EUR", basis=100_000)
    assert worked.formula == "15 % of 1000.00 = 150.00; at most 40.00; with 21 % VAT 48.40"
    assert worked.amount == 4840


@pytest.mark.parametrize(
    ("basis", "formula"),
    [(99999, "40.00 up to 999.99"), (100_000, "70.00 up to 9999.99"), (1_000_000, "100.00 above 9999.99")],
)
def test_formula_of_a_fixed_tier_names_its_limit(basis: int, formula: str) -> None:
    """A fixed tier is named by the limit it is chosen by."""
    fee = read_fee(NUMBERS["fees"][2]["fee"], "GBP")
    assert work_out_fee(fee, "GBP", basis=basis).formula == formula


def test_fixed_fee_keeps_its_bounds() -> None:
    """A fixed fee obeys at_least and at_most as well."""
    assert work_out_fee(Fee(name="costs", fixed=500, at_least=800), "EUR").amount == 800
    assert work_out_fee(Fee(name="costs", fixed=500, at_most=300), "EUR").amount == 300


def test_fee_for_each_invoice_is_worked_out_for_each_and_added() -> None:
    """Three overdue invoices owe three fixed sums."""
    fee = Fee(name="lump", fixed=4000, each_invoice=True)
    worked = work_out_fee(fee, "EUR", invoices={"I1": 100, "I2": 200, "I3": 300})
    assert worked.amount == 12000
    assert worked.basis is None
    assert worked.formula == "I1: fixed 40.00 | I2: fixed 40.00 | I3: fixed 40.00 | together 120.00"


def test_each_invoice_has_its_own_tier_bound_and_rounding() -> None:
    """Tiers, at_least and the rounding apply to each invoice, so that every line adds up."""
    fee = Fee(name="costs", basis="overdue_balance", percent=Decimal("0.5"), each_invoice=True)
    worked = work_out_fee(fee, "EUR", invoices={"I1": 100, "I2": 100})
    assert worked.amount == 2
    assert worked.basis == 200
    assert worked.formula == (
        "I1: 0.5 % of 1.00 = 0.005; rounded 0.01 | I2: 0.5 % of 1.00 = 0.005; rounded 0.01 | together 0.02"
    )
    assert work_out_fee(fee, "EUR", invoices={"I1": 100, "I2": 0}).amount == 1


def test_no_overdue_invoice_owes_nothing() -> None:
    """A fee for each invoice is nothing where none is overdue."""
    worked = work_out_fee(Fee(name="lump", fixed=4000, each_invoice=True), "EUR", invoices={})
    assert worked.amount == 0
    assert worked.formula == "together 0.00"


def test_dutch_claims_are_added_before_one_fee_is_worked_out() -> None:
    """Three invoices of 100 owe 15 % of 300, not three times 40."""
    assert work_out_fee(BIK, "EUR", basis=3 * 10_000).amount == 4500


def test_absorbed_fees_are_taken_off() -> None:
    """The Swedish 450 is owed only in so far as 60 and 180 have not been charged."""
    fee = Fee(name="delay", fixed=45000, absorbs=("reminder", "demand", "plan"))
    worked = work_out_fee(fee, "SEK", charged={"reminder": 6000, "demand": 18000, "other": 99900})
    assert worked.amount == 21000
    assert worked.formula == "fixed 450.00; less reminder 60.00 and demand 180.00 already charged = 210.00"


def test_absorbing_never_goes_below_nothing() -> None:
    """Whoever was charged more already owes nothing, and gets nothing back."""
    fee = Fee(name="delay", fixed=45000, absorbs=("demand",))
    assert work_out_fee(fee, "SEK", charged={"demand": 50000}).amount == 0


def test_missing_basis_is_an_error() -> None:
    """A fee on an amount that was not given is refused, not taken for nothing."""
    with pytest.raises(ValueError, match="reckoned on overdue_balance, which was not given"):
        work_out_fee(BIK, "EUR")


def test_upper_end_of_a_tier_belongs_to_it() -> None:
    """A basis of exactly up_to lies in that tier."""
    fee = Fee(name="costs", basis="open_balance", tiers=(Tier(up_to=1000, fixed=1), Tier(fixed=2)))
    assert work_out_fee(fee, "EUR", basis=1000).amount == 1
    assert work_out_fee(fee, "EUR", basis=1001).amount == 2


@pytest.mark.parametrize(("charged_on", "last_on"), NUMBERS["six_months"].items())
def test_six_months_end_by_the_calendar(charged_on: str, last_on: str) -> None:
    """A charge covers up to the day before the same day six months later, or that month's last."""
    assert last_day_covered(dt.date.fromisoformat(charged_on)) == dt.date.fromisoformat(last_on)


def test_six_months_cover_across_episodes() -> None:
    """A charge of an earlier episode covers its six months, to the day."""
    fee = Fee(name="term", fixed=4000, once_per="six_months")
    charges = [Charge(name="term", amount=4000, charged_on=dt.date(2026, 6, 1), is_of_episode=False)]

    def covers(on: dt.date) -> bool:
        return is_covered(fee, charges, overdue=["I1"], on=on)

    assert covers(dt.date(2026, 6, 1))
    assert covers(dt.date(2026, 11, 30))
    assert not covers(dt.date(2026, 12, 1))


def test_once_an_episode_knows_its_episode() -> None:
    """A charge covers its own episode and no other, and only its own fee."""
    fee = Fee(name="reminder", fixed=6000, once_per="episode")
    charge = Charge(name="reminder", amount=6000, charged_on=TODAY, is_of_episode=True)
    elsewhere = msgspec.structs.replace(charge, is_of_episode=False)
    assert is_covered(fee, [charge], overdue=[], on=TODAY)
    assert not is_covered(fee, [elsewhere], overdue=[], on=TODAY)
    other = Charge(name="demand", amount=6000, charged_on=TODAY, is_of_episode=True)
    assert not is_covered(fee, [other], overdue=[], on=TODAY)


def test_once_an_invoice_wants_every_overdue_invoice_charged() -> None:
    """A new overdue invoice makes the fee due again; which were charged is known."""
    fee = Fee(name="lump", fixed=4000, each_invoice=True, once_per="invoice")
    charges = [
        Charge(name="lump", amount=4000, charged_on=TODAY, is_of_episode=False, invoices=("I1",)),
        Charge(name="lump", amount=4000, charged_on=TODAY, is_of_episode=True, invoices=("I2", "I9")),
    ]
    assert is_covered(fee, charges, overdue=["I1", "I2"], on=TODAY)
    assert not is_covered(fee, charges, overdue=["I1", "I2", "I3"], on=TODAY)
    assert covered_invoices(fee, charges, overdue=["I1", "I3"]) == {"I1"}


def test_charge_without_invoices_covers_its_episode() -> None:
    """A charge that names no invoices covers all of its episode, and none of another."""
    fee = Fee(name="lump", fixed=4000, once_per="invoice")
    charge = Charge(name="lump", amount=4000, charged_on=TODAY, is_of_episode=True)
    elsewhere = msgspec.structs.replace(charge, is_of_episode=False)
    assert is_covered(fee, [charge], overdue=["I1", "I2"], on=TODAY)
    assert not is_covered(fee, [elsewhere], overdue=["I2"], on=TODAY)


def test_charge_of_nothing_covers_nothing() -> None:
    """A fee that came out as nothing was not charged."""
    fee = Fee(name="term", fixed=4000, once_per="six_months")
    charge = Charge(name="term", amount=0, charged_on=TODAY, is_of_episode=True)
    assert not is_covered(fee, [charge], overdue=[], on=TODAY)


def test_fee_without_once_per_is_never_covered() -> None:
    """Without once_per a fee is charged each time."""
    charge = Charge(name="lump", amount=4000, charged_on=TODAY, is_of_episode=True)
    assert not is_covered(Fee(name="lump", fixed=4000), [charge], overdue=[], on=TODAY)


def test_charges_add_up_by_name_within_an_episode() -> None:
    """What an episode charged is summed by fee, without other episodes."""
    charges = [
        Charge(name="reminder", amount=6000, charged_on=TODAY, is_of_episode=True),
        Charge(name="reminder", amount=6000, charged_on=TODAY, is_of_episode=True),
        Charge(name="demand", amount=18000, charged_on=TODAY, is_of_episode=False),
    ]
    assert sum_charges(charges) == {"reminder": 12000}
