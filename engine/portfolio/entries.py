"""Entries of many histories side by side, as `engine.evaluation.history` reads one (language.md 5.3)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np
import pyarrow as pa

from engine.evaluation.history import first_channel
from engine.model.businessdays import first_moment_of
from engine.model.ruleset import Action
from engine.model.vocabulary import ACTIONS, CHANNELS
from engine.portfolio.arrays import EPOCH, FIRST_DAY, LAST_DAY, spans, unique
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.histories import A_DAY, NONE, Histories

if TYPE_CHECKING:
    from engine.portfolio.standing import Standings

_CHANNELS = tuple(CHANNELS)
_MICROSECONDS = 1_000_000
_AN_HOUR = 3_600 * _MICROSECONDS


class Entries:
    """The entries that are seen and were carried out, by row and instant; ``unread`` are rows with one that is odd.

    ``places`` are where they stand in the histories. Rules are codes of ``words`` and, where the program knows them as
    its own, places of ``known``. Contacts stand apart, by row and instant as well.
    """

    def __init__(self, standings: Standings, histories: Histories) -> None:
        self._standings = proxy(standings)  # which holds this: a batch is let go of at once, not when cycles are sought
        self.histories = histories
        self.fields = histories.fields
        lengths = histories.lengths[standings.rows]
        places = spans(histories.starts[standings.rows], lengths)
        rows = np.repeat(np.arange(standings.count), lengths)
        instants, are_sound = histories.instants[places], histories.are_sound[places] & histories.are_instants[places]
        are_days = histories.are_days[places]
        if are_days.any():
            own = np.flatnonzero(are_days)
            instants[own], are_begun = self._begin(places[own], rows[own])
            are_sound[own] = histories.are_sound[places[own]] & are_begun
        self.unread = np.zeros(standings.count, dtype=np.bool_)
        self.unread[rows[~are_sound]] = True
        # By instants: in the hour that autumn repeats a clock shows a later one as earlier.
        is_seen = ~histories.are_failed[places] & (instants <= standings.asked_at[rows])
        if not are_sound.all():
            is_seen &= ~self.unread[rows]
        if not is_seen.all():
            places, rows, instants = places[is_seen], rows[is_seen], instants[is_seen]
        if ((rows[1:] == rows[:-1]) & (instants[1:] < instants[:-1])).any():
            order = np.lexsort((instants, rows))
            places, rows, instants = places[order], rows[order], instants[order]
        self.places, self.rows = places, rows
        self.days = self._localize(instants, rows) // A_DAY + EPOCH
        self._read_parts(places)

    def _begin(self, places: Ints, rows: Ints) -> tuple[Ints, Truths]:
        """Return the first moments of bare dates, and which of them are dates."""
        texts = self.fields["at"].take(pa.array(places)).to_pylist()
        keys = list(zip(texts, self._standings.zone_of[rows].tolist(), strict=True))
        known = {key: self._begin_of(*key) for key in dict.fromkeys(keys)}
        moments = [known[key] for key in keys]
        fits = np.array([moment is not None for moment in moments], dtype=np.bool_)
        return np.array([moment or 0 for moment in moments], dtype=np.int64), fits

    def _begin_of(self, text: str, zone: int) -> int | None:
        """Return the first moment of a day."""
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            return None
        if not FIRST_DAY <= day.toordinal() <= LAST_DAY:
            return None
        return int(first_moment_of(day, self._standings.zones[zone]).timestamp()) * _MICROSECONDS

    def _localize(self, instants: Ints, rows: Ints) -> Ints:
        """Return what the clock of each row's zone shows, in microseconds since its 1970."""
        found = instants.copy()
        zones = self._standings.zone_of[rows]
        for place in unique(zones)[0].tolist():
            own = np.flatnonzero(zones == place)
            zone = self._standings.zones[place]
            hours, inverse = unique(instants[own] // _AN_HOUR)
            begins = np.array([_offset_at(hour * _AN_HOUR, zone) for hour in hours.tolist()], dtype=np.int64)
            ends = np.array([_offset_at((hour + 1) * _AN_HOUR, zone) for hour in hours.tolist()], dtype=np.int64)
            found[own] += begins[inverse]
            for at in own[(begins != ends)[inverse]].tolist():
                found[at] = instants[at] + _offset_at(int(instants[at]), zone)
        return found

    def _read_parts(self, places: Ints) -> None:
        histories, standings = self.histories, self._standings
        edition, currency = standings.program.edition, standings.program.edition.currency
        self.is_reset = histories.are_resets[places]
        self.rule, self.words = histories.rules[places], histories.rule_words
        are_own = [word == standings.program.ruleset.id for word in histories.ruleset_words]
        self.is_foreign_ruleset = ~np.array([*are_own, True], dtype=np.bool_)[histories.rulesets[places]]
        self.is_foreign_account = histories.are_of_others[places]
        ids_of_rules = {rule.id: place for place, rule in enumerate(edition.rules)}
        known = np.array([*(ids_of_rules.get(word, NONE) for word in self.words), NONE], dtype=np.int64)
        self.known = np.where(self.is_foreign_ruleset, NONE, known[self.rule])
        level, action = histories.levels[places], histories.actions[places]
        levels = [*(NONE if rule.level is None else rule.level for rule in edition.rules), NONE]
        self.level = np.where(level == NONE, np.array(levels, dtype=np.int64)[self.known], level)
        names = list(ACTIONS)
        of_rules = [*(names.index(rule.action.type) for rule in edition.rules), NONE]
        self.action = np.where(action == NONE, np.array(of_rules, dtype=np.int64)[self.known], action)
        self.episode = histories.episodes[places]
        self.pay_by = histories.pay_by[places]
        self._read_channels(places)
        self.fee = histories.in_currency("fee", currency)[places]
        self.announced = histories.in_currency("announced_fee", currency)[places]
        self.is_level_alone = (self.rule == NONE) & (self.action == NONE) & (self.channels_count == 0)
        self.is_level_alone &= self.level != NONE

    def _read_channels(self, places: Ints) -> None:
        """Note the contacts: the entry's, else those that its rule would try first now."""
        histories, standings = self.histories, self._standings
        channel = histories.channels[places]
        lengths = histories.also_lengths[places]
        owners = [np.repeat(np.arange(len(places)), lengths)]
        used = [histories.also[spans(histories.also_starts[places], lengths)]]
        rules = [rule.action for rule in standings.program.edition.rules]
        lacking = np.flatnonzero((channel == NONE) & (self.known != NONE))
        if len(lacking):
            channel[lacking] = self._first_channels(rules, lacking)
        for number in range(max((len(each.along_with) for each in rules), default=0)):
            beside = [each.along_with[number] if number < len(each.along_with) else None for each in rules]
            has = np.array([*(each is not None for each in beside), False], dtype=np.bool_)
            lacking = np.flatnonzero(~histories.says_also[places] & has[self.known])
            if len(lacking):
                firsts = self._first_channels(beside, lacking)
                owners.append(lacking[firsts != NONE])
                used.append(firsts[firsts != NONE])
        self.also_count = sum(
            (np.bincount(each, minlength=len(places)) for each in owners), np.zeros(len(places), dtype=np.int64)
        )
        of_rule = np.flatnonzero((channel != NONE) & ~self.is_reset)
        owner, place_of = np.concatenate([of_rule, *owners]), np.concatenate([channel[of_rule], *used])
        if len(owner) > len(of_rule):
            order = np.argsort(owner, kind="stable")
            owner, place_of = owner[order], place_of[order]
            kept = ~self.is_reset[owner]
            owner, place_of = owner[kept], place_of[kept]
        self.contact_entries, self.contact_channels = owner, place_of
        self.channels_count = np.bincount(owner, minlength=len(self.rows))

    def _first_channels(self, actions: list[Action] | list[Action | None], entries: Ints) -> Ints:
        """Return the channel that the action of each entry's rule would try first now, `NONE` for none."""
        names = [*_CHANNELS, None]
        firsts = [
            [None if each is None else first_channel(each.channels, preferred) for preferred in names]
            for each in actions
        ]
        places = np.array([[NONE if c is None else _CHANNELS.index(c) for c in row] for row in firsts], dtype=np.int64)
        found: Ints = places[self.known[entries], self._standings.given_preferred[self.rows[entries]]]
        return found


def _offset_at(instant: int, zone: dt.tzinfo) -> int:
    """Return by how many microseconds a zone is ahead at an instant."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant)
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * _MICROSECONDS)
