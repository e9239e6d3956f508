"""Points that no account has, for the dimensions are not independent of each other.

Every box here is a claim: nothing in it can happen. What is left out only costs a row that says too much.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from engine.comparison.contacts import read_contacts_key
from engine.comparison.joint import Joint
from engine.comparison.naming import NEW, OLD
from engine.conditions import boxes
from engine.conditions.boxes import Dimensions, Region, region_of
from engine.conditions.sets import ValueSet, booleans, integers
from engine.coordinates import keys
from engine.model.vocabulary import PREFERRED

Sides: TypeAlias = Mapping[str, ValueSet]
_MISSING = integers(missing=True)
_GIVEN = integers((None, None))
_NEVER = integers((0, 0))
_ONCE = integers((1, None))
_YES, _NO = booleans(*(True,)), booleans(*(False,))
_MOST_BOXES = 200


def find_impossible(joint: Joint) -> Region:
    """Return boxes in which no account lies."""
    known = joint.dimensions
    found = [
        *_executions(known),
        *_channels(known),
        *_timings(known),
        *_attempts(joint),
        *_contacts(joint),
        *_flags(joint),
    ]
    return tuple(box for sides in found for box in region_of(sides, known) if sides.keys() <= known.keys())


def find_unusual(joint: Joint) -> Region:
    """Return boxes in which no account lies in the usual course of things.

    There its level was set lower by hand than what was executed on it, or it has executed a rule that is only now new.
    """
    levels: dict[str, int] = {}
    known: tuple[set[str], set[str]] = (set(), set())
    for side, code in enumerate(joint.programs):
        for rule in code.edition.rules:
            key = joint.names.key(side, keys.done_key(rule.id))
            known[side].add(key)
            if rule.level is not None:
                levels[key] = min(rule.level, levels.get(key, rule.level))
    lowered: list[Sides] = [{key: _ONCE, keys.LEVEL: integers((None, level - 1))} for key, level in levels.items()]
    early: list[Sides] = [{key: _ONCE} for key in known[NEW] - known[OLD]]
    dimensions = joint.dimensions
    found = (region_of(sides, dimensions) for sides in (*lowered, *early) if sides.keys() <= dimensions.keys())
    return tuple(box for region in found for box in region)


def _executions(known: Dimensions) -> Iterator[Sides]:
    """What was never executed has no last day; a last day lies in the past; without an episode nothing was."""
    for key in known:
        kind, _, target = key.partition(":")
        if kind in {"@ago", "@pay_by"}:
            done = keys.done_key(target)
            if done in known:
                yield {done: _NEVER, key: _GIVEN}
                if kind == "@ago":
                    yield {done: _ONCE, key: _MISSING}
        if kind == "@ago" or key == keys.RESTED:
            yield {key: integers((None, -1))}
        if kind == "@done" and "days_overdue" in known:
            yield {"days_overdue": _MISSING, key: _ONCE}
    if keys.RESTED in known and "days_overdue" in known:
        yield {"days_overdue": _MISSING, keys.RESTED: _GIVEN}


def _channels(known: Dimensions) -> Iterator[Sides]:
    """More channels reach whom fewer reach; nobody is reached who does not want contact."""
    reach, limited = _lists_of(known, "@reach:"), _lists_of(known, "@limited:")
    for key, order in reach.items():
        yield from ({key: _YES, other: _NO} for other, more in reach.items() if order < more)
        singles = [keys.reach_key([each]) for each in order]
        if len(order) > 1 and PREFERRED not in order and all(single in known for single in singles):
            yield {key: _YES, **dict.fromkeys(singles, _NO)}
    for key, order in limited.items():
        yield from ({key: _YES, other: _YES} for other, fewer in reach.items() if fewer <= order)
    if "do_not_contact" in known:
        yield from ({key: _YES, "do_not_contact": _YES} for key in (*reach, *limited))


def _lists_of(known: Dimensions, kind: str) -> dict[str, frozenset[str]]:
    return {key: frozenset(key.partition(":")[2].split("|")) for key in known if key.startswith(kind)}


def _contacts(joint: Joint) -> Iterator[Sides]:
    """All channels together and a longer window hold at least what one channel and a shorter window do."""
    counts = {key: read_contacts_key(key) for key in joint.dimensions if key.startswith("@contacts:")}
    most = {limit.at_most for side in joint.limits.own for limit in side}
    for fewer, (channel, days) in counts.items():
        for more, (other, longer) in counts.items():
            if fewer != more and other in {None, channel} and days <= longer:
                for count in most - {0}:
                    yield {fewer: integers((count, None)), more: integers((None, count - 1))}


def _timings(known: Dimensions) -> Iterator[Sides]:
    """A later timing is reached after an earlier one of the same alignment, and none before its day."""
    timings = [(key, *_read_timing(key)) for key in known if key.startswith("@timing:")]
    for key, days, aligned in timings:
        if "days_overdue" in known:
            yield {key: _YES, "days_overdue": integers((None, days - 1), missing=True)}
            if not aligned:
                yield {key: _NO, "days_overdue": integers((days, None))}
        for other, fewer, same in timings:
            if other != key and aligned == same and fewer <= days:
                yield {key: _YES, other: _NO}


def _read_timing(key: str) -> tuple[int, str]:
    _, days, aligned = key.split(":")
    return int(days), aligned


def _attempts(joint: Joint) -> Iterator[Sides]:
    """A longer window holds at least what a shorter one does."""
    windows = sorted(int(key.partition(":")[2]) for key in joint.dimensions if key.startswith("@attempts:"))
    limits = [limit.at_most for code in joint.programs for limit in code.edition.attempt_limits]
    for short in windows:
        for long in windows:
            for count in {count for limit in limits for count in (limit, limit + 1)} if short < long else ():
                yield {f"@attempts:{short}": integers((count, None)), f"@attempts:{long}": integers((None, count - 1))}


def _flags(joint: Joint) -> Iterator[Sides]:
    """A flag is true in its region and nowhere else."""
    for flag in joint.flags:
        for box in flag.region:
            yield {**box.sides, flag.key: _NO}
        try:
            outside = boxes.complement(flag.region, joint.dimensions, budget=_MOST_BOXES)
        except boxes.BudgetExceeded:
            continue
        for box in outside:
            yield {**box.sides, flag.key: _YES}
