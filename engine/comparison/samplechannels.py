"""Channels, a preferred one and past contacts for an account that is to be reached, or not, in given ways."""

from collections.abc import Iterator
from itertools import combinations, cycle, islice

import msgspec

from engine.comparison.contacts import is_reached, read_contacts_key
from engine.comparison.joint import Joint
from engine.comparison.naming import PREFERRED_FACT
from engine.conditions.boxes import Box
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED

# What of a box decides how an account must be reached.
OF_MEANS = ("@reach:", "@limited:", "@contacts:", "channels:", PREFERRED_FACT)
_MOST_CHANNELS = 6
_MOST_TRIED = 200


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one of these channels is open (or, ``is_limited``, closed by a limit of both rulesets alone)."""

    channels: tuple[str, ...]
    is_limited: bool
    holds: bool


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What an account needs for that: its channels, its preferred one, and today's contacts."""

    channels: tuple[str, ...]
    preferred: str | None = None
    contacts: tuple[str, ...] = ()


def read_wishes(box: Box) -> tuple[Wish, ...]:
    """Return what a box says of channels."""
    found = []
    for key, values in box.sides.items():
        kind, _, argument = key.partition(":")
        if kind in {"@reach", "@limited"}:
            names = tuple(argument.split("|"))
            found.append(Wish(channels=names, is_limited=kind == "@limited", holds=values.contains(value=True)))
    return tuple(found)


def find_means(joint: Joint, box: Box, *, is_silent: bool) -> Means | None:
    """Return the plainest means found that fulfil every wish of a box; ``is_silent``: no contact is wanted."""
    wishes = read_wishes(box)
    named = {channel for wish in wishes for channel in wish.channels}
    known = sorted({name.removeprefix("-") for name in named} - {PREFERRED})[:_MOST_CHANNELS] or ["email"]
    preferences = _preferences(box, known, is_asked=PREFERRED in named)
    for contacts in _contacts(joint, known):
        if _is_counted(box, contacts):
            candidates = (means for means in _candidates(known, preferences, contacts) if _fits(box, means.channels))
            for means in islice(candidates, _MOST_TRIED):
                if all(_holds(wish, means, joint.limits.common, is_silent=is_silent) is wish.holds for wish in wishes):
                    return means
    return None


def _preferences(box: Box, known: list[str], *, is_asked: bool) -> list[str | None]:
    """Return the preferred channels worth trying, none first."""
    side = box.sides.get(PREFERRED_FACT)
    every: list[str | None] = [None, *dict.fromkeys([*known, *CHANNELS])]
    if side is None:
        return every[: len(known) + 2] if is_asked else [None]
    return [each for each in every if side.contains(each)]


def _candidates(known: list[str], preferences: list[str | None], contacts: tuple[str, ...]) -> Iterator[Means]:
    for preferred in preferences:
        names = list(dict.fromkeys([*known, *([preferred] if preferred is not None else [])]))
        for count in range(len(names), -1, -1):
            for channels in combinations(names, count):
                yield Means(channels=channels, preferred=preferred, contacts=contacts)


def _fits(box: Box, channels: tuple[str, ...]) -> bool:
    elements = ((key.partition(":")[2], side) for key, side in box.sides.items() if key.startswith("channels:"))
    return all(side.contains(channel in channels) for channel, side in elements)


def _contacts(joint: Joint, known: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield no contact, then as many as some limit, or some count asked for, speaks of."""
    yield ()
    limits = (joint.limits.common, *joint.limits.own)
    counts = {limit.at_most for side in limits for limit in side}
    for count in sorted(counts | {count - 1 for count in counts}):
        if count > 0:
            yield from ((channel,) * count for channel in known)
            yield tuple(islice(cycle(known), count))


def _is_counted(box: Box, contacts: tuple[str, ...]) -> bool:
    """Tell whether today's contacts come to every count that a box asks for."""
    for key, values in box.sides.items():
        if key.startswith("@contacts:"):
            channel, _ = read_contacts_key(key)
            if not values.contains(sum(channel in {None, used} for used in contacts)):
                return False
    return True


def _holds(wish: Wish, means: Means, limits: tuple[ContactLimit, ...], *, is_silent: bool) -> bool:
    if is_silent:
        return False
    usable = frozenset(channel for channel in means.channels if not _is_over(channel, means, limits))
    is_open = is_reached(wish.channels, usable, means.preferred)
    if not wish.is_limited:
        return is_open
    return not is_open and is_reached(wish.channels, frozenset(means.channels), means.preferred)


def _is_over(channel: str, means: Means, limits: tuple[ContactLimit, ...]) -> bool:
    for limit in limits:
        used = sum(limit.channel in {None, contact} for contact in means.contacts)
        if limit.channel in {None, channel} and used >= limit.at_most:
            return True
    return False
