"""Entries of many histories side by side, as `engine.evaluation.history` reads one (language.md 5.3)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.history import first_channel
from engine.evaluation.reading import LENGTH_OF_A_DAY, LONGEST_ID
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.account import RESULTS
from engine.model.businessdays import first_moment_of
from engine.model.episode import BETWEEN_EPISODES
from engine.model.money import EXPONENTS
from engine.model.vocabulary import ACTIONS, CHANNELS
from engine.portfolio.arrays import (
    EPOCH,
    FIRST_DAY,
    LAST_DAY,
    NO_DAY,
    codes_of,
    days_of,
    ints_of,
    present_in,
    scaled_of,
    truths_of,
)
from engine.portfolio.bits import Ints, Truths

if TYPE_CHECKING:
    from engine.portfolio.standing import Standings

NONE = -1
BETWEEN = -2
"""In the place of a due date: the entry names the time between episodes."""
_CHANNELS = tuple(CHANNELS)
_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$"
_MICROSECONDS = 1_000_000
_A_DAY = 86_400 * _MICROSECONDS
_AN_HOUR = 3_600 * _MICROSECONDS


class Entries:
    """The entries that are seen and were carried out, by row and instant; ``unread`` are rows with one that is odd.

    ``places`` are where they stand in the column. Rules are codes of ``words`` and, where the program knows them as its
    own, places of ``known``. Contacts stand apart, by row and instant as well.
    """

    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        column = standings.batch.column("history")
        rows = np.asarray(pc.list_parent_indices(column)).astype(np.int64)
        values = column.flatten()
        fields = dict(zip((field.name for field in values.type), values.flatten(), strict=True))
        self.fields = fields
        instants, is_sound = self._read_instants(fields["at"], rows)
        is_sound &= present_in(values) & self._are_sound(fields)
        walls = self._localize(instants, rows)
        self.unread = np.zeros(standings.count, dtype=np.bool_)
        self.unread[rows[~is_sound]] = True
        results, result_words = codes_of(fields["result"])
        is_failed = np.array([word == "failed" for word in result_words] + [False], dtype=np.bool_)[results]
        # By instants: in the hour that autumn repeats a clock shows a later one as earlier.
        seen = np.flatnonzero(~is_failed & ~self.unread[rows] & (instants <= standings.asked_at[rows]))
        self.places = places = seen[np.lexsort((instants[seen], rows[seen]))]
        self.rows, self.days = rows[places], walls[places] // _A_DAY + EPOCH
        self._read_parts(places)

    def _read_instants(self, column: pa.Array, rows: Ints) -> tuple[Ints, Truths]:
        """Return instants in microseconds since 1970, and which could be read."""
        if pa.types.is_timestamp(column.type):
            found = ints_of(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
            return found, present_in(column) & _is_reckoned(found)
        found, fits = np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_)
        is_usual = truths_of(pc.match_substring_regex(column, _INSTANT))
        usual = column.filter(pa.array(is_usual))
        try:
            found[is_usual] = ints_of(usual.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
        except pa.ArrowInvalid:  # a thirteenth month, an offset of a hundred hours
            return found, fits
        fits |= is_usual & _is_reckoned(found)
        is_day = np.asarray(pc.utf8_length(column).fill_null(0)) == LENGTH_OF_A_DAY
        known: dict[tuple[str, int], int | None] = {}
        for place in np.flatnonzero(is_day).tolist():
            zone = int(self._standings.zone_of[rows[place]])
            key = (column[place].as_py(), zone)
            if key not in known:
                known[key] = self._begin_of(*key)
            moment = known[key]
            if moment is not None:
                found[place], fits[place] = moment, True
        return found, fits

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
        for place in np.unique(zones).tolist():
            own = np.flatnonzero(zones == place)
            zone = self._standings.zones[place]
            hours, inverse = np.unique(instants[own] // _AN_HOUR, return_inverse=True)
            begins = [_offset_at(hour * _AN_HOUR, zone) for hour in hours.tolist()]
            ends = [_offset_at((hour + 1) * _AN_HOUR, zone) for hour in hours.tolist()]
            inverse = inverse.reshape(-1)
            found[own] += np.array(begins, dtype=np.int64)[inverse]
            turning = np.array(begins, dtype=np.int64) != np.array(ends, dtype=np.int64)
            for at in own[turning[inverse]].tolist():
                found[at] = instants[at] + _offset_at(int(instants[at]), zone)
        return found

    def _are_sound(self, fields: dict[str, pa.Array]) -> Truths:
        """Tell of which entries the single path finds nothing unusual."""
        fits = _is_one_of(fields["action"], ACTIONS) & _is_one_of(fields["result"], RESULTS)
        fits &= _is_one_of(fields["channel"], CHANNELS)
        for name in ("rule", "ruleset", "account", "decision_id"):
            fits &= _is_name(fields[name])
        level = ints_of(fields["level"])
        fits &= (level >= 0) & (level <= HIGHEST_LEVEL)
        pay_by = days_of(fields["pay_by"])
        fits &= (pay_by == NO_DAY) | ((pay_by >= FIRST_DAY) & (pay_by <= LAST_DAY))
        for name, words in (("also", CHANNELS), ("invoices", None)):
            lists = fields[name]
            owners = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
            items = lists.flatten()
            is_fit = present_in(items) & (_is_one_of(items, words) if words is not None else True)
            fits[owners[~is_fit]] = False
        for name in ("fee", "announced_fee"):
            fits &= _is_fee(fields[name])
        said = truths_of(fields["reset"]) | present_in(fields["rule"]) | present_in(fields["action"])
        said |= present_in(fields["level"]) | present_in(fields["channel"]) | present_in(fields["fee"])
        codes, words_ = codes_of(fields["result"])
        said |= np.array([word == "failed" for word in words_] + [False], dtype=np.bool_)[codes]
        self._episodes, is_episode = _read_episodes(fields["episode"])
        return fits & said & is_episode

    def _read_parts(self, places: Ints) -> None:
        fields, standings = self.fields, self._standings
        edition = standings.program.edition

        def part(name: str) -> pa.Array:
            return fields[name].take(pa.array(places))

        self.is_reset = truths_of(part("reset"))
        self.rule, self.words = codes_of(part("rule"))
        rulesets, ruleset_words = codes_of(part("ruleset"))
        own = [word == standings.program.ruleset.id for word in ruleset_words]
        self.is_foreign_ruleset = ~np.array([*own, True], dtype=np.bool_)[rulesets]
        account = part("account")
        ids = standings.batch.column("id").take(pa.array(self.rows))
        self.is_foreign_account = truths_of(pc.not_equal(account, ids))
        ids_of_rules = {rule.id: place for place, rule in enumerate(edition.rules)}
        known = np.array([*(ids_of_rules.get(word, NONE) for word in self.words), NONE], dtype=np.int64)
        self.known = np.where(self.is_foreign_ruleset, NONE, known[self.rule])
        level = part("level")
        levels = [*(NONE if rule.level is None else rule.level for rule in edition.rules), NONE]
        self.level = np.where(present_in(level), ints_of(level), np.array(levels, dtype=np.int64)[self.known])
        self.action = self._read_actions(part("action"))
        self.episode = self._episodes[places]
        self.pay_by = days_of(part("pay_by"))
        self._read_channels(part("channel"), part("also"))
        self.fee = self._same_currency(part("fee"))
        self.announced = self._same_currency(part("announced_fee"))
        self.is_level_alone = (self.rule == NONE) & (self.action == NONE) & (self.channels_count == 0)
        self.is_level_alone &= self.level != NONE

    def _read_actions(self, column: pa.Array) -> Ints:
        """Return what was done, as the place of the action in the vocabulary."""
        names = list(ACTIONS)
        codes, words = codes_of(column)
        said = np.array([*(names.index(word) for word in words), NONE], dtype=np.int64)[codes]
        of_rules = [*(names.index(rule.action.type) for rule in self._standings.program.edition.rules), NONE]
        return np.where(said == NONE, np.array(of_rules, dtype=np.int64)[self.known], said)

    def _read_channels(self, column: pa.Array, also: pa.Array) -> None:
        """Note the contacts: the entry's, else those that its rule would try first now."""
        standings = self._standings
        codes, words = codes_of(column)
        channel = np.array([*(_CHANNELS.index(word) for word in words), NONE], dtype=np.int64)[codes]
        preferred, names = standings.given_preferred, [*_CHANNELS, None]
        own_also = present_in(also)
        owners = [np.asarray(pc.list_parent_indices(also)).astype(np.int64)]
        also_codes, also_words = codes_of(also.flatten())
        used = [np.array([*(_CHANNELS.index(word) for word in also_words), NONE], dtype=np.int64)[also_codes]]
        for place in np.unique(self.known[self.known != NONE]).tolist():
            action = standings.program.edition.rules[place].action
            entries = np.flatnonzero(self.known == place)
            prefer = preferred[self.rows[entries]]
            for each in np.unique(prefer).tolist():
                some = entries[prefer == each]
                first = first_channel(action.channels, names[each])
                if first is not None:
                    lacking = some[channel[some] == NONE]
                    channel[lacking] = _CHANNELS.index(first)
                lacking = some[~own_also[some]]
                for other in action.along_with:
                    beside = first_channel(other.channels, names[each])
                    if beside is not None:
                        owners.append(lacking)
                        used.append(np.full(len(lacking), _CHANNELS.index(beside), dtype=np.int64))
        self.also_count = np.bincount(np.concatenate(owners), minlength=len(self.rows))
        of_rule = np.flatnonzero((channel != NONE) & ~self.is_reset)
        owner, place_of = np.concatenate([of_rule, *owners]), np.concatenate([channel[of_rule], *used])
        order = np.argsort(owner, kind="stable")
        self.contact_entries, self.contact_channels = owner[order], place_of[order]
        kept = ~self.is_reset[self.contact_entries]
        self.contact_entries, self.contact_channels = self.contact_entries[kept], self.contact_channels[kept]
        self.channels_count = np.bincount(self.contact_entries, minlength=len(self.rows))

    def _same_currency(self, column: pa.Array) -> Truths:
        """Tell which entries carry a fee in the currency that is decided in."""
        currency = pc.struct_field(column, "currency")
        return truths_of(pc.equal(currency, self._standings.program.edition.currency)) & present_in(column)


