"""Cases, clause by clause (figures.md C1 to C7 and C9 to C14; attribution, A1 to A5)."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import pytest

from engine.model.account import Invoice
from engine.model.outcome import Outcome
from engine.recovery.cases import Case, cases_of
from engine.recovery.debtor import Debtor
from tests.recovery.debtors import DUE, act, at, day, invoice, outcome, owe, pay, stated

LATE = day("12-31")


def only(debtor: Debtor, on: dt.date = LATE) -> Case:
    """The one case of an account."""
    (case,) = cases_of(debtor, on)
    return case


def test_an_invoice_belongs_to_the_case_of_its_due_date() -> None:
    """Two invoices of one due date are one case, and one of another due date is another."""
    later = DUE + dt.timedelta(days=1)
    debtor = owe(invoice("I-1"), invoice("I-2", 1000), invoice("I-3", 500, due_on=later))
    assert [(case.due_on, case.opened) for case in cases_of(debtor, LATE)] == [(DUE, 7000), (later, 500)]


@pytest.mark.parametrize(("on", "count"), [("03-06", 0), ("03-07", 1)])
def test_a_case_opens_on_the_day_after_its_due_date(on: str, count: int) -> None:
    """Not on the due date; from the first moment of the next local day on."""
    found = cases_of(owe(), day(on))
    assert [(case.opened_at, case.opened_on) for case in found] == [(at("03-07"), day("03-07"))] * count


@pytest.mark.parametrize(("when", "opened"), [("03-06 23:59", [4000]), ("03-07", [6000]), ("03-07 00:01", [6000])])
def test_what_was_paid_before_opens_nothing(when: str, opened: list[int]) -> None:
    """Money of the due date is not in the opened money; that of the very first moment is recovered."""
    assert [case.opened for case in cases_of(owe(outcomes=(pay(when, 2000),)), LATE)] == opened


def test_what_is_paid_in_time_is_no_case() -> None:
    """Nothing is overdue, so nothing opens."""
    assert cases_of(owe(outcomes=(pay("03-06 12:00", 6000),)), LATE) == ()


def test_what_was_paid_in_time_and_goes_back_opens_a_case_then() -> None:
    """A chargeback is the first instant at which the invoice is overdue."""
    debtor = owe(outcomes=(pay("03-01", 6000), outcome("chargeback", "03-20 10:00", 6000)))
    case = only(debtor)
    assert (case.opened_at, case.opened, case.net()) == (at("03-20 10:00"), 6000, 0)


DISPUTED = (outcome("dispute_opened", "03-05", of="I-1"), outcome("dispute_closed", "03-12 08:00", of="I-1"))


@pytest.mark.parametrize(
    ("disputed", "outcomes", "opens"),
    [
        (invoice(held_until=day("03-15")), (), "03-15"),
        (invoice(), DISPUTED, "03-12 08:00"),
        (invoice(), tuple(msgspec.structs.replace(each, invoice=None) for each in DISPUTED), "03-12 08:00"),
    ],
)
def test_what_is_disputed_or_held_opens_when_it_is_no_more(
    disputed: Invoice, outcomes: tuple[Outcome, ...], opens: str
) -> None:
    """By the books, by a dispute about the invoice, and by one about the account."""
    assert only(owe(disputed, outcomes=outcomes)).opened_at == at(opens)


def test_a_later_dispute_takes_nothing_out() -> None:
    """What was opened stays in the denominator."""
    assert only(owe(outcomes=(outcome("dispute_opened", "03-10"),))).opened == 6000


def test_opened_money_is_what_was_open_and_undisputed_then() -> None:
    """An invoice of the same due date that is disputed then is not in it, and its money does not count."""
    debtor = owe(
        invoice(), invoice("I-2", 1000, disputed=True), outcomes=(pay("03-10", 1000, of="I-2"), pay("03-10 01:00", 10))
    )
    case = only(debtor)
    assert (case.opened, case.invoices, case.net()) == (6000, (("I-1", 6000),), 10)


def test_credits_are_taken_off() -> None:
    """A credit covers the oldest first; one that covers all of a due date leaves no case."""
    credit = invoice("C", -7000, due_on=day("01-01"))
    debtor = owe(credit, invoice(), invoice("I-2", 3000, due_on=day("03-08")))
    assert [(case.due_on, case.opened) for case in cases_of(debtor, LATE)] == [(day("03-08"), 2000)]


def test_opened_money_is_by_the_books_of_that_day() -> None:
    """What the books say before the opening counts, what they say afterwards does not."""
    debtor = msgspec.structs.replace(
        owe(),
        statements=(
            stated("03-01", invoice(open_=9000)),
            stated("03-05", invoice(open_=6000)),
            stated("03-09", invoice(open_=100)),
        ),
    )
    assert only(debtor).opened == 6000


def test_what_is_first_heard_of_late_opened_when_it_was_overdue() -> None:
    """It is not known before, and since then as of the day on which it was overdue."""
    debtor = msgspec.structs.replace(owe(), statements=(stated("03-20", invoice()),))
    assert cases_of(debtor, day("03-19")) == ()
    assert only(debtor, day("03-20")).opened_on == day("03-07")


def test_money_for_nothing_pays_the_oldest_first() -> None:
    """By due date, then id, never more than was open; what is left over pays nothing."""
    debtor = owe(
        invoice("I-2", 1000),
        invoice("I-1", 1000),
        invoice("I-0", 1000, due_on=day("03-08")),
        outcomes=(pay("03-20", 1500), pay("03-21", 2500)),
    )
    first, second = cases_of(debtor, LATE)
    assert [[each.amount for each in case.recovered] for case in (first, second)] == [[1000, 500, 500], [1000]]
    assert [case.closed_at for case in (first, second)] == [at("03-21"), at("03-21")]


def test_money_for_an_invoice_pays_that_one_alone() -> None:
    """What is more than was open goes nowhere else."""
    debtor = owe(invoice(), invoice("I-2", 1000, due_on=day("03-08")), outcomes=(pay("03-20", 5000, of="I-2"),))
    assert [case.net() for case in cases_of(debtor, LATE)] == [0, 1000]


@pytest.mark.parametrize(("days", "net"), [(6, 0), (7, 6000), (12, 6000), (13, 2000), (None, 2000)])
def test_recovered_is_net_on_each_day(days: int | None, net: int) -> None:
    """Day 7 is the whole of the opening day and seven; a return counts on its own day."""
    debtor = owe(outcomes=(pay("03-14 23:59", 6000), outcome("refund", "03-20 00:00", 4000)))
    assert only(debtor).net(days) == net


def test_last_money_goes_back_first() -> None:
    """A return takes the last payment, then the one before it."""
    debtor = owe(outcomes=(pay("03-10", 1000), pay("03-11", 2000), outcome("chargeback", "03-15", 2500)))
    assert [each.net() for each in only(debtor).recovered] == [500, 0]


def test_what_was_paid_too_much_goes_back_before_what_paid() -> None:
    """The money that paid nothing came last."""
    assert only(owe(outcomes=(pay("03-10", 7000), outcome("refund", "03-15", 1000)))).net() == 6000


def test_a_return_for_an_invoice_takes_its_money() -> None:
    """Money of other invoices stays."""
    debtor = owe(
        invoice(),
        invoice("I-2", 1000),
        outcomes=(
            pay("03-10", 6000, of="I-1"),
            pay("03-11", 1000, of="I-2"),
            outcome("refund", "03-15", 500, of="I-1"),
        ),
    )
    assert [each.net() for each in only(debtor).recovered] == [5500, 1000]


PAID = pay("03-10", 2000)
WRITTEN = outcome("written_off", "03-20", 4000)


@pytest.mark.parametrize(
    ("outcomes", "closed", "as_", "net"),
    [
        ((pay("03-10", 6000),), "03-10", "paid", 6000),
        ((PAID,), None, None, 2000),
        ((PAID, WRITTEN), "03-20", "written_off", 2000),
        ((PAID, outcome("written_off", "03-20")), "03-20", "written_off", 2000),
        ((PAID, outcome("written_off", "03-20", 3999)), None, None, 2000),
        ((PAID, WRITTEN, pay("03-30", 4000)), "03-20", "written_off", 6000),
        ((PAID, WRITTEN, outcome("chargeback", "03-30", 1)), None, None, 1999),
        ((pay("03-10", 6000), outcome("chargeback", "03-12", 1)), None, None, 5999),
        ((pay("03-10", 6000), outcome("chargeback", "03-12", 1), pay("03-15", 1)), "03-15", "paid", 6000),
    ],
)
def test_a_case_closes_and_opens_again(
    outcomes: tuple[Outcome, ...], closed: str | None, as_: str | None, net: int
) -> None:
    """Paid, written off with what was paid, with later money, and open again when money goes back."""
    case = only(owe(outcomes=outcomes))
    assert (case.closed_at, case.closed_as, case.net()) == (None if closed is None else at(closed), as_, net)


def test_money_after_all_was_written_off_still_counts() -> None:
    """It pays what is open first, and then what was written off."""
    debtor = owe(
        invoice(),
        invoice("I-2", 1000, due_on=day("03-08")),
        outcomes=(outcome("written_off", "03-20", of="I-1"), pay("03-25", 2500)),
    )
    assert [case.net() for case in cases_of(debtor, LATE)] == [1500, 1000]


def test_a_hand_over_is_told_and_later_money_counts() -> None:
    """The local day of the executed action."""
    debtor = owe(outcomes=(pay("04-02", 6000),), actions=(act("04-01 10:00", "agency", action="hand_over"),))
    case = only(debtor)
    assert (case.handed_over_on, case.net()) == (day("04-01"), 6000)


@pytest.mark.parametrize(
    ("on", "net"), [("03-10", 0), ("03-14", 0), ("03-15", 6000)], ids=["before", "not yet recorded", "recorded"]
)
def test_a_figure_is_of_what_was_known(on: str, net: int) -> None:
    """A payment counts when it has happened and is recorded, and then on its own day."""
    case = only(owe(outcomes=(pay("03-10 12:00", 6000, recorded="03-15 23:59"),)), day(on))
    assert (case.net(), case.net(3)) == (net, net)


def test_a_day_of_the_change_of_clocks_is_a_day() -> None:
    """29 March has 23 hours; what comes in its last is of its day, and known at its end."""
    debtor = owe(outcomes=(pay("03-29 23:59", 6000),))
    assert only(debtor, day("03-29")).net(22) == 6000
    assert (only(debtor).net(21), only(debtor).net(22)) == (0, 6000)


def test_the_repeated_hour_has_an_order() -> None:
    """Of two instants that autumn's clocks call alike the earlier comes first: money is there before it goes back."""
    paid = pay("10-25 02:30", 6000)
    back = outcome("refund", "10-25 02:10", 6000)
    later = msgspec.structs.replace(back, at=back.at.replace(fold=1))
    assert only(owe(outcomes=(paid, later))).net() == 0
    assert only(owe(outcomes=(paid, back))).net() == 6000


