"""Boxes and behaviours in words that a billing analyst would use."""

import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec

from engine.comparison.behaviour import Behaviour
from engine.comparison.coordinates import KeepsTurn, OneSided
from engine.comparison.joint import Joint
from engine.conditions.boxes import Box
from engine.conditions.sets import ValueSet
from engine.coordinates.beside import DAYS_OVERDUE
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executions import OfTarget
from engine.coordinates.facts import fact_of
from engine.model.ruleset import Action

_KINDS = {
    "covered": "covered",
    "not_covered": "not covered",
    "refused": "refused: a fact is missing or has a value that is not allowed",
    "decided": "decided",
    "nothing": "no rule wins (it waits, or there is nothing to do)",
}


def say_box(joint: Joint, box: Box, *, is_unusual: bool = False) -> dict[str, str]:
    """Return each condition of a box in words, by what it is about; facts first, then history.

    ``is_unusual``: what was executed may be there without its episode named, so it is said what an ``after`` counts.
    """
    currency = joint.programs[-1].edition.currency
    asked = sorted(((joint.dimensions[key], values) for key, values in box.sides.items()), key=_place)
    quiet = [each for each, values in asked if isinstance(_meant(each), KeepsTurn) and not values.contains(value=True)]
    words = {each.key: each.say(values, currency) for each, values in asked if each not in quiet}
    if not _is_with_debt(box):
        _name_episodes([each for each, _ in asked], words, is_unusual=is_unusual)
    _tell_once([each for each, _ in asked], words)
    return words | ({"@waits": "no lower level waits for a channel over its limit"} if quiet else {})


def _is_with_debt(box: Box) -> bool:
    days = box.sides.get(DAYS_OVERDUE)
    return days is not None and not days.contains(None)


def _name_episodes(asked: Sequence[Coordinate], words: dict[str, str], *, is_unusual: bool) -> None:
    """Without a debt, say what only an ``after`` counts where that may be less than what holds a rule back."""
    for each in asked:
        holding = each.holding if isinstance(each, OfTarget) else None
        if holding is not None and words.get(holding.key, None if is_unusual else words[each.key]) != words[each.key]:
            words[each.key] += ", with its episode named"


def _tell_once(asked: Sequence[Coordinate], words: dict[str, str]) -> None:
    """Say once what holds a rule back and an ``after`` counts alike."""
    for each in asked:
        holding = each.holding if isinstance(each, OfTarget) else None
        if holding is not None and words.get(holding.key) == words[each.key]:
            del words[each.key]


def _place(asked: tuple[Coordinate, ValueSet]) -> tuple[bool, str]:
    return fact_of(_meant(asked[0])) is None, asked[0].key


def _meant(coordinate: Coordinate) -> Coordinate:
    return coordinate.own if isinstance(coordinate, OneSided) else coordinate


def say_behaviours(was: Sequence[Behaviour], becomes: Sequence[Behaviour]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was done and what becomes of it; of two like actions, only what is not the same is spelt out."""
    old, new = (each[0].action if len(each) == 1 else None for each in (was, becomes))
    if old is not None and new is not None and old.type == new.type:
        left, right = dict(_terms_of(old)), dict(_terms_of(new))
        differing = [key for key in left | right if left.get(key) != right.get(key) and key not in _SAID]
        said, now = _say(was[0], differing, left), _say(becomes[0], differing, right)
        return (said,), (now if now != said else f"{now}, over another channel",)
    return tuple(_say(each, (), {}) for each in was), tuple(_say(each, (), {}) for each in becomes)


def say_terms(was: Behaviour, becomes: Behaviour) -> str:
    """Return what one rule does otherwise, each term as it is now and as it was."""
    sides = [{} if each.action is None else dict(_terms_of(each.action)) for each in (was, becomes)]
    for side, each in zip(sides, (was, becomes), strict=True):
        if each.level is not None:
            side["level"] = str(each.level)
    old, new = sides
    changed = [key for key in old | new if old.get(key) != new.get(key)]
    terms = (
        f"{key.replace('_', ' ')} {new.get(key, 'none')} in the place of {old.get(key, 'none')}" for key in changed
    )
    has_own = becomes.action is not None and becomes.action.channels
    return ", ".join(terms) or ("another channel" if has_own else "another channel for what goes along with it")


_SAID = frozenset({"action", "channel"})


def _say(behaviour: Behaviour, keys: Sequence[str], terms: dict[str, str]) -> str:
    if behaviour.kind == "blocked":
        return f"blocked by {behaviour.id}"
    if behaviour.action is None:
        return _KINDS.get(behaviour.kind, behaviour.kind)
    name = behaviour.id if behaviour.id is not None else "otherwise (where nothing is coming)"
    level = f", level {behaviour.level}" if behaviour.level is not None else ""
    more = "".join(f", {key.replace('_', ' ')} {terms.get(key, 'none')}" for key in keys)
    return f"{name}: {say_action(behaviour.action)}{level}{more}"


def say_action(action: Action) -> str:
    """Return an action and its channels."""
    channels = f" by {' or '.join(action.channels)}" if action.channels else ""
    return f"{action.type.replace('_', ' ')}{channels}"


def _terms_of(action: Action) -> Iterator[tuple[str, str]]:
    yield "action", action.type
    yield "channel", " or ".join(action.channels)
    for key in ("fee", "announce_fee", "interest", "pay_within_days"):
        value = getattr(action, key)
        if value is not None:
            yield key, str(value)
    if action.schedule.day != "any" or action.schedule.time is not None:
        time = action.schedule.time
        written = f" {time:%H:%M}" if isinstance(time, dt.time) else "" if time is None else " at the best hour"
        yield "schedule", f"{action.schedule.day}{written}"
    if action.approval_required:
        yield "approval", "required"
    for key, value in sorted(action.parameters.items()):
        yield key, _write(value)
    for index, other in enumerate(action.along_with, start=1):
        terms = (f"{key} {value}" for key, value in _terms_of(other) if key not in _SAID)
        yield f"along with ({index})", ", ".join([say_action(other), *terms])


def _write(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return ", ".join(_write(item) for item in value)
    if isinstance(value, msgspec.Struct):
        return _write(msgspec.to_builtins(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
