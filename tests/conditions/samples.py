"""Facts, sets, regions and points that are small enough to meet one another."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.conditions.boxes import Region, region_of, union
from engine.conditions.sets import (
    INTEGER_LIMIT,
    BooleanSet,
    Dimension,
    IntegerSet,
    Value,
    ValueSet,
    WordSet,
    booleans,
    integers,
    words,
    words_except,
)

DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension(key="text", kind="word", universe=words_except(missing=True)),
        Dimension(key="closed", kind="word", universe=words("a", "b", "c", "d")),
        Dimension(key="anything", kind="integer", universe=integers((None, None), missing=True)),
        Dimension(key="bounded", kind="integer", universe=integers((0, 9))),
        Dimension(key="broken", kind="integer", universe=integers((-3, 2), (5, INTEGER_LIMIT), missing=True)),
        Dimension(key="flag", kind="boolean", universe=booleans(False, True)),
        Dimension(key="maybe", kind="boolean", universe=booleans(False, True, missing=True)),
    )
}

# Every threshold that the sets below can have, its neighbours, words in no set, and "missing".
NUMBERS = (-INTEGER_LIMIT, *range(-6, 14), INTEGER_LIMIT)
WORDS = ("", "a", "b", "c", "d", "é", 'q"\\', "fresh")
CANDIDATES: dict[str, tuple[Value, ...]] = {
    "word": (None, *WORDS),
    "integer": (None, *NUMBERS),
    "boolean": (None, False, True),
}


def list_values(dimension: Dimension) -> list[Value]:
    """Return the critical values that the fact can have."""
    return [value for value in CANDIDATES[dimension.kind] if dimension.universe.contains(value)]


@st.composite
def integer_sets(draw: st.DrawFn) -> IntegerSet:
    """Draw intervals with and without ends, touching, overlapping or empty."""
    ends = st.one_of(st.none(), st.integers(-5, 12))
    intervals = draw(st.lists(st.tuples(ends, ends), max_size=3))
    return integers(*intervals, missing=draw(st.booleans()))


word_sets = st.builds(
    WordSet, words=st.frozensets(st.sampled_from(WORDS[:-1]), max_size=4), cofinite=st.booleans(), missing=st.booleans()
)
boolean_sets = st.builds(BooleanSet, values=st.frozensets(st.booleans()), missing=st.booleans())
STRATEGIES: dict[str, st.SearchStrategy[ValueSet]] = {
    "integer": integer_sets(),
    "word": word_sets,
    "boolean": boolean_sets,
}


@st.composite
def regions(draw: st.DrawFn, most_boxes: int = 3, most_sides: int = 3) -> Region:
    """Draw unions of boxes, now and then empty or everything."""
    found: Region = ()
    for _ in range(draw(st.integers(0, most_boxes))):
        keys = draw(st.lists(st.sampled_from(sorted(DIMENSIONS)), max_size=most_sides, unique=True))
        found += region_of({key: draw(STRATEGIES[DIMENSIONS[key].kind]) for key in keys}, DIMENSIONS)
    return union(found, (), DIMENSIONS) if draw(st.booleans()) else found


@st.composite
def points(draw: st.DrawFn) -> dict[str, Value]:
    """Draw a critical value for every fact."""
    return {key: draw(st.sampled_from(list_values(dimension))) for key, dimension in DIMENSIONS.items()}
