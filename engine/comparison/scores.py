"""Which sums of one score an account can have where two rulesets give other points for the same facts."""

from collections.abc import Iterator

from engine.comparison.coordinates import NEW, OLD, OneSided
from engine.comparison.joint import Joint
from engine.conditions.boxes import Box
from engine.conditions.sets import IntegerSet, integers
from engine.coordinates.scores import Score, earned_together

_MOST_PAIRS = 20_000
_Pairs = set[tuple[int, int]]


def sums_never_together(joint: Joint) -> Iterator[Box]:
    """Yield the sums of which no account has one on the old side and the other on the new."""
    seen = {
        (each.own.fact.name, each.side): (each, each.own)
        for each in joint.dimensions.values()
        if isinstance(each, OneSided) and isinstance(each.own, Score)
    }
    for name, side in seen:
        if side == OLD and (name, NEW) in seen:
            (old_key, old), (new_key, new) = ((each.key, own) for each, own in (seen[name, OLD], seen[name, NEW]))
            pairs = _pairs_of(joint, old, new)
            for low, high in _bands(joint, old_key) if pairs is not None else ():
                band = integers((low, high))
                others = integers(*((becomes, becomes) for was, becomes in pairs or () if band.contains(was)))
                yield Box(sides={old_key: band, new_key: integers((None, None)).difference(others)})


def _pairs_of(joint: Joint, old: Score, new: Score) -> _Pairs | None:
    """Return the sums that some account has on both sides, None where they are too many."""
    unlike = joint.sharing.unlike_facts | joint.sharing.unlike_defaults
    if any(part.fact in unlike for score in (old, new) for part in score.parts):
        return None
    pairs: _Pairs = {(old.base, new.base)}
    for worths in earned_together((old, new)):
        points = {(was, becomes) for (was, becomes), _ in worths}
        pairs = {(was + each[0], becomes + each[1]) for was, becomes in pairs for each in points}
        if len(pairs) > _MOST_PAIRS:
            return None
    return pairs


def _bands(joint: Joint, key: str) -> Iterator[tuple[int | None, int | None]]:
    """Yield the spans of sums that the old side does not tell apart."""
    cuts: set[int] = set()
    program = joint.programs[OLD]
    name = joint.origins[key][OLD].key
    plan = program.plan
    for region in (plan.coverage, *plan.blocks, *plan.first, *plan.again, *plan.turns, *plan.parts.values()):
        for box in region:
            side = box.sides.get(name)
            if isinstance(side, IntegerSet):
                cuts.update(low for low, _ in side.intervals if low is not None)
                cuts.update(high + 1 for _, high in side.intervals if high is not None)
    starts = [None, *sorted(cuts)]
    yield from (
        (low, None if high is None else high - 1) for low, high in zip(starts, [*starts[1:], None], strict=True)
    )
