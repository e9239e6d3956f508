"""Rules that come some days earlier or later, because one number of days in them was moved and nothing else."""

from collections.abc import Iterator, Mapping

import msgspec

from engine.comparison.coordinates import NEW, OLD
from engine.comparison.joint import Joint
from engine.conditions.boxes import Box
from engine.conditions.sets import NO, ValueSet, integers
from engine.coordinates.coordinate import Coordinate
from engine.coordinates.executed import target_of
from engine.coordinates.executions import since_awaited, since_executed
from engine.coordinates.ladder import RESTED
from engine.coordinates.timing import timing_reached
from engine.model.condition import AllOf, Condition, IsOneOf, Span, facts_of
from engine.model.ruleset import After, Edition, Rule
from engine.words.phrases import count_days


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule was moved; where the coordinate ``key`` is within ``values``, that is all that became of it."""

    key: str
    values: ValueSet
    days: int
    is_later: bool
    is_repetition: bool = False

    def holds_in(self, box: Box) -> bool:
        """Tell whether a box lies between the day before and the day now."""
        side = box.sides.get(self.key)
        return side is not None and side.is_subset(self.values)

    @property
    def words(self) -> str:
        """Return what became of the rule, such as "comes 7 days later"."""
        what = "is repeated" if self.is_repetition else "comes"
        return f"{what} {count_days(self.days)} {'later' if self.is_later else 'earlier'}"


def find_moves(joint: Joint, renamed: Mapping[str, str]) -> dict[str, tuple[Move, ...]]:
    """Return the moves of each rule by its new id; ``renamed`` are rules by old id."""
    old, new = (program.edition for program in joint.programs)
    theirs = {renamed.get(rule.id, rule.id): rule for rule in old.rules}
    pairs = [(theirs[rule.id], rule) for rule in new.rules if rule.id in theirs]
    found = {rule.id: (*_moves_of(joint, was, rule), *_of_interval(joint, rule)) for was, rule in pairs}
    return {name: moves for name, moves in found.items() if moves}


def _moves_of(joint: Joint, was: Rule, rule: Rule) -> Iterator[Move]:
    yield from _of_facts(joint, was, rule)
    if _ends(was.when, joint.programs[OLD].edition) or _ends(rule.when, joint.programs[NEW].edition):
        return  # what is put off may then never come
    for before, after in _pairs_of_days(joint, was.after, rule.after):
        yield from _counted(joint, _key(joint, since_awaited(after)), before.days, after.days)
    old, new = was.repeat, rule.repeat
    if old is not None and new is not None and old.every_days is not None and new.every_days is not None:
        for move in _counted(joint, _key(joint, since_executed(rule.id)), old.every_days, new.every_days):
            yield msgspec.structs.replace(move, is_repetition=True)
    if was.timing is not None and rule.timing is not None and was.timing.align is rule.timing.align is None:
        first, now = was.timing.days_after_due, rule.timing.days_after_due
        if first != now:
            side, last = (NEW, rule) if now > first else (OLD, was)
            key = joint.sharing.coordinate(side, timing_reached(last)).key
            yield Move(key=key, values=NO, days=abs(now - first), is_later=now > first)


def _key(joint: Joint, coordinate: Coordinate) -> str:
    return joint.sharing.coordinate(NEW, coordinate).key


def _of_facts(joint: Joint, was: Rule, rule: Rule) -> Iterator[Move]:
    """Yield the moves of bounds of facts that count days, up or down."""
    old, new = _spans(was.when), _spans(rule.when)
    for name in sorted(old.keys() & new.keys() & joint.dimensions.keys()):
        before, after, moves = old[name], new[name], joint.programs[NEW].edition.facts[name].moves
        sides = zip(joint.programs, (was, rule), strict=True)
        if any(_ends(_without(each.when, name), program.edition) for program, each in sides):
            continue
        if moves == 1 and before.high == after.high and before.low is not None and after.low is not None:
            yield from _counted(joint, name, before.low, after.low)
        elif moves == -1 and before.low == after.low and before.high is not None and after.high is not None:
            for move in _counted(joint, name, -before.high, -after.high):
                first, last = sorted((before.high, after.high))
                yield msgspec.structs.replace(move, values=integers((first + 1, last)))


def _of_interval(joint: Joint, rule: Rule) -> Iterator[Move]:
    if rule.level is not None:
        yield from _counted(joint, RESTED.key, *(each.ruleset.dunning_interval_days for each in joint.programs))


def _counted(joint: Joint, key: str, first: int, now: int) -> Iterator[Move]:
    """Yield the move of a number that counts the days up to this one; what no account has may be in its sides too."""
    coordinate = joint.dimensions.get(key)
    if coordinate is not None and first != now:
        between = integers((min(first, now), max(first, now) - 1))
        values = between.union(coordinate.universe.difference(coordinate.possible))
        yield Move(key=key, values=values, days=abs(now - first), is_later=now > first)


def _pairs_of_days(joint: Joint, old: tuple[After, ...], new: tuple[After, ...]) -> Iterator[tuple[After, After]]:
    """Yield what is waited for before and now, where nothing but the days may differ."""
    theirs, ours = (
        [(joint.sharing.joint_rule(side, target_of(each)), each.times, each.counted_from) for each in waits]
        for side, waits in ((OLD, old), (NEW, new))
    )
    if theirs == ours:
        yield from zip(old, new, strict=True)


def _spans(condition: Condition) -> dict[str, Span]:
    """Return the facts of which one range is asked, and nothing else."""
    asked = [each for each in _tests(condition) if isinstance(each, IsOneOf)]
    names = [each.fact for each in asked]
    return {
        each.fact: item
        for each in asked
        for item in each.items[:1]
        if isinstance(item, Span) and len(each.items) == 1 and names.count(each.fact) == 1
    }


def _tests(condition: Condition) -> tuple[Condition, ...]:
    return condition.conditions if isinstance(condition, AllOf) else (condition,)


def _without(condition: Condition, name: str) -> Condition:
    """Return what is asked besides the range of one fact."""
    tests = _tests(condition)
    return AllOf(conditions=tuple(each for each in tests if not (isinstance(each, IsOneOf) and each.fact == name)))


def _ends(condition: Condition, edition: Edition) -> bool:
    """Tell whether passing days may take a condition away, for all that its plain ranges tell."""
    spans, asked = _spans(condition), [*facts_of(condition, edition.conditions)]
    for name in asked:
        moves = edition.facts[name].moves
        span = spans.get(name) if asked.count(name) == 1 else None
        if moves and (span is None or (span.high if moves > 0 else span.low) is not None):
            return True
    return False
