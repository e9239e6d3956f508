"""The histories of a batch as they stand: every entry's parts as numbers, whichever ruleset counts them."""

import datetime as dt
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.history import read_instant
from engine.evaluation.reading import LENGTH_OF_A_DAY
from engine.loading.rules import HIGHEST_LEVEL
from engine.model.account import RESULTS
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
    fields_of,
    ints_of,
    lists_of,
    present_in,
    scaled_of,
    truths_of,
)
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.names import are_names

NONE = -1
BETWEEN = -2
"""In the place of a due date: the entry names the time between episodes."""
_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$"
_UTC = ZoneInfo("UTC")
A_DAY = 86_400 * 1_000_000
"""In microseconds."""


class Histories:
    """All entries of a batch: those of a row are ``lengths`` in number, from ``starts`` on.

    ``instants`` are microseconds since 1970; of a bare date (``are_days``) they hang on the zone and are not read yet.
    Actions and channels are places of the vocabulary, rules and rulesets codes of words; `NONE` where nothing is said.
    ``are_sound`` are the entries in which the single path finds nothing unusual, their instant apart.
    """

    def __init__(self, batch: pa.RecordBatch) -> None:
        column = batch.column("history")
        self.starts, self.lengths = lists_of(column)
        values = column.flatten()
        self.fields = fields = fields_of(values)
        self._read_instants(fields["at"])
        self.rules, self.rule_words = codes_of(fields["rule"])
        self.rulesets, self.ruleset_words = codes_of(fields["ruleset"])
        self.are_resets = truths_of(fields["reset"])
        levels = ints_of(fields["level"])
        self.levels = np.where(present_in(fields["level"]), levels, NONE)
        self.actions, is_action = _places_of(fields["action"], list(ACTIONS))
        self.channels, is_channel = _places_of(fields["channel"], list(CHANNELS))
        results, is_result = _places_of(fields["result"], list(RESULTS))
        self.are_failed = results == list(RESULTS).index("failed")
        self.episodes, is_episode = _read_episodes(fields["episode"])
        self.pay_by = days_of(fields["pay_by"])
        self.also_starts, self.also_lengths = lists_of(fields["also"])
        self.also, is_also = _places_of(fields["also"].flatten(), list(CHANNELS))
        self.says_also = present_in(fields["also"])
        said = self.are_resets | present_in(fields["rule"]) | present_in(fields["action"]) | (self.levels != NONE)
        said |= present_in(fields["channel"]) | present_in(fields["fee"]) | self.are_failed
        fits = present_in(values) & is_action & is_channel & is_result & is_episode & said
        for name in ("rule", "ruleset", "account", "decision_id"):
            fits &= are_names(fields[name])
        fits &= (levels >= 0) & (levels <= HIGHEST_LEVEL)
        fits &= (self.pay_by == NO_DAY) | ((self.pay_by >= FIRST_DAY) & (self.pay_by <= LAST_DAY))
        self._refuse_items(fits, fields["also"], is_also & (self.also != NONE))
        self._refuse_items(fits, fields["invoices"], present_in(fields["invoices"].flatten()))
        self.are_sound = fits & _are_fees(fields["fee"]) & _are_fees(fields["announced_fee"])
        self._ids = batch.column("id")
        self._in_currency: dict[tuple[str, str], Truths] = {}

    @staticmethod
    def _refuse_items(fits: Truths, lists: pa.Array, are_fit: Truths) -> None:
        if not are_fit.all():
            owners = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
            fits[owners[~are_fit]] = False

    def _read_instants(self, column: pa.Array) -> None:
        """Read instants in microseconds since 1970; what cannot be read is no instant."""
        if pa.types.is_timestamp(column.type):
            self.instants = ints_of(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
            self.are_instants = present_in(column) & _is_reckoned(self.instants)
            self.are_days = np.zeros(len(column), dtype=np.bool_)
            return
        self.are_days = np.asarray(pc.utf8_length(column).fill_null(0)) == LENGTH_OF_A_DAY
        is_usual = truths_of(pc.match_substring_regex(column, _INSTANT))
        usual = column if is_usual.all() else column.filter(pa.array(is_usual))
        self.instants = np.zeros(len(column), dtype=np.int64)
        try:
            self.instants[is_usual] = ints_of(usual.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
            self.are_instants = is_usual & _is_reckoned(self.instants)
        except pa.ArrowInvalid:  # one of them has a thirteenth month, or an offset of a hundred hours
            self._read_one_by_one(column, is_usual)

    def _read_one_by_one(self, column: pa.Array, is_usual: Truths) -> None:
        codes, words = codes_of(column)
        read = [_microseconds_of(word) for word in words]
        self.instants = np.array([*(each or 0 for each in read), 0], dtype=np.int64)[codes]
        is_read = np.array([*(each is not None for each in read), False], dtype=np.bool_)[codes]
        self.are_instants = is_usual & is_read & _is_reckoned(self.instants)

    @cached_property
    def are_of_others(self) -> Truths:
        """Tell which entries name another account."""
        account = self.fields["account"]
        if account.null_count == len(account):
            return np.zeros(len(account), dtype=np.bool_)
        own = self._ids.take(pa.array(np.repeat(np.arange(len(self.lengths)), self.lengths)))
        return truths_of(pc.not_equal(account, own))

    def in_currency(self, name: str, currency: str) -> Truths:
        """Tell which entries carry a fee, charged or announced, in a currency."""
        if (name, currency) not in self._in_currency:
            column = self.fields[name]
            if column.null_count == len(column):
                found = np.zeros(len(column), dtype=np.bool_)
            else:
                same = pc.equal(pc.struct_field(column, "currency"), currency)
                found = truths_of(same) & present_in(column)
            self._in_currency[name, currency] = found
        return self._in_currency[name, currency]


def _is_reckoned(instants: Ints) -> Truths:
    """Tell which instants lie far enough within the years that are reckoned with, whatever the zone."""
    days = instants // A_DAY + EPOCH
    return (days > FIRST_DAY) & (days < LAST_DAY)


def _microseconds_of(text: str) -> int | None:
    moment = read_instant(text, _UTC)
    return None if moment is None else (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _places_of(column: pa.Array, words: list[str]) -> tuple[Ints, Truths]:
    """Return the places of texts among some words, `NONE` for null; and which are null or one of them."""
    codes, own = codes_of(column)
    places = np.array([*(words.index(word) if word in words else NONE for word in own), NONE], dtype=np.int64)
    fits = np.array([*(word in words for word in own), True], dtype=np.bool_)
    return places[codes], fits[codes]


def _are_fees(column: pa.Array) -> Truths:
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
    days = [BETWEEN if word == BETWEEN_EPISODES else _ordinal_of(word) for word in words]
    found = np.array([*(NO_DAY if day is None else day for day in days), NO_DAY], dtype=np.int64)
    fits = np.array([*(day is not None for day in days), True], dtype=np.bool_)
    return found[codes], fits[codes]


def _ordinal_of(text: str) -> int | None:
    if len(text) != LENGTH_OF_A_DAY:
        return None
    try:
        day = dt.date.fromisoformat(text).toordinal()
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
