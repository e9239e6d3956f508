"""Which accounts began in an experiment, on which day and in which group, and what came of them (figures.md A7)."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from engine.coordinates.snapshot import variant_of
from engine.model.ruleset import Experiment
from engine.recovery.cases import Case, cases_of
from engine.recovery.counting import Begun
from engine.recovery.debtor import Debtor
from engine.recovery.judging import Counted


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment as it is counted: since a local day, as of the end of another, paid in full within so many days."""

    experiment: Experiment
    began_on: dt.date
    as_of: dt.date
    within_days: int


def find_beginning(trial: Trial, debtors: Iterable[Debtor]) -> Begun | None:
    """Return how an account, in each of its currencies, began: by its first case since the start; None without one.

    One that opened when the experiment was over is none of it.
    """
    opened = [case for debtor in debtors for case in cases_of(debtor, trial.as_of) if case.opened_on >= trial.began_on]
    if not opened:
        return None
    first = min(opened, key=lambda case: (case.opened_at, case.due_on, case.currency))
    until = trial.experiment.until
    if until is not None and first.opened_on >= until:
        return None
    counted = Counted(
        name=variant_of(trial.experiment, first.account_id, first.opened_on),
        accounts=1,
        paid=int(first.net(trial.within_days) == first.opened),
        complained=int(first.said.complaints > 0),
        contacts=_count_contacts(first),
    )
    return Begun(day=(first.opened_on - trial.began_on).days, counted=counted)


def _count_contacts(case: Case) -> int:
    return sum(len(action.contacts) for action in case.actions)


def add_up(begun: Iterable[Begun], names: Sequence[str]) -> tuple[Begun, ...]:
    """Return one for each day and group, by day, the groups in order."""
    found: dict[tuple[int, int], Counted] = {}
    for each in begun:
        place = each.day, names.index(each.counted.name)
        found[place] = found[place].add(each.counted) if place in found else each.counted
    return tuple(
        Begun(day=day, counted=counted) for (day, _), counted in sorted(found.items(), key=lambda item: item[0])
    )
