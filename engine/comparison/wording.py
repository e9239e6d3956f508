"""Boxes and behaviours in words that a billing analyst would use."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from engine.comparison.behaviour import Behaviour
from engine.comparison.joint import Joint
from engine.comparison.naming import own_part
from engine.conditions.boxes import Box
from engine.conditions.sets import BooleanSet, IntegerSet, ValueSet
from engine.coordinates import keys
from engine.model.ruleset import Action
from engine.model.vocabulary import PREFERRED, Fact
from engine.words.phrases import count_days
from engine.words.values import say_set

_SIDE_WORDS = (" as the old ruleset sees it", " as the new ruleset sees it")
_KINDS = {
    "covered": "covered",
    "not_covered": "not covered",
    "refused": "refused: a fact is missing or has a value that is not allowed",
    "decided": "decided",
    "nothing": "no rule wins (it waits, or there is nothing to do)",
}


def say_box(joint: Joint, box: Box) -> dict[str, str]:
    """Return each condition of a box in words, by what it is about; facts first, then history."""
    ordered = sorted(box.sides, key=lambda key: (key.startswith("@"), key))
    quiet = [key for key in ordered if key.startswith("@waits:") and _is_no(box.sides[key])]
    words = {key: _say_side(joint, key, box.sides[key]) for key in ordered if key not in quiet}
    return words | ({"@waits": "no lower level waits for a channel over its limit"} if quiet else {})


def _is_no(values: ValueSet) -> bool:
    return not values.contains(value=True)


def _say_side(joint: Joint, key: str, values: ValueSet) -> str:
    own, side = own_part(key)
    seen = "" if side is None else _SIDE_WORDS[side]
    kind, _, argument = own.partition(":")
    if kind in _SAYERS:
        return _SAYERS[kind](argument, values) + seen
    fact = next((found for code in reversed(joint.programs) if (found := code.edition.facts.get(kind))), None)
    currency = joint.programs[-1].edition.currency
    return _say_fact(fact, argument, values, currency) + seen


def _say_fact(fact: Fact | None, item: str, values: ValueSet, currency: str) -> str:
    name = fact.name.replace("_", " ") if fact is not None else "fact"
    if item:
        return f"{name} {'include' if values.contains(value=True) else 'do not include'} {item}"
    if isinstance(values, BooleanSet):
        return _say_flag(name, values)
    if fact is None or fact.type != "amount" or values == _only_missing(values):
        return f"{name} {say_set(values, fact, currency)}"
    given = say_set(msgspec.structs.replace(values, missing=False), fact, currency)
    return f"{name} {given} {currency}{' or not given' if values.missing else ''}"


def _only_missing(values: ValueSet) -> ValueSet:
    return msgspec.structs.replace(values.difference(values), missing=True)


def _say_flag(name: str, values: BooleanSet) -> str:
    words = [name if value else f"not {name}" for value in sorted(values.values, reverse=True)]
    return " or ".join([*words, *([f"{name} not given"] if values.missing else [])])


def _say_done(target: str, values: ValueSet) -> str:
    if not isinstance(values, IntegerSet):
        return target
    return " or ".join(_say_times(target, low or 0, high) for low, high in values.intervals)


def _say_times(target: str, low: int, high: int | None) -> str:
    if high == 0:
        return f"{target} not yet executed"
    if high is None:
        return f"{target} executed" if low <= 1 else f"{target} executed {low} times or more"
    if low == high:
        return f"{target} executed {'once' if low == 1 else f'{low} times'}"
    return f"{target} executed at most {high} times" if low == 0 else f"{target} executed {low} to {high} times"


def _say_since(what: str, values: ValueSet) -> str:
    if not isinstance(values, IntegerSet):
        return what
    words = [_say_days(what, low, high) for low, high in values.intervals]
    if values.missing:
        words.append("never" if words else f"{what} never")
    return " or ".join(words)


def _say_days(what: str, low: int | None, high: int | None) -> str:
    if high is None:
        return f"{what} {count_days(low or 0)} ago or more"
    if low is None or low == 0:
        return f"{what} at most {count_days(high)} ago"
    return f"{what} {low} days ago" if low == high else f"{what} {low} to {high} days ago"


def _say_reach(channels: str, values: ValueSet) -> str:
    aside = {f"-{name[1:]}": name[1:] for name in channels.split("|") if name.startswith("-")}
    names = [name for name in channels.split("|") if name not in aside]
    if aside:
        names = [f"preferred (not {', '.join(aside.values())})" if name == PREFERRED else name for name in names]
    if values.contains(value=True):
        return f"{' or '.join(names)} open"
    return f"{names[0]} not open" if len(names) == 1 else f"none of {', '.join(names)} open"


def _say_limited(channels: str, values: ValueSet) -> str:
    names = " or ".join(channels.split("|"))
    is_so = values.contains(value=True)
    return f"{names} closed by a contact limit" if is_so else f"{names} not closed by a contact limit alone"


def _say_contacts(argument: str, values: ValueSet) -> str:
    channel, _, days = argument.partition(":")
    over = "on all channels" if channel == "any" else f"by {channel}"
    return f"contacts {over} in {days} days {say_set(values)}"


def _say_timing(argument: str, values: ValueSet) -> str:
    days, _, aligned = argument.partition(":")
    words = {"end_of_month": ", end of month", "business_day": ", business day", "business_dayretry": ", bank day"}
    is_so = values.contains(value=True)
    return f"{days} days after due{words.get(aligned, '')} {'reached' if is_so else 'not reached'}"


def _say_level(_: str, values: ValueSet) -> str:
    return f"level {say_set(values)}"


def _say_stopped(action: str, values: ValueSet) -> str:
    return f"{action.replace('_', ' ')} {'stopped' if values.contains(value=True) else 'not stopped'} by a block"


def _say_waits(level: str, values: ValueSet) -> str:
    return f"level {level} {'waits' if values.contains(value=True) else 'does not wait'} for a channel over its limit"


_SAYERS: dict[str, Callable[[str, ValueSet], str]] = {
    "@done": _say_done,
    "@ago": lambda target, values: _say_since(f"{target} executed", values),
    "@pay_by": lambda target, values: _say_since(f"pay-by date of {target}", values),
    "@contacts": _say_contacts,
    "@reach": _say_reach,
    "@limited": _say_limited,
    "@timing": _say_timing,
    "@stopped": _say_stopped,
    "@waits": _say_waits,
    "@attempts": lambda days, values: f"payment attempts in {days} days {say_set(values)}",
    "@variant": lambda experiment, values: f"{experiment} variant {say_set(values)}",
    keys.LEVEL: _say_level,
    keys.RESTED: lambda _, values: _say_since("last step of the ladder", values),
    keys.ANNOUNCED: lambda _, values: f"{'a' if values.contains(value=True) else 'no'} fee announced",
}


def say_behaviours(was: Sequence[Behaviour], becomes: Sequence[Behaviour]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was done and what becomes of it; of two like actions, only what is not the same is spelt out."""
    old, new = (each[0].action if len(each) == 1 else None for each in (was, becomes))
    if old is not None and new is not None and old.type == new.type:
        left, right = dict(_terms_of(old)), dict(_terms_of(new))
        differing = [key for key in left | right if left.get(key) != right.get(key) and key not in _SAID]
        said, now = _say(was[0], differing, left), _say(becomes[0], differing, right)
        return (said,), (now if now != said else f"{now}, over another channel",)
    return tuple(_say(each, (), {}) for each in was), tuple(_say(each, (), {}) for each in becomes)


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
    yield "channel", ", ".join(action.channels)
    for key in ("fee", "announce_fee", "interest", "pay_within_days"):
        value = getattr(action, key)
        if value is not None:
            yield key, str(value)
    if action.schedule.day != "any" or action.schedule.time is not None:
        time = f" {action.schedule.time:%H:%M}" if action.schedule.time is not None else ""
        yield "schedule", f"{action.schedule.day}{time}"
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