def _offset_at(instant: int, zone: dt.tzinfo) -> int:
    """Return by how many microseconds a zone is ahead at an instant."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant)
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * _MICROSECONDS)


def _is_reckoned(instants: Ints) -> Truths:
    """Tell which instants lie far enough within the years that are reckoned with, whatever the zone."""
    days = instants // _A_DAY + EPOCH
    return (days > FIRST_DAY) & (days < LAST_DAY)


def _is_one_of(column: pa.Array, words: object) -> Truths:
    """Tell which texts are null or one of some words."""
    codes, own = codes_of(column)
    known = set(words)  # type: ignore[call-overload]
    return np.array([*(word in known for word in own), True], dtype=np.bool_)[codes]


def _is_name(column: pa.Array) -> Truths:
    """Tell which texts are null or can be names."""
    if column.null_count == len(column):
        return np.ones(len(column), dtype=np.bool_)
    lengths = np.asarray(pc.utf8_length(column).fill_null(1))
    return (lengths > 0) & (lengths <= LONGEST_ID) & ~truths_of(pc.match_substring(column, "\0"))


def _is_fee(column: pa.Array) -> Truths:
    """Tell which fees are null or can be read."""
    found = ~present_in(column)
    if found.all():
        return found
    parts = {name: pc.struct_field(column, name) for name in ("name", "amount", "currency")}
    codes, words = codes_of(parts["currency"])
    for code, word in enumerate(words):
        if word in EXPONENTS:
            amounts, fits = scaled_of(parts["amount"], EXPONENTS[word])
            found |= (codes == code) & fits & present_in(parts["name"]) & (np.abs(amounts) <= 2**53)
    return found


def _read_episodes(column: pa.Array) -> tuple[Ints, Truths]:
    """Return the episodes that entries name: a due date, `BETWEEN` or `NO_DAY`; and which can be read."""
    codes, words = codes_of(column)
    found, fits = [], []
    for word in words:
        day = BETWEEN if word == BETWEEN_EPISODES else _ordinal_of(word)
        found.append(NO_DAY if day is None else day)
        fits.append(day is not None)
    return np.array([*found, NO_DAY], dtype=np.int64)[codes], np.array([*fits, True], dtype=np.bool_)[codes]


def _ordinal_of(text: str) -> int | None:
    if len(text) != LENGTH_OF_A_DAY:
        return None
    try:
        day = dt.date.fromisoformat(text).toordinal()
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
