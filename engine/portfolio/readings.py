"""Each kind of coordinate read of many accounts: the class of its value on a day, and the day of the next class.

What a coordinate means stands in `engine.coordinates`; that this says the same of every row is held by tests/portfolio.
"""

import datetime as dt
from collections.abc import Callable

import numpy as np

from engine.conditions.classes import BooleanClasses, Classes, IntegerClasses, WordClasses
from engine.coordinates.attempts import Attempts
from engine.coordinates.channels import Limited, OfChannels, Reach
from engine.coordinates.executions import Announced, DaysPastDeadline, DaysSince, DaysSinceMet, Done, Met
from engine.coordinates.facts import WINDOWS, Element, FactCoordinate, Given
from engine.coordinates.ladder import Level, Rested
from engine.coordinates.repetition import Recent, Rest
from engine.coordinates.timing import TimingReached
from engine.coordinates.variants import Variant
from engine.portfolio.arrays import NO_DAY, Column, by_value
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.debts import NEVER
from engine.portfolio.facts import with_default
from engine.portfolio.standing import NO_CHANNEL, Standings, names_of
from engine.portfolio.tables import Table


def classes_of(table: Table, standings: Standings, rows: Ints, days: Ints) -> Ints:
    """Return the class of a coordinate's value of some rows, each on its day."""
    return classify(table.column.classes, _read(table, standings, rows, days))


def class_of_all(table: Table, standings: Standings) -> int | None:
    """Return the class of a plain fact that no row gives, which is that of its default; None for all else."""
    each, facts = table.coordinate, standings.facts
    if isinstance(each, Given) and facts.column(each.fact.name) is None:
        nothing = Column(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_))
        return int(classify(table.column.classes, with_default(nothing, each.fact, ~nothing.present))[0])
    if isinstance(each, Element) and not facts.is_set_given(each.fact.name):
        return int(isinstance(each.fact.default, tuple) and each.item in each.fact.default)
    return None


def classify(classes: Classes, column: Column) -> Ints:
    """Return the class of each value."""
    missing = classes.width - 1
    if isinstance(classes, BooleanClasses):
        found = column.values
    elif isinstance(classes, IntegerClasses):
        starts = np.array(classes.starts, dtype=np.int64)
        found = np.searchsorted(starts, column.values, side="right").astype(np.int64)
    elif isinstance(classes, WordClasses):
        places = [classes.index(word) for word in column.words]
        found = np.array([*places, missing], dtype=np.int64)[np.where(column.present, column.values, -1)]
    return np.where(column.present, found, missing)


def _truths(values: Ints | Truths) -> Column:
    return Column(values.astype(np.int64), np.ones(len(values), dtype=np.bool_))


def _numbers(values: Ints) -> Column:
    return Column(values, np.ones(len(values), dtype=np.bool_))


def _since(last_on: Ints, days: Ints) -> Column:
    return Column(days - last_on, last_on != NO_DAY)


def _read(table: Table, standings: Standings, rows: Ints, days: Ints) -> Column:  # noqa: C901, PLR0911, PLR0912
    """Return the value of a coordinate: one case for each kind."""
    past = standings.past
    match table.coordinate:
        case Given() as each if len(rows) == standings.count:  # a plain fact stands still, and is read once, of all
            return standings.facts.plain(each.fact)
        case FactCoordinate() as each:
            return standings.fact(each.fact, rows, days)
        case Element() as each:
            return _truths(standings.facts.holds(each.fact, each.item)[rows])
        case Met() | Done() as each:
            return _numbers(past.times(each.target, met=isinstance(each, Met))[rows])
        case DaysPastDeadline() as each:
            return _since(past.last_pay_by(each.target)[rows], days)
        case DaysSinceMet() | DaysSince() as each:
            return _since(past.last_on(each.target, met=isinstance(each, DaysSinceMet))[rows], days)
        case Rest() as each:
            return _since(past.over_on(each)[rows], days)
        case Recent() as each:
            return _numbers(past.count_recent(each.target, each.per_days, rows, days))
        case Announced():
            is_stateless = standings.program.ruleset.stateless
            return _truths(np.zeros(len(rows), dtype=np.int64) if is_stateless else past.is_announced[rows])
        case Level():
            return _numbers(past.level[rows])
        case Rested():
            return _since(past.last_levelled_on[rows], days)
        case Reach() as each:
            usable = standings.usable[rows] & ~standings.over_limit(rows, days)
            return _truths(standings.first_of(each.order, rows, usable) != NO_CHANNEL)
        case Limited() as each:
            return _truths(_is_limited(each, standings, rows, days))
        case Attempts() as each:
            return _numbers(past.count_attempts(each.per_days, rows, days))
        case Variant() as each:
            drawn = standings.variant(each.experiment, rows, days)
            return Column(drawn, np.ones(len(rows), dtype=np.bool_), names_of(each.experiment))
        case TimingReached() as each:
            reached_on = _reached_on(each, standings)[rows]
            return _truths((reached_on != NO_DAY) & (days >= reached_on))
    raise TypeError(f"nothing reads {table.coordinate.key} of many accounts")


