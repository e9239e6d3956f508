"""What is known of accounts as columns: the pieces of a day are what that day's end shows, and nothing is lost."""

import datetime as dt
import random
from fractions import Fraction

import numpy as np
import pytest

from engine.model.money import LARGEST_AMOUNT
from engine.recovery.columns import Columns, Shelf, add_up, add_up_by, to_day, to_number
from engine.recovery.debtor import Debtor
from engine.recovery.grouping import BYS, By
from engine.recovery.knowing import Words, count_work, known_on, list_pieces
from engine.recovery.report import Asked, Report, Reporter, make_report
from tests.recovery.debtors import act, day, invoice, outcome, owe, pay
from tests.recovery.generate import make_debtor

DAYS = [dt.date(2026, 2, 20) + dt.timedelta(days=number) for number in range(100)]


@pytest.mark.parametrize("seed", range(25))
def test_a_piece_stays_as_it_is_until_its_end(seed: int) -> None:
    """On each day, also those on which nothing happens, the pieces are what is known at the end of that day."""
    debtor = make_debtor(random.Random(f"pieces {seed}"), "A-1")
    pieces = list_pieces(7, [debtor], Words())
    for on in DAYS:
        standing = {(each.currency, each.due_on): each.columns for each in pieces if each.from_on <= on < each.until_on}
        assert standing == dict(known_on(7, [debtor], on, Words())), on


def test_a_promise_is_told_when_its_tolerance_is_over() -> None:
    """Nothing is written on that day, and still the piece ends."""
    debtor = owe(outcomes=(outcome("promise", "03-08", 1000, by="03-10"),))
    assert day("03-13") in {each.from_on for each in list_pieces(1, [debtor], Words())}


def test_a_past_piece_stays_when_more_is_recorded() -> None:
    """Only the last one ends."""
    before, after = owe(), owe(outcomes=(pay("03-20", 1000, recorded="03-25"),))
    first, second = (list_pieces(1, [each], Words()) for each in (before, after))
    assert [(each.from_on, each.columns) for each in second[:-1]] == [(each.from_on, each.columns) for each in first]
    assert second[-1].from_on == day("03-25")


def test_the_work_of_an_account_grows_with_its_days_its_events_and_its_invoices() -> None:
    """The day after it was due and that of the payment; on each these two, the document and the payment."""
    paid = pay("03-20", 1000)
    owed = owe(outcomes=(paid,))
    assert count_work([owed]) == 2 * (2 + 1 + 1) * (1 + 10)
    assert count_work([owe(invoice("I-1"), invoice("I-2"), outcomes=(paid,))]) == 2 * (2 + 1 + 1) * (2 + 10)
    disputed = owe(outcomes=(paid, outcome("dispute_opened", "03-20")))
    assert count_work([disputed]) == 2 * (2 + 1 + 2) * (1 + 1 + 10)
    assert count_work([owed, owed]) == 2 * count_work([owed])


def report_by_pieces(debtors: list[Debtor], asked: Asked) -> Report:
    """The report out of the pieces of all days."""
    reporter = Reporter(asked)
    for number, debtor in enumerate(debtors):
        words = Words()
        pieces = list_pieces(number, [debtor], words)
        now, before = Shelf(), Shelf()
        for each in pieces:
            if each.from_on <= asked.as_of < each.until_on:
                now.add(each.columns)
            if each.from_on <= asked.before < each.until_on:
                before.add(Columns(invoices=each.columns.invoices))
        reporter.add_known(debtor.currency, now.finish(), before.finish())
        reporter.add_accounts(1, [debtor.currency], {by: sorted(found) for by, found in words.found.items()})
    return reporter.finish()


@pytest.mark.parametrize("by", [None, *BYS])
def test_pieces_and_accounts_make_one_report(by: By | None) -> None:
    """Whatever it is split by, and whatever words an account had on other days."""
    numbers = random.Random(f"report {by}")
    debtors = [make_debtor(numbers, f"A-{number}") for number in range(60)]
    for on in (day("03-20"), day("04-15"), day("06-30")):
        asked = Asked(as_of=on, by=by, from_on=day("03-05") if by == "rule" else None)
        assert report_by_pieces(debtors, asked) == make_report(debtors, asked)


def test_sums_are_exact_beyond_what_a_column_holds() -> None:
    """The largest amounts, added up and weighted by days, on either side of zero."""
    most = LARGEST_AMOUNT
    numbers = np.array([most, -1, most, 5 - most] * 2000)
    assert add_up(numbers) == sum(map(int, numbers)) == 2000 * (most + 4)
    assert add_up_by(np.array([0, 1, 0, 1] * 2000), numbers, 2) == [4000 * most, 2000 * (4 - most)]
    late = [owe(invoice(open_=most), outcomes=(pay("12-31", most),)) for _ in range(3)]
    (found,) = make_report(late, Asked(as_of=day("12-31"))).currencies
    assert found.total.recovered == 3 * most
    assert found.portfolio.days_beyond_terms == Fraction(300)


def test_days_are_numbers_both_ways() -> None:
    """The first and the last of them too."""
    for each in (dt.date.min, dt.date(1970, 1, 1), DAYS[0], dt.date.max):
        assert to_day(to_number(each)) == each


def test_money_after_an_action_stands_in_the_lines_of_that_action_alone() -> None:
    """A case stands in the lines of all its actions."""
    debtor = owe(
        outcomes=(pay("03-10", 1000), pay("03-13", 500)),
        actions=(act("03-09", "first", contacts=("email", "letter")), act("03-12", "second", contacts=("letter",))),
    )
    found = report_by_pieces([debtor], Asked(as_of=day("12-31"), by="channel"))
    rows = {row.key: row.figures for row in found.currencies[0].rows}
    assert {key: (each.after, each.recovered) for key, each in rows.items()} == {
        "email": (1000, 1500),
        "letter": (1500, 1500),
    }
