"""Accounts as one program reads them, side by side: what `engine.coordinates.standing` is to one account."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from engine.coordinates.snapshot import variant_of
from engine.evaluation.program import Program
from engine.model.ruleset import Experiment
from engine.model.vocabulary import CHANNELS, LARGEST_INTEGER, PREFERRED, Fact
from engine.portfolio.arrays import FIRST_DAY, LAST_DAY, NO_DAY, Column, present_in
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.debts import Debts
from engine.portfolio.facts import Facts, with_default
from engine.portfolio.past import Past
from engine.portfolio.sheet import Sheet

NO_CHANNEL = -1
_CHANNELS = tuple(CHANNELS)


class Standings:
    """Some rows of a batch on the local ``days`` of what is asked; ``unread`` are those to be read one by one, by why.

    Channels are bits, in the order of the vocabulary's.
    """

    def __init__(
        self,
        program: Program,
        sheet: Sheet,
        rows: Ints,
        zones: list[ZoneInfo],
        zone_of: Ints,
        moments: Sequence[dt.datetime],
        *,
        turns_on: int,
    ) -> None:
        edition = program.edition
        self.program = program
        self.sheet, self.rows = sheet, rows
        self.zones, self.zone_of, self.moments = zones, zone_of, moments
        self._turns_on = turns_on
        self.days = np.array([moment.date().toordinal() for moment in moments], dtype=np.int64)[zone_of]
        self.count = len(rows)
        self.facts = Facts(sheet, rows, edition.facts, edition.currency)
        facts_on = sheet.facts_on[rows]
        self.facts_on = np.where(facts_on == NO_DAY, self.days, facts_on)
        self.debts = Debts(sheet.invoices(edition.currency), rows, edition.ignore_below, self.days)
        self.turns_on = np.minimum(self.debts.turns_on, turns_on)
        self.oldest_due_on = self._find_oldest()
        self.asked_at = np.array([_microseconds_of(moment) for moment in moments], dtype=np.int64)[zone_of]
        nobody = np.zeros(0, dtype=np.int64)
        self._asked_last = nobody, nobody, nobody
        self.past = Past(self)
        self.unread: dict[str, Truths] = {
            "a fact that cannot be read": self.facts.unreadable | self._lacks_needed() | _is_beyond(facts_on),
            "facts beside invoices": self._has_beside("invoices", self.debts.carried),
            "facts beside history": self._has_beside("history", self.past.carried),
            "a score that is given": self._gives_score(),
            **self.debts.unread,
            **self.past.unread,
        }

    def _lacks_needed(self) -> Truths:
        lacks = np.zeros(self.count, dtype=np.bool_)
        for name in self.program.needed_facts:
            lacks |= ~self.facts.given(name)
        return lacks

    def _has_beside(self, source: str, carried: Truths) -> Truths:
        found = np.zeros(self.count, dtype=np.bool_)
        for name, fact in self.program.edition.facts.items():
            if fact.source == source:
                found |= carried & self.facts.given(name)
        return found

    def _gives_score(self) -> Truths:
        found = np.zeros(self.count, dtype=np.bool_)
        for name in self.program.edition.scorecards.keys() & set(self.sheet.names):
            found |= present_in(self.sheet.batch.column(name))[self.rows]
        return found

    def _find_oldest(self) -> Ints:
        found = self.debts.oldest_due_on
        given = self.facts.column("days_overdue")
        if given is None:
            return found
        due_on = self.facts_on - np.clip(given.values, -(10**7), 10**7)
        is_due = given.present & ~self.debts.carried & (due_on >= FIRST_DAY) & (due_on <= LAST_DAY)
        return np.where(is_due, due_on, found)

    # facts

    def fact(self, fact: Fact, rows: Ints, days: Ints) -> Column:
        """Return a fact that is no set of some rows, each on its day."""
        present = np.zeros(len(rows), dtype=np.bool_)
        values = np.zeros(len(rows), dtype=np.int64)
        words: Sequence[str] = ()
        if fact.source == "invoices":
            values, present = self.debts.value(fact.name, rows, days)
            carried = self.debts.carried[rows]
            values, present = np.where(carried, values, 0), present & carried
        elif fact.source == "history":
            return self.past.fact(fact, rows, days)
        given = self.facts.column(fact.name)
        if given is not None:
            own = given.values[rows]
            if fact.moves:
                own = np.clip(own + fact.moves * (days - self.facts_on[rows]), -LARGEST_INTEGER, LARGEST_INTEGER)
            is_given = given.present[rows]
            values, present, words = np.where(is_given, own, values), present | is_given, given.words
        where = np.ones(len(rows), dtype=np.bool_)
        if fact.source == "invoices":
            where = ~self.debts.carried[rows]
        return with_default(Column(values, present, words), fact, where)

    # channels

    @cached_property
    def channels(self) -> Ints:
        """Return the channels of each account."""
        found = np.zeros(self.count, dtype=np.int64)
        default = self.program.terms.default_means["channels"]
        if self.facts.is_set_given("channels"):
            found = self.sheet.channels[self.rows]
        if isinstance(default, tuple):
            bits = sum(1 << _CHANNELS.index(name) for name in default if name in CHANNELS)
            found = np.where(self.facts.given("channels"), found, bits)
        return found

    @cached_property
    def usable(self) -> Ints:
        """Return the channels that no limit has closed yet."""
        barred = self._plain("do_not_contact")
        return np.where(barred.present & (barred.values == 1), 0, self.channels)

    @cached_property
    def preferred(self) -> Ints:
        """Return the preferred channel as a bit, 0 for none."""
        column = self._plain("preferred_channel")
        bits = [1 << _CHANNELS.index(word) if word in CHANNELS else 0 for word in column.words]
        return np.where(column.present, np.array([*bits, 0], dtype=np.int64)[column.values], 0)

    @cached_property
    def given_preferred(self) -> Ints:
        """Return the preferred channel that is given, by its place in the vocabulary, after the last for none."""
        given = self.facts.column("preferred_channel")
        if given is None:
            return np.full(self.count, len(_CHANNELS), dtype=np.int64)
        places = [_CHANNELS.index(word) if word in CHANNELS else len(_CHANNELS) for word in given.words]
        return np.where(given.present, np.array([*places, 0], dtype=np.int64)[given.values], len(_CHANNELS))

    def _plain(self, name: str) -> Column:
        everybody = np.arange(self.count)
        return self.fact(self.program.edition.facts[name], everybody, self.days)

    def over_limit(self, rows: Ints, days: Ints) -> Ints:
        """Return the channels that contact limits close on some rows' days, remembered for those asked last."""
        if self._asked_last[0] is rows and self._asked_last[1] is days:
            return self._asked_last[2]
        closed = np.zeros(len(rows), dtype=np.int64)
        for limit in self.program.terms.contact_limits:
            used = self.past.count_contacts(limit.channel, limit.per_days, rows, days)
            bits = self.channels[rows] if limit.channel is None else 1 << _CHANNELS.index(limit.channel)
            closed |= np.where(used >= limit.at_most, bits, 0)
        self._asked_last = rows, days, closed
        return closed

    def pick(self, rows: Ints) -> "Standings":
        """Return some of the rows."""
        own = self.rows[rows], self.zones, self.zone_of[rows], self.moments
        return Standings(self.program, self.sheet, *own, turns_on=self._turns_on)

    def first_of(self, order: tuple[str, ...], rows: Ints, usable: Ints) -> Ints:
        """Return the first usable channel of an order by its place in the vocabulary, else `NO_CHANNEL`."""
        found = np.full(len(rows), NO_CHANNEL, dtype=np.int64)
        for name in reversed(order):
            bits = self.preferred[rows] if name == PREFERRED else np.int64(1 << _CHANNELS.index(name))
            hit = usable & bits
            place = np.bitwise_count(np.where(hit > 0, hit - 1, 0)).astype(np.int64)
            found = np.where(hit > 0, place, found)
        return found

    # experiments

    @cached_property
    def drawn(self) -> dict[str, Ints]:
        """Return by experiment the variant that each account draws, by its place in the experiment's names."""
        ids = self.sheet.batch.column("id").take(pa.array(self.rows)).to_pylist()
        return {each.id: _draw(each, ids) for each in self.program.terms.experiments}

    def variant(self, experiment: Experiment, rows: Ints, days: Ints) -> Ints:
        """Return the variants of some rows on their days."""
        drawn = self.drawn[experiment.id][rows]
        if experiment.until is None:
            return drawn
        return np.where(
            days >= experiment.until.toordinal(), names_of(experiment).index(experiment.variants[0][0]), drawn
        )


def _microseconds_of(moment: dt.datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return (moment.astimezone(dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def names_of(experiment: Experiment) -> list[str]:
    """Return the names of an experiment's variants."""
    return list(experiment.names)


def _draw(experiment: Experiment, ids: list[str | None]) -> Ints:
    names = names_of(experiment)
    drawn = (names.index(variant_of(experiment, each or "", dt.date.min)) for each in ids)
    return np.fromiter(drawn, dtype=np.int64, count=len(ids))


def _is_beyond(days: Ints) -> Truths:
    """Tell which days are none that is reckoned with, but given."""
    return (days != NO_DAY) & ((days < FIRST_DAY) | (days > LAST_DAY))