def _is_limited(each: Limited, standings: Standings, rows: Ints, days: Ints) -> Ints:
    usable = standings.usable[rows]
    over = standings.over_limit(rows, days)
    is_closed = standings.first_of(each.order, rows, usable & ~over) == NO_CHANNEL
    return ((over != 0) & is_closed & (standings.first_of(each.order, rows, usable) != NO_CHANNEL)).astype(np.int64)


def _reached_on(each: TimingReached, standings: Standings) -> Ints:
    """Return the day on which a timing is reached, worked out once for each due date."""
    calendar = standings.program.ruleset.calendar

    def reached(due_on: int) -> int:
        return NO_DAY if due_on == NO_DAY else each.reached_on(dt.date.fromordinal(due_on), calendar).toordinal()

    return map_days(standings.oldest_due_on, reached)


def map_days(days: Ints, answer: Callable[[int], int]) -> Ints:
    """Return what is answered to each day, worked out once for each that is different."""
    answers, places = by_value(days, answer)
    return np.array(answers, dtype=np.int64)[places] if len(answers) else days


# What passing days change


def next_change(table: Table, standings: Standings, rows: Ints, days: Ints) -> Ints:
    """Return the next day on which some rows' value may pass into another class, `NEVER` where none is known."""
    coordinate = table.coordinate
    match coordinate:
        case FactCoordinate() as each if each.motion == "stepped":
            return _next_of_fact(each, standings, rows, days)
        case OfChannels():
            return standings.past.next_contact_end(rows, days)
        case Attempts():
            return standings.past.next_attempt_end(rows, days)
        case Recent() as each:
            return standings.past.next_recent_end(each.target, each.per_days, rows, days)
        case Variant() as each:
            until = NEVER if each.experiment.until is None else each.experiment.until.toordinal()
            return np.where(days < until, until, NEVER)
        case TimingReached() as each:
            reached_on = _reached_on(each, standings)[rows]
            return np.where(reached_on > days, reached_on, NEVER)
    raise TypeError(f"{coordinate.key} does not change on certain days")


def next_turn(table: Table, standings: Standings, rows: Ints, days: Ints, turns: tuple[Ints, Ints, Ints]) -> Ints:
    """Return the next day on which a number that counts the days passes a start at which a box turns.

    ``turns`` are the starts above and below, by pattern of boxes and band, and the pattern of each row.
    """
    above, below, patterns = turns
    column = _read(table, standings, rows, days)
    drift = np.where(column.present, drift_of(table, standings)[rows], 0)
    starts = np.array(table.column.starts, dtype=np.int64)
    band = np.searchsorted(starts, column.values, side="right")
    up, down = above[patterns, band], below[patterns, band]
    rising = np.where(up == NEVER, NEVER, days + up - column.values)
    falling = np.where(down == -NEVER, NEVER, days + column.values - down + 1)
    return np.where(drift > 0, rising, np.where(drift < 0, falling, NEVER))


def _next_of_fact(each: FactCoordinate, standings: Standings, rows: Ints, days: Ints) -> Ints:
    name = each.fact.name
    given = standings.facts.given(name)[rows]
    if name in WINDOWS:
        found = standings.past.next_window_end(WINDOWS[name], rows, days)
    else:
        found = np.where(standings.debts.carried[rows], standings.debts.next_due(rows, days), NEVER)
    return np.where(given, NEVER, found)


def drift_of(table: Table, standings: Standings) -> Ints:
    """Return by how much a counted coordinate changes a day."""
    coordinate = table.coordinate
    if not isinstance(coordinate, FactCoordinate):
        return np.full(standings.count, coordinate.steady_drift, dtype=np.int64)
    fact = coordinate.fact
    if fact.source == "invoices":
        moving = standings.debts.counts > 0
    elif fact.source == "history":
        moving = standings.past.has_contacts
    else:
        moving = np.zeros(standings.count, dtype=np.bool_)
    return np.where(standings.facts.given(fact.name), fact.moves, moving.astype(np.int64))
