"""Who began in an experiment, when, and what came of them (figures.md A7)."""

import msgspec
import pytest

from engine.model.outcome import Outcome
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.recovery.beginning import Trial, add_up, find_beginning
from engine.recovery.counting import Begun
from tests.recovery.debtors import act, day, invoice, outcome, owe, pay

ALL = Experiment(id="tone", variants=(("friendly", 100),))
TRIAL = Trial(experiment=ALL, began_on=day("03-01"), as_of=day("12-31"), within_days=14)


def begin(*outcomes: Outcome, trial: Trial = TRIAL) -> Begun | None:
    """How an account began that owes since 7 March."""
    return find_beginning(
        trial, [owe(outcomes=outcomes, actions=(act("03-08"), act("03-09", contacts=("sms", "push"))))]
    )


@pytest.mark.parametrize(
    ("outcomes", "paid"),
    [
        ((pay("03-21 23:59", 6000),), 1),
        ((pay("03-22", 6000),), 0),
        ((pay("03-10", 5999),), 0),
        ((pay("03-10", 6000), outcome("chargeback", "03-21", 1)), 0),
        ((pay("03-10", 6000), outcome("chargeback", "03-22", 1)), 1),
    ],
)
def test_paid_is_in_full_and_in_time(outcomes: tuple[Outcome, ...], paid: int) -> None:
    """Day 14 is 21 March; what goes back in time counts, and later not."""
    begun = begin(*outcomes)
    assert begun is not None
    assert (begun.day, begun.counted.name, begun.counted.paid) == (6, "friendly", paid)


def test_complaints_and_contacts_stand_beside() -> None:
    """An account complained or did not, however often; each channel is a contact."""
    begun = begin(outcome("complaint", "03-10"), outcome("complaint", "03-11"))
    assert begun is not None
    assert (begun.counted.complained, begun.counted.contacts) == (1, 3)


def test_an_account_begins_once_with_its_first_case_since_the_start() -> None:
    """In whichever currency; an older case is none of the experiment."""
    early = owe(invoice("I-0", due_on=day("02-10")), invoice("I-1", 100, due_on=day("03-20")))
    crown = msgspec.structs.replace(owe(), currency="SEK")
    begun = find_beginning(TRIAL, [early, crown])
    assert begun is not None
    assert begun.day == 6
    assert find_beginning(TRIAL, [owe(invoice(due_on=day("02-10")))]) is None
    assert find_beginning(TRIAL, []) is None


@pytest.mark.parametrize(("until", "is_counted"), [("03-07", False), ("03-08", True)])
def test_after_its_end_nobody_begins(until: str, *, is_counted: bool) -> None:
    """From the day `until` on the first variant holds for all."""
    ended = msgspec.structs.replace(TRIAL, experiment=msgspec.structs.replace(ALL, until=day(until)))
    assert (begin(trial=ended) is not None) == is_counted


def test_groups_are_those_of_the_ruleset() -> None:
    """Who is held out and who is not, as decisions draw them; lines are added up by day and group."""
    halves = Experiment(id="tone", variants=(("a", 50), ("b", 50)), hold_out=20)
    trial = msgspec.structs.replace(TRIAL, experiment=halves)
    debtors = [msgspec.structs.replace(owe(), id=f"A-{number}") for number in range(500)]
    begun = [each for debtor in debtors if (each := find_beginning(trial, [debtor])) is not None]
    lines = add_up(begun, (HOLD_OUT, "a", "b"))
    assert [(line.day, line.counted.name) for line in lines] == [(6, HOLD_OUT), (6, "a"), (6, "b")]
    sizes = [line.counted.accounts for line in lines]
    assert sum(sizes) == 500
    assert 70 < sizes[0] < 130
