"""What time alone will change, for many accounts at once (language.md 5.10); as `engine.evaluation.lookahead`.

All rows that are not settled yet step to the next day on which one of their coordinates passes into another class.
"""

from typing import NamedTuple

import numpy as np

from engine.evaluation.lookahead import SHORTEST_HORIZON_DAYS
from engine.portfolio.arrays import NO_DAY
from engine.portfolio.bits import Bits, Ints, any_of
from engine.portfolio.debts import NEVER
from engine.portfolio.readings import classes_of, next_change
from engine.portfolio.standing import Standings
from engine.portfolio.tables import NOBODY, Tables
from engine.portfolio.verdicts import Verdicts, conclude


class Outlooks(NamedTuple):
    """When to ask again, and what wins next by time alone; `NO_DAY` and `NOBODY` where nothing does."""

    review_on: Ints
    upcoming: Ints
    upcoming_on: Ints


class Walk:
    """The boxes of some accounts day by day."""

    def __init__(self, tables: Tables, standings: Standings) -> None:
        self.tables, self.standings = tables, standings
        everybody = np.arange(standings.count)
        fixed = [each for each in tables.read.values() if each.coordinate.motion == "fixed"]
        self.settled = np.repeat(tables.everything[None, :], standings.count, axis=0)
        for each in fixed:
            self.settled &= each.words[classes_of(each, standings, everybody, standings.days)]
        self._moving = [each for each in tables.read.values() if each.coordinate.motion != "fixed"]
        self._alive = [any_of(self.settled, each.touched) for each in self._moving]

    def forget_what_never_wins(self) -> None:
        """Take out what stands behind a block that holds on every day: later days need not be asked about it."""
        self.settled &= self.tables.up_to_fixed_block(self.settled)
        self._alive = [any_of(self.settled, each.touched) for each in self._moving]

    def holding(self, rows: Ints, days: Ints) -> Bits:
        """Return the boxes that hold some rows, each on its day."""
        found = self.settled[rows]
        for each, alive in zip(self._moving, self._alive, strict=True):
            asked = np.flatnonzero(alive[rows])
            if len(asked) == len(rows):
                found &= each.words[classes_of(each, self.standings, rows, days)]
            elif len(asked):
                found[asked] &= each.words[classes_of(each, self.standings, rows[asked], days[asked])]
        return found

    def verdicts(self, rows: Ints, days: Ints) -> Verdicts:
        """Return what is decided for some rows, each on its day."""
        return self.conclude(self.holding(rows, days), rows, days)

    def conclude(self, holding: Bits, rows: Ints, days: Ints) -> Verdicts:
        """Return what is decided where these boxes hold; they are narrowed to what is left."""
        return conclude(self.tables.choose(holding), self.standings, rows, days)

    def next_day(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which something may change."""
        program = self.standings.program
        found = np.full(len(rows), NEVER, dtype=np.int64)
        for each, alive in zip(self._moving, self._alive, strict=True):
            asked = np.flatnonzero(alive[rows])
            if len(asked):
                later = next_change(each, self.standings, rows[asked], days[asked])
                found[asked] = np.minimum(found[asked], later)
        for end in program.experiment_ends:
            found = np.where(days < end.toordinal(), np.minimum(found, end.toordinal()), found)
        if program.masks.of_contacts and program.terms.contact_limits:
            asked = np.flatnonzero(any_of(self.settled[rows], self.tables.of_contacts))
            later = self.standings.past.next_contact_end(rows[asked], days[asked])
            found[asked] = np.minimum(found[asked], later)
        if program.masks.of_interest:
            asked = np.flatnonzero(any_of(self.settled[rows], self.tables.of_interest))
            later = self.standings.debts.next_due(rows[asked], days[asked])
            for end in program.interest_ends:
                later = np.where(days[asked] < end.toordinal(), np.minimum(later, end.toordinal()), later)
            found[asked] = np.minimum(found[asked], later)
        return found


def look_ahead(walk: Walk, verdicts: Verdicts, last: Ints) -> Outlooks:
    """Return what changes after the days of the standings, up to a last day of each row."""
    standings = walk.standings
    count = standings.count
    review_on = np.full(count, NO_DAY, dtype=np.int64)
    otherwise_on = review_on.copy()
    upcoming, upcoming_on = np.full(count, NOBODY, dtype=np.int64), review_on.copy()
    is_idle = verdicts.is_nothing
    walk.forget_what_never_wins()
    rows, days = np.arange(count), standings.days
    while len(rows):
        days = walk.next_day(rows, days)
        kept = days <= last[rows]
        rows, days = rows[kept], days[kept]
        if not len(rows):
            break
        later = walk.verdicts(rows, days)
        differs = (review_on[rows] == NO_DAY) & (later.key != verdicts.key[rows])
        review_on[rows[differs]] = days[differs]
        other = (otherwise_on[rows] == NO_DAY) & (later.otherwise_key != verdicts.otherwise_key[rows])
        otherwise_on[rows[other]] = days[other]
        wins = is_idle[rows] & later.is_act
        upcoming[rows[wins]] = later.rule[wins]
        upcoming_on[rows[wins]] = days[wins]
        open_ = np.where(is_idle[rows], ~wins, review_on[rows] == NO_DAY)
        rows, days = rows[open_], days[open_]
    alone = is_idle & (upcoming == NOBODY)
    return Outlooks(np.where(alone, otherwise_on, review_on), upcoming, upcoming_on)


def last_days(standings: Standings) -> Ints:
    """Return the last day that is tried for each row."""
    calendar = standings.program.ruleset.calendar
    last = standings.days + SHORTEST_HORIZON_DAYS
    if calendar is not None and calendar.stored_until is not None:
        last = np.maximum(last, calendar.stored_until.toordinal())
    return last
