"""Channels under the contact limits of two rulesets: what both limit alike is one dimension, the rest is counted."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from engine.conditions.sets import Value
from engine.coordinates import keys
from engine.evaluation.view import View
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import PREFERRED

_ANY = "any"
# Before a channel in a list: not this one, even where it is the preferred one.
_NOT = "-"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The contact limits that both rulesets have, and those that only one has."""

    common: tuple[ContactLimit, ...]
    own: tuple[tuple[ContactLimit, ...], tuple[ContactLimit, ...]]

    @property
    def are_alike(self) -> bool:
        """Tell whether both rulesets have the same limits."""
        return not self.own[0] and not self.own[1]

    @property
    def unlike_channels(self) -> tuple[str, ...]:
        """Return the channels that have a limit of their own on one side only."""
        found = {limit.channel for side in self.own for limit in side if limit.channel is not None}
        return tuple(sorted(found))


def compare_limits(old: Sequence[ContactLimit], new: Sequence[ContactLimit]) -> Limits:
    """Tell the limits of both rulesets from those of one."""
    return Limits(
        common=tuple(limit for limit in old if limit in new),
        own=(tuple(limit for limit in old if limit not in new), tuple(limit for limit in new if limit not in old)),
    )


def contacts_key(limit: ContactLimit) -> str:
    """Name the count of contacts that a limit is about."""
    return f"@contacts:{limit.channel or _ANY}:{limit.per_days}"


def read_contacts_key(key: str) -> tuple[str | None, int]:
    """Return the channel, None for all, and the days of a count of contacts."""
    _, channel, days = key.split(":")
    return (None if channel == _ANY else channel), int(days)


def alike_key(channels: Iterable[str], unlike: Iterable[str]) -> str | None:
    """Name "one of these channels is open", without those that are not limited alike; None where none is left."""
    aside = frozenset(unlike)
    names = {channel for channel in channels if channel not in aside}
    if PREFERRED in names:
        names |= {f"{_NOT}{channel}" for channel in aside}
    return keys.reach_key(sorted(names)) if names else None


def coordinate(moment: View, key: str, limits: Sequence[ContactLimit]) -> Value:
    """Return an account's coordinate of a dimension of channels, only these limits being in force."""
    kind, _, argument = key.partition(":")
    if kind == "@contacts":
        channel, days = read_contacts_key(key)
        return _count(moment, channel, days)
    if moment.fact("do_not_contact") is True:
        return False
    names = argument.split("|")
    channels = frozenset(moment.standing.channels)
    closed = {each for each in channels for limit in limits if _is_over(moment, each, limit)}
    is_open = is_reached(names, channels - closed, moment.standing.preferred)
    if kind == "@reach":
        return is_open
    return not is_open and is_reached(names, channels, moment.standing.preferred)


def is_reached(names: Sequence[str], usable: frozenset[str], preferred: str | None) -> bool:
    """Tell whether one of the named channels is usable."""
    aside = {name.removeprefix(_NOT) for name in names if name.startswith(_NOT)}
    wanted = (preferred if name == PREFERRED else name for name in names)
    return any(name is not None and name in usable and name not in aside for name in wanted)


def _is_over(moment: View, channel: str, limit: ContactLimit) -> bool:
    return limit.channel in {None, channel} and _count(moment, limit.channel, limit.per_days) >= limit.at_most


def _count(moment: View, channel: str | None, days: int) -> int:
    since = moment.day - dt.timedelta(days=days - 1)
    return sum(
        since <= day <= moment.day and channel in {None, used} for day, used in moment.snapshot.executed.contacts
    )
