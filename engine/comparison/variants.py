"""Which variants of one experiment an account can have where two rulesets draw them otherwise."""

from collections.abc import Iterator
from itertools import accumulate, product

from engine.comparison.coordinates import NEW, OLD, OneSided
from engine.comparison.joint import Joint
from engine.conditions.boxes import Box
from engine.conditions.sets import words
from engine.coordinates.variants import Variant
from engine.model.ruleset import HOLD_OUT, Experiment

_PERCENT = 100


def never_together(joint: Joint) -> Iterator[Box]:
    """Yield variants of which no account has one on the old side and the other on the new."""
    found = {
        (each.own.experiment.id, each.side): (each, each.own.experiment)
        for each in joint.dimensions.values()
        if isinstance(each, OneSided) and isinstance(each.own, Variant)
    }
    old_zone, new_zone = (program.ruleset.timezone for program in joint.programs)
    for name, side in found:
        if side == OLD and (name, NEW) in found:
            (seen_old, old), (seen_new, new) = found[name, OLD], found[name, NEW]
            together = _together(old, new, is_same_day=old_zone == new_zone)
            for variant in old.names:
                others = words(*(other for one, other in together if one == variant))
                yield Box(sides={seen_old.key: words(variant), seen_new.key: seen_new.universe.difference(others)})


def _together(old: Experiment, new: Experiment, *, is_same_day: bool) -> set[tuple[str, str]]:
    """Return the pairs of variants that some account has on some day: both are drawn from the same two buckets.

    One that has ended has its first variant only; on the same day the other has then too, unless it ends later.
    """
    held_out = {0, old.hold_out or 0, new.hold_out or 0}
    starts = {0, *accumulate(percent for _, percent in (*old.variants, *new.variants))}
    starts |= {start - _PERCENT for start in starts}
    buckets = [bucket for bucket in starts if 0 <= bucket < _PERCENT]
    drawn = {(_draw(old, *pair), _draw(new, *pair)) for pair in product(held_out, buckets)}
    first_old, first_new = old.variants[0][0], new.variants[0][0]
    found = set(drawn)
    if old.until is not None and new.until is not None:
        found.add((first_old, first_new))
    if old.until is not None and (new.until is None or old.until < new.until or not is_same_day):
        found.update((first_old, other) for _, other in drawn)
    if new.until is not None and (old.until is None or new.until < old.until or not is_same_day):
        found.update((one, first_new) for one, _ in drawn)
    return found


def _draw(experiment: Experiment, held_out: int, bucket: int) -> str:
    """Return the variant of the accounts in one percent of each draw."""
    if held_out < (experiment.hold_out or 0):
        return HOLD_OUT
    ends = accumulate(percent for _, percent in experiment.variants)
    names = (name for name, _ in experiment.variants)
    return next(name for name, end in zip(names, ends, strict=True) if bucket < end)
