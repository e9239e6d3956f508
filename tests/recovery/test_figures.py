"""Figures of several cases (figures.md C8, C13, A1 to A3, K2 and K3), and how they are split."""

from fractions import Fraction

import msgspec
import pytest

from engine.recovery.cases import cases_of
from engine.recovery.debtor import Action, Debtor, Statement
from engine.recovery.figures import Figures
from engine.recovery.grouping import By, keys_of
from engine.recovery.report import Asked, Report, make_report
from tests.recovery.debtors import act, day, invoice, outcome, owe, pay, stated

LATE = day("12-31")


def figures(*debtors: Debtor, as_of: str = "12-31", to: str = "03-31") -> Figures:
    """The figures of all cases of some accounts."""
    (found,) = make_report(debtors, Asked(as_of=day(as_of), to_on=day(to))).currencies
    return found.total


def report(*debtors: Debtor, by: By | None = None, as_of: str = "12-31") -> Report:
    """A report of all time."""
    return make_report(debtors, Asked(as_of=day(as_of), by=by))


def test_rates_are_by_money_and_by_cases_paid_in_full() -> None:
    """Nothing leaves the denominator: not what was handed over, not what was written off."""
    found = figures(
        owe(outcomes=(pay("03-14", 6000),)),
        owe(outcomes=(pay("03-15", 5999),)),
        owe(outcomes=(outcome("written_off", "03-10"),)),
        owe(actions=(act("03-08", action="hand_over"),)),
    )
    assert (found.cases, found.opened, found.given_up, found.handed_over) == (4, 24_000, 1, 1)
    assert [(each.days, each.recovered, each.paid) for each in found.at[:2]] == [(7, 6000, 1), (14, 11_999, 1)]
    assert found.curve[6:9] == (0, 6000, 11_999)


@pytest.mark.parametrize(("as_of", "mature"), [("04-06", 0), ("04-07", 1), ("04-14", 2), ("06-28", 4), ("06-29", 5)])
def test_a_cohort_is_mature_when_its_last_day_is(as_of: str, mature: int) -> None:
    """The last day on which one of it may open, and so many days: 31 March and 7 are 7 April."""
    assert sum(each.is_mature for each in figures(owe(), as_of=as_of).at) == mature


def test_the_median_is_of_whole_cases_and_leaves_nobody_out() -> None:
    """Written off and handed over are unpaid until today; part payments are none."""
    paid = [owe(outcomes=(pay(f"03-{number:02}", 6000),)) for number in (8, 9, 10)]
    unpaid = [
        owe(outcomes=(outcome("written_off", "03-08"),)),
        owe(actions=(act("03-08", action="hand_over"),)),
        owe(outcomes=(pay("03-08", 5999),)),
    ]
    assert figures(*paid, *unpaid).median_days == 3
    assert figures(*paid, *unpaid, owe()).median_days is None


def test_contacts_and_fees_are_of_all_actions_of_the_case() -> None:
    """Those before it opened too; what goes along is a contact of its own."""
    found = figures(
        owe(actions=(act("03-01"), act("03-10", contacts=("letter", "email"), fee=4000), act("03-12", contacts=())))
    )
    assert (found.contacts, found.fees) == (3, 4000)


@pytest.mark.parametrize(("paid", "after"), [("03-22 23:59", 6000), ("03-23", 0)])
def test_after_is_within_fourteen_local_days(paid: str, after: int) -> None:
    """8 March and 14 are 22 March; later money is only with an action."""
    found = figures(owe(outcomes=(pay(paid, 6000),), actions=(act("03-08 22:00"),)))
    assert (found.after, found.with_action) == (after, 6000)


def test_with_needs_an_action_before_the_case_closed() -> None:
    """What is done afterwards brought nothing."""
    found = figures(owe(outcomes=(pay("03-10", 6000),), actions=(act("03-11"),)))
    assert (found.after, found.with_action, found.contacts) == (0, 0, 1)


def test_what_goes_back_is_taken_off_its_own_action() -> None:
    """The last payment goes back, with what it is after."""
    debtor = owe(
        outcomes=(pay("03-10", 1000), pay("03-12", 2000), outcome("refund", "04-30", 2500)),
        actions=(act("03-09", "first"), act("03-11", "second")),
    )
    (split,) = report(debtor, by="rule").currencies
    assert [(row.key, row.figures.after) for row in split.rows] == [("shop/first", 500), ("shop/second", 0)]
    assert split.total.after == 500


