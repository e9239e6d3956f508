"""Channels, a preferred one and past contacts for an account that is to be reached, or not, in given ways."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import msgspec

from engine.comparison.joint import PREFERRED_FACT, SIDES, Joint, own_part
from engine.conditions.boxes import Box
from engine.conditions.sets import Value
from engine.model.ruleset import ContactLimit
from engine.model.vocabulary import CHANNELS, PREFERRED

_MOST_CHANNELS = 7


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one of these channels is open (or, ``is_limited``, closed by a limit alone) to one side or both."""

    channels: tuple[str, ...]
    side: int | None
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
        own, side = own_part(key)
        kind, _, argument = own.partition(":")
        if kind in {"@reach", "@limited"}:
            found.append(
                Wish(
                    channels=tuple(argument.split("|")),
                    side=side,
                    is_limited=kind == "@limited",
                    holds=values.contains(value=True),
                )
            )
    return tuple(found)


def find_means(joint: Joint, box: Box, point: Mapping[str, Value]) -> Means | None:
    """Return the plainest means that fulfil every wish of a box; ``point`` are the facts chosen so far."""
    wishes = read_wishes(box)
    known = sorted({channel for wish in wishes for channel in wish.channels if channel != PREFERRED})[:_MOST_CHANNELS]
    limits = tuple(code.ruleset.contact_limits for code in joint.codes)
    is_silent = point.get("do_not_contact") is True
    for means in _candidates(known or ["email"], box, limits):
        if all(_is_fulfilled(wish, means, limits, is_silent=is_silent) for wish in wishes):
            return means
    return None


def _candidates(known: list[str], box: Box, limits: tuple[tuple[ContactLimit, ...], ...]) -> Iterator[Means]:
    preferred_side = box.sides.get(PREFERRED_FACT)
    preferences: list[str | None] = [None, *dict.fromkeys([*known, *CHANNELS])]
    allowed = [each for each in preferences if preferred_side is None or preferred_side.contains(each)]
    names = list(dict.fromkeys([*known, *(each for each in allowed[:2] if each is not None)]))
    for contacts in _contacts(known, limits):
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


def _contacts(known: list[str], limits: tuple[tuple[ContactLimit, ...], ...]) -> Iterator[tuple[str, ...]]:
    """Yield no contact, then as many as some limit allows."""
    yield ()
    counts = sorted({limit.at_most for side in limits for limit in side if limit.at_most > 0})
    for count in counts:
        for channel in known:
            yield (channel,) * count


def _is_fulfilled(wish: Wish, means: Means, limits: tuple[tuple[ContactLimit, ...], ...], *, is_silent: bool) -> bool:
    sides = SIDES if wish.side is None else (wish.side,)
    return all(_holds(wish, means, limits[side], is_silent=is_silent) is wish.holds for side in sides)


def _holds(wish: Wish, means: Means, limits: tuple[ContactLimit, ...], *, is_silent: bool) -> bool:
    if is_silent:
        return False
    order = [means.preferred if each == PREFERRED else each for each in wish.channels]
    has = [channel for channel in order if channel is not None and channel in means.channels]
    is_open = any(not _is_over(channel, means, limits) for channel in has)
    return bool(has) and not is_open if wish.is_limited else is_open


def _is_over(channel: str, means: Means, limits: tuple[ContactLimit, ...]) -> bool:
    for limit in limits:
        used = sum(limit.channel in {None, contact} for contact in means.contacts)
        if limit.channel in {None, channel} and used >= limit.at_most:
            return True
    return False
