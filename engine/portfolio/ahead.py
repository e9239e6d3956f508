"""What time alone will change, for many accounts at once (language.md 5.10); as `engine.evaluation.lookahead`.

All rows that are not settled yet step to the next day on which one of their coordinates passes into another class.
"""

from typing import NamedTuple

import numpy as np

from engine.evaluation.lookahead import SHORTEST_HORIZON_DAYS
from engine.portfolio.arrays import NO_DAY
from engine.portfolio.bits import Bits, Ints, Truths, any_of, distinct
from engine.portfolio.debts import NEVER
from engine.portfolio.readings import class_of_all, classes_of, next_change, next_turn
from engine.portfolio.standing import Standings
from engine.portfolio.tables import NOBODY, Table, Tables
from engine.portfolio.verdicts import Verdicts, conclude


class Outlooks(NamedTuple):
    """When to ask again, and what wins next by time alone; `NO_DAY` and `NOBODY` where nothing does."""

    review_on: Ints
    upcoming: Ints
    upcoming_on: Ints

    def at(self, rows: Ints) -> "Outlooks":
        """Return those of some rows."""
        return Outlooks(*(each[rows] for each in self))


_LARGEST_TABLE = 4_096
"""Classes of coordinates that are read as one."""


class Walk:
    """The boxes of some accounts day by day; what is asked again is only what passes into another class."""

    def __init__(self, tables: Tables, standings: Standings) -> None:
        self.tables, self.standings = tables, standings
        self._settled = self._settle()
        self._moving = [
            Moving(each, standings, any_of(self._settled, each.touched))
            for each in tables.read.values()
            if each.coordinate.motion != "fixed"
        ]

    def _settle(self) -> Bits:
        """Return the boxes that the coordinates leave that stand still; several are read as one."""
        standings, same = self.standings, self.tables.everything.copy()
        everybody = np.arange(standings.count)
        found: Bits | None = None
        waiting: list[Table] = []
        codes, width = np.zeros(standings.count, dtype=np.int64), 1
        for each in self.tables.read.values():
            if each.coordinate.motion != "fixed":
                continue
            alike = class_of_all(each, standings)
            if alike is not None:
                same &= each.words[alike]
                continue
            if width * len(each.words) > _LARGEST_TABLE and waiting:
                found = _meet(found, self.tables.together(waiting)[codes])
                waiting, codes, width = [], np.zeros(standings.count, dtype=np.int64), 1
            codes = codes * len(each.words) + classes_of(each, standings, everybody, standings.days)
            width *= len(each.words)
            waiting.append(each)
        if waiting:
            found = _meet(found, self.tables.together(waiting)[codes])
        if found is None:
            return np.repeat(same[None, :], standings.count, axis=0)
        found &= same
        return found

    def holding(self, rows: Ints) -> Bits:
        """Return the boxes that hold some rows on the days that they have come to."""
        found = self._settled[rows]
        for each in self._moving:
            if each.is_asked:
                found &= each.words[each.classes[rows]]
        return found

    def verdicts(self, rows: Ints, days: Ints) -> Verdicts:
        """Return what is decided for some rows on the days that they have come to."""
        return self.conclude(self.holding(rows), rows, days)

    def conclude(self, holding: Bits, rows: Ints, days: Ints) -> Verdicts:
        """Return what is decided where these boxes hold; they are narrowed to what is left."""
        return conclude(self.tables.choose(holding), self.standings, rows, days)

    def begin(self, rows: Ints) -> None:
        """Make some rows ready to step; behind a block that holds on every day nothing need be asked about."""
        settled = self._settled[rows]
        settled &= self.tables.up_to_fixed_block(settled)
        self._settled[rows] = settled
        patterns, own = distinct(settled)
        places = np.full(self.standings.count, len(patterns), dtype=np.int64)
        places[rows] = own
        patterns = np.concatenate((patterns, np.zeros((1, self.tables.width), dtype=np.uint64)))
        self._moving = [
            each for each in self._moving if each.narrow(any_of(patterns, each.table.touched), places, patterns)
        ]
        self._nexts = np.full((len(self._moving) + 1, self.standings.count), NEVER, dtype=np.int64)
        self._is_of_contacts = any_of(patterns, self.tables.of_contacts)[places]
        self._is_of_interest = any_of(patterns, self.tables.of_interest)[places]
        for place, each in enumerate(self._moving):
            alive = np.flatnonzero(each.alive)
            self._nexts[place, alive] = each.next_change(alive, self.standings.days[alive])
        self._nexts[-1, rows] = self._ask_anew(rows, self.standings.days[rows])

    def step(self, rows: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Take some rows to the next day on which something may change; return those that have one, and the days."""
        days = self._nexts[:, rows].min(axis=0)
        kept = days <= last[rows]
        rows, days = rows[kept], days[kept]
        for place, each in enumerate(self._moving):
            turning = np.flatnonzero(self._nexts[place, rows] == days)
            if len(turning):
                own, on = rows[turning], days[turning]
                each.read(own, on)
                self._nexts[place, own] = each.next_change(own, on)
        turning = np.flatnonzero(self._nexts[-1, rows] == days)
        self._nexts[-1, rows[turning]] = self._ask_anew(rows[turning], days[turning])
        return rows, days

    def _ask_anew(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which more may change than the boxes tell: channels, variants, interest."""
        program = self.standings.program
        found = np.full(len(rows), NEVER, dtype=np.int64)
        for end in program.experiment_ends:
            found = np.where(days < end.toordinal(), np.minimum(found, end.toordinal()), found)
        asked = np.flatnonzero(self._is_of_contacts[rows])
        found[asked] = np.minimum(found[asked], self.standings.past.next_contact_end(rows[asked], days[asked]))
        asked = np.flatnonzero(self._is_of_interest[rows])
        if len(asked):
            later = self.standings.debts.next_due(rows[asked], days[asked])
            for end in program.interest_ends:
                later = np.where(days[asked] < end.toordinal(), np.minimum(later, end.toordinal()), later)
            found[asked] = np.minimum(found[asked], later)
        return found


def _meet(one: Bits | None, other: Bits) -> Bits:
    if one is not None:
        other &= one
    return other


class Moving:
    """A coordinate that passing days may change: the class of each row's value on the day that it has come to.

    Rows that hang on it no more have the last class, of which every box may be.
    """

    def __init__(self, table: Table, standings: Standings, alive: Truths) -> None:
        self.table, self.alive = table, alive
        self._standings = standings
        self.words = np.concatenate(
            (table.words, np.full((1, table.words.shape[1]), np.iinfo(np.uint64).max, np.uint64))
        )
        self.classes = np.full(standings.count, len(table.words), dtype=np.int64)
        rows = np.flatnonzero(alive)
        self.is_asked = len(rows) > 0
        self.read(rows, standings.days[rows])

    def read(self, rows: Ints, days: Ints) -> None:
        """Read it of some rows on their days."""
        if len(rows):
            self.classes[rows] = classes_of(self.table, self._standings, rows, days)

    def narrow(self, alive: Truths, places: Ints, patterns: Bits) -> bool:
        """Note which rows still hang on it, by the pattern of boxes of each; tell whether one does."""
        self.alive = alive[places]
        self.classes[~self.alive] = len(self.table.words)
        self.is_asked = bool(alive.any())
        if self.is_asked and self.table.coordinate.motion == "counted":
            self._places = places
            self._above, self._below = find_turns(self.table, patterns)
        return self.is_asked

    def next_change(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which it matters that some rows' value changes."""
        if self.table.coordinate.motion == "counted":
            return next_turn(self.table, self._standings, rows, days, (self._above, self._below, self._places[rows]))
        return next_change(self.table, self._standings, rows, days)


def find_turns(table: Table, patterns: Bits) -> tuple[Ints, Ints]:
    """Return by pattern of boxes and band the next start above, and below, at which one of the boxes turns."""
    starts = table.column.starts
    above = np.full((len(patterns), len(starts) + 1), NEVER, dtype=np.int64)
    below = np.full((len(patterns), len(starts) + 1), -NEVER, dtype=np.int64)
    turns = [any_of(patterns, table.words[band] ^ table.words[band + 1]) for band in range(len(starts))]
    for band in range(len(starts) - 1, -1, -1):
        above[:, band] = np.where(turns[band], starts[band], above[:, band + 1])
    for band in range(len(starts)):
        below[:, band + 1] = np.where(turns[band], starts[band], below[:, band])
    return above, below


def look_ahead(walk: Walk, verdicts: Verdicts, last: Ints, *, for_review: bool = True) -> Outlooks:
    """Return what changes after the days of the standings, up to a last day of each row.

    Where nobody asks when to review, only what wins next where nothing wins now is looked for.
    """
    standings = walk.standings
    count = standings.count
    review_on = np.full(count, NO_DAY, dtype=np.int64)
    otherwise_on = review_on.copy()
    upcoming, upcoming_on = np.full(count, NOBODY, dtype=np.int64), review_on.copy()
    is_idle = verdicts.is_nothing
    rows = np.arange(count) if for_review else np.flatnonzero(is_idle)
    walk.begin(rows)
    while len(rows):
        rows, days = walk.step(rows, last)
        later = walk.verdicts(rows, days)
        differs = (review_on[rows] == NO_DAY) & (later.key != verdicts.key[rows])
        review_on[rows[differs]] = days[differs]
        other = (otherwise_on[rows] == NO_DAY) & (later.otherwise_key != verdicts.otherwise_key[rows])
        otherwise_on[rows[other]] = days[other]
        wins = is_idle[rows] & later.is_act
        upcoming[rows[wins]] = later.rule[wins]
        upcoming_on[rows[wins]] = days[wins]
        open_ = np.where(is_idle[rows], ~wins, review_on[rows] == NO_DAY)
        rows = rows[open_]
    alone = is_idle & (upcoming == NOBODY)
    return Outlooks(np.where(alone, otherwise_on, review_on), upcoming, upcoming_on)


def find_unsettled(verdicts: Verdicts, outlooks: Outlooks, standings: Standings, *, for_review: bool) -> Truths:
    """Tell of which rows what is open or effective turns before anything else does: what comes then is not known."""
    idle = verdicts.is_nothing
    waiting = np.where(idle, outlooks.upcoming == NOBODY, for_review & (outlooks.review_on == NO_DAY))
    return waiting & (standings.turns_on <= _horizon(standings))


def last_days(standings: Standings) -> Ints:
    """Return the last day that is tried for each row, with what is open and effective today."""
    return np.minimum(_horizon(standings), standings.turns_on - 1)


def _horizon(standings: Standings) -> Ints:
    calendar = standings.program.ruleset.calendar
    last = standings.days + SHORTEST_HORIZON_DAYS
    if calendar is not None and calendar.stored_until is not None:
        last = np.maximum(last, calendar.stored_until.toordinal())
    return last
