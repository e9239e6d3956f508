"""Channels, a preferred one and today's contacts, for an account that is to be reached, or not, in given ways."""

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, cycle, islice
from zoneinfo import ZoneInfo

import msgspec

from engine.conditions.sets import ValueSet, booleans
from engine.coordinates.channels import OfChannels
from engine.coordinates.contacts import Contacts
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.snapshot import Snapshot
from engine.coordinates.standing import Standing
from engine.model.account import Account, Entry
from engine.model.vocabulary import CHANNELS, PREFERRED
from engine.model.vocabulary import Value as FactValue
from engine.worlds.setting import Setting
from engine.worlds.wishes import Wishes

_MOST_CHANNELS = 6
_MOST_TRIED = 250
_USUAL_CHANNEL = "email"
_ZONE = ZoneInfo("UTC")


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """How an account can be reached, and how it was today."""

    channels: tuple[str, ...] = ()
    preferred: str | None = None
    contacts: tuple[str, ...] = ()


class MeansFinder:
    """Finds the plainest means that a box allows, by reading its coordinates from accounts that have them."""

    def __init__(self, setting: Setting, wishes: Wishes, as_of: dt.date, usual: tuple[str, ...]) -> None:
        self._setting = setting
        self._as_of = as_of
        self._usual = usual
        self._read: tuple[tuple[Coordinate, ValueSet], ...] = (*wishes.of(OfChannels), *wishes.of(Contacts))
        self._items = wishes.items("channels")
        self._preferred = wishes.fact("preferred_channel")
        silence = wishes.fact("do_not_contact")
        self._is_barred = silence is not None and not silence.contains(value=False)
        self._named = dict.fromkeys(name for each, _ in wishes.of(OfChannels) for name in each.order)

    @property
    def asked(self) -> frozenset[tuple[str, ValueSet]]:
        """Return all that the box says of channels: where that is the same, so are the means."""
        items = (((f"channels:{item}"), values) for item, values in self._items.items())
        preferred = () if self._preferred is None else (("preferred_channel", self._preferred),)
        barred = (("do_not_contact", booleans(self._is_barred)),) if self._is_barred else ()
        return frozenset([*((each.key, values) for each, values in self._read), *items, *preferred, *barred])

    def find(self) -> Means:
        """Return the means; where none is found, those of an account that has no channel."""
        for contacts in self._contacts():
            candidates = (means for means in self._candidates(contacts) if self._has_items(means))
            for means in islice(candidates, _MOST_TRIED):
                if self._is_met(means):
                    return means
        return Means()

    def _known(self) -> list[str]:
        """Return the channels worth trying, those that the box names first."""
        usable = self._setting.channels
        named = [name for name in (*self._named, *self._items) if name in usable]
        if PREFERRED in self._named:
            named += [name for name in self._setting.preferable if name in usable]
        usual = _USUAL_CHANNEL if _USUAL_CHANNEL in usable else usable[0] if usable else _USUAL_CHANNEL
        return list(dict.fromkeys([*named, usual]))[:_MOST_CHANNELS]

    def _candidates(self, contacts: tuple[str, ...]) -> Iterator[Means]:
        known = self._known()
        preferences = self._preferences(known)
        if self._usual:
            yield from (Means(channels=self._usual, preferred=each, contacts=contacts) for each in preferences)
        for count in (*range(1, len(known) + 1), 0):
            for preferred in preferences:
                for channels in combinations(known, count):
                    # A preferred channel that the account lacks changes nothing but what the box says of it.
                    if preferred is None or preferred in channels or self._preferred is not None:
                        yield Means(channels=channels, preferred=preferred, contacts=contacts)

    def _preferences(self, known: list[str]) -> list[str | None]:
        """Return the preferred channels worth trying, none first."""
        every: list[str | None] = [None, *dict.fromkeys([*known, *CHANNELS])]
        allowed = [each for each in every if each is None or each in self._setting.preferable]
        if self._preferred is None:
            return allowed if PREFERRED in self._named else [None]
        return [each for each in allowed if self._preferred.contains(each)]

    def _contacts(self) -> Iterator[tuple[str, ...]]:
        """Yield no contact, then as many as some limit, or some count that is asked for, speaks of."""
        yield ()
        counts = {limit.at_most for limit in self._setting.limits if self._read}
        for count in sorted(counts | {count - 1 for count in counts}):
            if count > 0:
                known = self._known()
                yield from ((channel,) * count for channel in known)
                yield tuple(islice(cycle(known), count))

    def _has_items(self, means: Means) -> bool:
        return all(values.contains(item in means.channels) for item, values in self._items.items())

    def _is_met(self, means: Means) -> bool:
        snapshot = self._snapshot(means)
        return all(values.contains(each.read(snapshot)) for each, values in self._read)

    def _snapshot(self, means: Means) -> Snapshot:
        """Return an account that has these means and nothing else."""
        terms = self._setting.terms
        now = dt.datetime.combine(self._as_of, dt.time(), _ZONE)
        given: dict[str, FactValue] = {"channels": means.channels, "do_not_contact": self._is_barred}
        if means.preferred is not None:
            given["preferred_channel"] = means.preferred
        account = Account(id="", currency=self._setting.currency, zone=_ZONE, given=given)
        entries = [Entry(at=now, day=self._as_of, channels=(name,), is_foreign_ruleset=True) for name in means.contacts]
        return Snapshot(Standing(terms, account, entries, as_of=now), self._as_of)