def test_duplicate_payments_pay_once() -> None:
    """The second finds nothing open."""
    debtor = owe(outcomes=(pay("03-10", 6000), msgspec.structs.replace(pay("03-10", 6000), id="again")))
    assert only(debtor).net() == 6000


@pytest.mark.parametrize(
    ("actions", "rules"),
    [
        ((act("03-10"), act("03-12", "second")), "second"),
        ((act("03-10"), act("03-20 09:00", "same instant")), "same instant"),
        ((act("03-10"), act("03-20 09:01", "behind")), "reminder"),
        ((act("03-01", "early"),), "early"),
        ((act("03-12", "other", invoices=("I-9",)),), None),
        ((act("03-12", "named", invoices=("I-1",), episode=None),), "named"),
        ((act("03-12", "none", episode=None),), None),
    ],
)
def test_money_is_after_the_last_action_of_its_case(actions: Sequence[object], rules: str | None) -> None:
    """An action counts by the invoices that it names, else by its episode; that of the same instant is before."""
    debtor = msgspec.structs.replace(owe(outcomes=(pay("03-20 09:00", 6000),)), actions=tuple(actions))
    (money,) = only(debtor).recovered
    assert (money.after and money.after.rule) == rules


def test_what_is_said_is_of_the_invoice_or_the_oldest_case_not_closed() -> None:
    """Complaints, promises and calls stand with a case."""
    debtor = owe(
        invoice(),
        invoice("I-2", 1000, due_on=day("03-08")),
        outcomes=(
            outcome("complaint", "03-20"),
            pay("03-25", 6000, of="I-1"),
            outcome("reached", "04-01"),
            outcome("promise", "04-01 01:00", by="04-05"),
            outcome("not_reached", "04-02", of="I-1"),
        ),
    )
    first, second = cases_of(debtor, LATE)
    assert (first.said.complaints, first.said.reached, first.said.not_reached, first.said.promises) == (1, 0, 1, ())
    assert (second.said.reached, [each.amount for each in second.said.promises]) == (1, [1000])
    assert [each.state for each in second.said.promises] == ["broken"]
