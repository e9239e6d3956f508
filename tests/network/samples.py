"""Ordered lists of regions with their answers by naive membership."""

from __future__ import annotations

from random import Random

from engine.conditions.boxes import Dimensions, Region, contains, region_of
from engine.conditions.sets import (
    INTEGER_LIMIT,
    BooleanSet,
    Dimension,
    Value,
    ValueSet,
    WordSet,
    booleans,
    integers,
    words,
    words_except,
)

Point = dict[str, Value]

# Strings that could be taken for one another, for the network's own signs, or break a text that holds them.
WORDS = ("", "a", "=a", "~", "b", "c", "NL", 'q"\\}{', "é", "\x00", "a ", "🙂", "true", "1", "null")

DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension(key="country", kind="word", universe=words_except(missing=True)),
        Dimension(key="code", kind="word", universe=words_except(missing=True)),
        Dimension(key="segment", kind="word", universe=words("a", "b", "c", "d", "e", "f")),
        Dimension(key="status", kind="word", universe=words("a", "b", "c", missing=True)),
        Dimension(key="days", kind="integer", universe=integers((-INTEGER_LIMIT, INTEGER_LIMIT), missing=True)),
        Dimension(key="balance", kind="integer", universe=integers((0, INTEGER_LIMIT))),
        Dimension(key="count", kind="integer", universe=integers((0, 4), (7, 20), missing=True)),
        Dimension(key="vip", kind="boolean", universe=booleans(False, True)),
        Dimension(key="consent", kind="boolean", universe=booleans(False, True, missing=True)),
    )
}

_NUMBERS = (-INTEGER_LIMIT, -1, *range(-3, 14), INTEGER_LIMIT - 1, INTEGER_LIMIT)
_CANDIDATES: dict[str, tuple[Value, ...]] = {
    "word": (None, "fresh", "d", "e", "f", *WORDS),
    "integer": (None, *_NUMBERS),
    "boolean": (None, False, True),
}
VALUES = {
    key: [value for value in _CANDIDATES[dimension.kind] if dimension.universe.contains(value)]
    for key, dimension in DIMENSIONS.items()
}


def draw_set(dimension: Dimension, random: Random) -> ValueSet:
    """Draw any set of the fact's kind, thresholds being where the points are."""
    missing = random.random() < 0.3
    if dimension.kind == "boolean":
        chosen = random.sample((False, True), random.randint(0, 2))
        return BooleanSet(values=frozenset(chosen), missing=missing)
    if dimension.kind == "word":
        universe = dimension.universe
        pool = WORDS if isinstance(universe, WordSet) and universe.cofinite else ("a", "b", "c", "d", "e", "f")
        chosen_words = frozenset(random.sample(pool, random.randint(0, 4)))
        return WordSet(words=chosen_words, cofinite=random.random() < 0.3, missing=missing)
    intervals: list[tuple[int | None, int | None]] = []
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        low = random.randint(-2, 12)
        intervals.append(random.choice(((low, None), (None, low), (low, low), (low, low + random.randint(0, 5)))))
    return integers(*intervals, missing=missing)


def draw_region(random: Random) -> Region:
    """Draw a union of no box to three, of one fact to five."""
    region: Region = ()
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        keys = random.sample(sorted(DIMENSIONS), 0 if random.random() < 0.002 else random.randint(1, 5))
        region += region_of({key: draw_set(DIMENSIONS[key], random) for key in keys}, DIMENSIONS)
    return region


def draw_point(random: Random) -> Point:
    """Draw a value for every fact, leaving out some that are missing."""
    point = {key: random.choice(values) for key, values in VALUES.items()}
    return {key: value for key, value in point.items() if value is not None or random.random() < 0.5}


def find_first(regions: list[Region], point: Point) -> int | None:
    """Return what must be answered, by trying one region after another."""
    return next((index for index, region in enumerate(regions) if contains(region, point)), None)


def number_dimensions(*keys: str) -> Dimensions:
    """Return facts that are any number and never missing."""
    universe = integers((-INTEGER_LIMIT, INTEGER_LIMIT))
    return {key: Dimension(key=key, kind="integer", universe=universe) for key in keys}
