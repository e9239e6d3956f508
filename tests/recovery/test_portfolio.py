"""All that is owed: ages, rolls, billing and days beyond terms (figures.md F1 to F8)."""

from collections.abc import Iterable
from fractions import Fraction

import msgspec
import pytest

from engine.recovery.debtor import Debtor
from engine.recovery.portfolio import Portfolio, bucket_of
from engine.recovery.report import Asked, make_report
from tests.recovery.debtors import DUE, day, invoice, outcome, owe, pay, stated


def portfolio(debtors: Iterable[Debtor], on: str, since: str) -> Portfolio:
    """The portfolio of some accounts."""
    (found,) = make_report(debtors, Asked(as_of=day(on), from_on=day(since))).currencies
    return found.portfolio


@pytest.mark.parametrize(
    ("on", "bucket"),
    [
        ("03-06", "not due"),
        ("03-07", "1-30"),
        ("04-05", "1-30"),
        ("04-06", "31-60"),
        ("05-05", "31-60"),
        ("05-06", "61-90"),
        ("06-04", "61-90"),
        ("06-05", "91+"),
    ],
)
def test_ages(on: str, bucket: str) -> None:
    """The due day itself is not due."""
    assert bucket_of(DUE, day(on)) == bucket


def test_receivables_are_after_credits_with_disputed_apart() -> None:
    """A credit covers no disputed invoice, and what is left of it counts for nothing."""
    debtor = owe(
        invoice("C", -7000, due_on=day("01-01")), invoice(), invoice("I-2", 3000, disputed=True, due_on=day("04-20"))
    )
    found = portfolio([debtor], "04-10", "04-02")
    assert (found.receivables, found.current, found.disputed) == (3000, 3000, 3000)


def test_what_was_paid_and_recorded_late_is_off_the_books() -> None:
    """The books of before it was recorded still called it open."""
    debtor = msgspec.structs.replace(
        owe(outcomes=(pay("03-10", 2000, recorded="03-21"), pay("03-11", 1000, recorded="03-12"))),
        statements=(stated("03-01", invoice()), stated("03-20", invoice(open_=5000))),
    )
    assert portfolio([debtor], "03-31", "03-02").receivables == 3000


def test_money_rolls_from_age_to_age() -> None:
    """Each invoice's balance of then: still open, paid, or written off; rows add up to 1; what is new is left out.

    The method of Cyert, Davidson and Thompson, Management Science 8 (1962) 287-303; the row is that of 31 to 90 days
    in Anderson, Sweeney and Williams, An Introduction to Management Science, “Heidman's”: paid 0.4, bad 0.2, the rest
    still open.
    """
    debtors = [
        owe(outcomes=(pay("04-20", 6000),)),
        owe(outcomes=(pay("04-20", 6000),)),
        owe(outcomes=(outcome("written_off", "04-20"),)),
        owe(),
        owe(outcomes=(pay("04-01", 3000), outcome("chargeback", "04-12", 3000))),  # grown since
        owe(invoice(open_=3000)),
        owe(invoice(due_on=day("04-09"))),
    ]
    new = msgspec.structs.replace(owe(), statements=(stated("04-15", invoice()),))
    found = portfolio([*debtors, new], "04-30", "04-06")
    rows = {roll.bucket: roll for roll in found.rolls}
    row = rows["1-30"]
    assert row.amount == 30_000
    shares = [row.rate(where) for where in ("paid", "written_off", "31-60")]
    assert shares == [Fraction(4, 10), Fraction(2, 10), Fraction(4, 10)]
    assert rows["not due"].rate("1-30") == 1
    assert rows["91+"].rate("paid") is None
    for roll in found.rolls:
        assert sum(roll.into.values()) == roll.amount


def test_billing_is_by_month_of_issue() -> None:
    """Credit notes in their own month; of what names no amount or day nothing is known, and that is said."""
    debtor = owe(
        invoice("I-1", 6000, issued_on=day("02-20"), amount=10_000),
        invoice("I-2", 2000, issued_on=day("04-01"), amount=5000),
        invoice("I-3", 100, amount=100),
        invoice("C", -1000, issued_on=day("03-03")),
    )
    found = portfolio([debtor], "04-10", "04-02")
    assert [(each.month, each.amount, each.days) for each in found.billed] == [
        ("2026-04", 5000, 10),
        ("2026-03", -1000, 31),
        ("2026-02", 10_000, 28),
    ]
    assert found.unbilled == 1
    assert found.receivables == 7100
    assert found.outstanding is not None
    assert found.outstanding.days == 10 + 31 + Fraction(28 * 2100, 10_000)
    assert found.best_outstanding is not None
    assert found.best_outstanding.days == 0


def test_what_is_not_issued_yet_is_not_owed() -> None:
    """It stands in the books of a later day, and neither rolled nor was there at the beginning."""
    found = portfolio([owe(invoice(issued_on=day("02-20")))], "02-19", "02-10")
    assert (found.receivables, found.billed) == (0, ())
    assert portfolio([owe(invoice(issued_on=day("02-20")))], "02-20", "02-10").receivables == 6000


def test_without_billing_nothing_is_said_of_days() -> None:
    """No amount, no days sales outstanding, no effectiveness."""
    found = portfolio([owe()], "04-10", "04-02")
    assert (found.outstanding, found.best_outstanding, found.effectiveness, found.unbilled) == (None, None, None, 1)


def test_effectiveness_is_of_the_period() -> None:
    """60.00 stood at its beginning, 40.00 were billed in it, 30.00 paid, and 40.00 are not due."""
    debtor = msgspec.structs.replace(
        owe(outcomes=(pay("04-15", 3000, of="I-1"),)),
        statements=(
            stated("03-01", invoice(issued_on=day("02-20"), amount=6000)),
            stated(
                "04-10",
                invoice(issued_on=day("02-20"), amount=6000),
                invoice("I-2", 4000, issued_on=day("04-10"), amount=4000, due_on=day("05-10")),
            ),
        ),
    )
    assert portfolio([debtor], "04-30", "04-02").effectiveness == Fraction(3000, 6000)


def test_days_beyond_terms_are_weighted_by_amount() -> None:
    """Early ones negative; what goes back takes nothing out; only the payments of the period."""
    debtor = owe(
        invoice("I-1", 1000),
        invoice("I-2", 3000, due_on=day("03-20")),
        outcomes=(pay("03-16", 1000, of="I-1"), pay("03-18", 3000, of="I-2"), outcome("refund", "03-19", 3000)),
    )
    assert portfolio([debtor], "03-31", "03-10").days_beyond_terms == Fraction(10 * 1000 - 2 * 3000, 4000)
    assert portfolio([debtor], "03-31", "03-17").days_beyond_terms == -2
    assert portfolio([owe()], "03-31", "03-10").days_beyond_terms is None
