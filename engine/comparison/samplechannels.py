"""Channels, a preferred one and past contacts for an account that is to be reached, or not, in given ways."""

from collections.abc import Iterator, Mapping
from itertools import combinations, cycle, islice

import msgspec

from engine.comparison.contacts import is_reached, read_contacts_key
from engine.comparison.joint import PREFERRED_FACT, Joint
from engine.conditions.boxes import Box
from engine.conditions.sets import Value
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED

_MOST_CHANNELS = 7


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


def find_means(joint: Joint, box: Box, point: Mapping[str, Value]) -> Means | None:
    """Return the plainest means that fulfil every wish of a box; ``point`` are the facts chosen so far."""
    wishes = read_wishes(box)
    named = {channel for wish in wishes for channel in wish.channels}
    known = sorted({name.removeprefix("-") for name in named} - {PREFERRED})[:_MOST_CHANNELS] or ["email"]
    is_silent = point.get("do_not_contact") is True
    for contacts in _contacts(joint, known):
        if not _is_counted(box, contacts):
            continue
        for means in _candidates(known, box, contacts):
            if all(_holds(wish, means, joint.limits.common, is_silent=is_silent) is wish.holds for wish in wishes):
                return means
    return None


def _candidates(known: list[str], box: Box, contacts: tuple[str, ...]) -> Iterator[Means]:
    preferred_side = box.sides.get(PREFERRED_FACT)
    preferences: list[str | None] = [None, *dict.fromkeys([*known, *CHANNELS])]
    allowed = [each for each in preferences if preferred_side is None or preferred_side.contains(each)]
    names = list(dict.fromkeys([*known, *(each for each in allowed[:2] if each is not None)]))
    for preferred in allowed:
        for count in range(len(names), -1, -1):
            for channels in combinations(names, count):
                if _fits(box, channels):
                    yield Means(channels=channels, preferred=preferred, contacts=contacts)
        if preferred is not None and preferred not in names and _fits(box, (preferred,)):
            yield Means(channels=(preferred,), preferred=preferred, contacts=contacts)


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
