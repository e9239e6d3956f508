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
            together = _together(old, new, end_as_one=old.until == new.until and old_zone == new_zone)
            for variant in old.names:
                others = words(*(other for one, other in together if one == variant))
                yield Box(sides={seen_old.key: words(variant), seen_new.key: seen_new.universe.difference(others)})


def _together(old: Experiment, new: Experiment, *, end_as_one: bool) -> set[tuple[str, str]]:
    """Return the pairs of variants that some account has on some day: both are drawn from the same two buckets."""
    held_out = {0, old.hold_out or 0, new.hold_out or 0}
    starts = {0, *accumulate(percent for _, percent in (*old.variants, *new.variants))}
    starts |= {start - _PERCENT for start in starts}
    buckets = [bucket for bucket in starts if 0 <= bucket < _PERCENT]
    drawn = {(_draw(old, *pair), _draw(new, *pair)) for pair in product(held_out, buckets)}
    olds = {old.variants[0][0]} if old.until is not None else set()
    news = {new.variants[0][0]} if new.until is not None else set()
    ended = set(product(olds, news))
    if not end_as_one:
        ended |= set(product(olds, (other for _, other in drawn))) | set(product((one for one, _ in drawn), news))
    return drawn | ended


def _draw(experiment: Experiment, held_out: int, bucket: int) -> str:
    """Return the variant of the accounts in one percent of each draw."""
    if held_out < (experiment.hold_out or 0):
        return HOLD_OUT
    ends = accumulate(percent for _, percent in experiment.variants)
    names = (name for name, _ in experiment.variants)
    return next(name for name, end in zip(names, ends, strict=True) if bucket < end)