def test_promises_by_count_and_by_money() -> None:
    """Open and withdrawn ones are not told yet; partly kept is not kept, and its money counts."""
    debtor = owe(
        outcomes=(
            outcome("promise", "03-08", 1000, by="03-10"),
            pay("03-09", 1000),
            outcome("promise", "03-12", 2000, by="03-14"),
            pay("03-13", 500),
            outcome("promise", "03-20", 3000, by="03-21"),
            outcome("promise", "12-30", 3000, by="12-31"),
        )
    )
    found = figures(debtor).promises
    assert (found.kept, found.partly_kept, found.broken, found.open) == (1, 1, 1, 1)
    assert (found.told, found.served) == (6000, 1500)
    assert (found.kept_rate, found.served_rate) == (Fraction(1, 3), Fraction(1, 4))


def test_calls_that_were_answered() -> None:
    """Of all calls."""
    debtor = owe(outcomes=(outcome("reached", "03-10"), outcome("not_reached", "03-11"), outcome("complaint", "03-12")))
    found = figures(debtor)
    assert (found.reached, found.not_reached, found.complaints) == (1, 1, 1)
    assert str(found.reach_rate) == "1/2"
    assert figures(owe()).reach_rate is None


def action(**changes: object) -> Action:
    """An action of 10 March."""
    return msgspec.structs.replace(act("03-10"), **changes)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("rule", ("shop/reminder", "call")),
        ("version", ("shop@1",)),
        ("channel", ("email", "phone")),
        ("variant", ("tone:friendly",)),
        ("segment", ("smb",)),
        ("country", ("none",)),
        ("decline_category", ("soft",)),
        ("month", ("2026-03",)),
    ],
)
def test_a_case_stands_in_each_line_once(by: By, keys: tuple[str, ...]) -> None:
    """By its actions before it closed, by the words of its account when it opened, by its month."""
    actions = (
        act("03-08"),
        action(variants=("tone:friendly",)),
        action(rule="call", ruleset=None, contacts=("phone",)),
        act("03-21", "too late", contacts=("letter",)),
    )
    debtor = msgspec.structs.replace(
        owe(outcomes=(pay("03-20", 6000),), actions=actions),
        statements=(
            Statement(invoices=(invoice(),), words={"segment": "smb", "decline_category": "soft"}),
            msgspec.structs.replace(stated("03-30", invoice()), words={"segment": "consumer"}),
        ),
    )
    (case,) = cases_of(debtor, LATE)
    assert keys_of(case, by) == keys


def test_a_report_is_split_and_its_cohorts_are_months() -> None:
    """Cases without a word stand under none; currencies are never added up."""
    crown = msgspec.structs.replace(owe(), currency="SEK")
    april = owe(
        invoice(due_on=day("04-10")), outcomes=(pay("04-12", 6000),), actions=(act("04-11", episode=day("04-10")),)
    )
    found = report(owe(), april, crown, by="channel")
    assert [(each.currency, each.total.cases) for each in found.currencies] == [("EUR", 2), ("SEK", 1)]
    euro = found.currencies[0]
    assert [(row.key, row.figures.recovered, row.figures.after) for row in euro.rows] == [
        ("email", 6000, 6000),
        ("none", 0, 0),
    ]
    assert [(row.key, row.figures.cases) for row in euro.months] == [("2026-03", 1), ("2026-04", 1)]


@pytest.mark.parametrize(
    ("from_", "to", "count"), [("03-07", "03-07", 1), ("03-08", "03-31", 0), ("03-01", "03-06", 0)]
)
def test_a_period_is_of_opening_days(from_: str, to: str, count: int) -> None:
    """Both ends included."""
    asked = Asked(as_of=LATE, from_on=day(from_), to_on=day(to))
    (found,) = make_report([owe()], asked).currencies
    assert found.total.cases == count


def test_figures_of_a_past_day_stay() -> None:
    """What is recorded later, and what the books say later, changes nothing of an earlier day."""
    before = owe(outcomes=(pay("03-10", 1000),))
    after = msgspec.structs.replace(
        before,
        statements=(*before.statements, stated("04-02", invoice(open_=1), invoice("I-2", 500, due_on=day("03-01")))),
        outcomes=(*before.outcomes, pay("03-11", 4000, recorded="04-01")),
        actions=(act("03-09", recorded="04-01"),),
    )
    assert report(after, as_of="03-31") == report(before, as_of="03-31")
    assert report(after, as_of="04-02") != report(before, as_of="04-02")
