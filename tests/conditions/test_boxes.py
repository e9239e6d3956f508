"""Boxes and regions."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions.boxes import (
    EVERYTHING,
    NOTHING,
    Box,
    BudgetExceeded,
    Region,
    complement,
    contains,
    disjoint,
    intersection,
    is_empty,
    is_subset,
    iterate_difference,
    region_of,
    simplify,
    subtract,
    union,
    witness,
)
from engine.conditions.sets import Value, ValueSet, booleans, integers, words
from tests.conditions.samples import DIMENSIONS, list_values, points, regions

Point = dict[str, Value]


@given(regions(), regions(), st.lists(points(), min_size=5, max_size=25))
def test_operations_mean_membership(left: Region, right: Region, samples: list[Point]) -> None:
    """A point is in a union, intersection, difference or complement just when the sentence says so."""
    met = intersection(left, right, DIMENSIONS)
    joined = union(left, right, DIMENSIONS)
    rest = subtract(left, right, DIMENSIONS)
    outside = complement(left, DIMENSIONS)
    for point in samples:
        in_left, in_right = contains(left, point), contains(right, point)
        assert contains(met, point) is (in_left and in_right)
        assert contains(joined, point) is (in_left or in_right)
        assert contains(rest, point) is (in_left and not in_right)
        assert contains(outside, point) is not in_left


@given(regions(), regions())
def test_a_region_splits_into_what_is_inside_and_outside_another(left: Region, right: Region) -> None:
    """What two regions share and what only the first has make up the first, exactly."""
    met = intersection(left, right, DIMENSIONS)
    rest = subtract(left, right, DIMENSIONS)
    assert is_empty(intersection(met, rest, DIMENSIONS))
    assert_equal(union(met, rest, DIMENSIONS), left)


@given(regions(), regions())
def test_de_morgan(left: Region, right: Region) -> None:
    """Outside either is outside both, and the complement of the complement is the region."""
    outside_both = intersection(complement(left, DIMENSIONS), complement(right, DIMENSIONS), DIMENSIONS)
    assert_equal(complement(union(left, right, DIMENSIONS), DIMENSIONS), outside_both)
    assert_equal(complement(complement(left, DIMENSIONS), DIMENSIONS), left)
    assert is_empty(subtract(left, left, DIMENSIONS))
    assert_equal(union(left, complement(left, DIMENSIONS), DIMENSIONS), EVERYTHING)


@given(regions(), regions())
def test_subset_means_that_nothing_is_left(left: Region, right: Region) -> None:
    """A region is in another just when no box is left of it, and the first box left shows a point outside."""
    rest = next(iterate_difference(left, right, DIMENSIONS), None)
    assert is_subset(left, right, DIMENSIONS) is (rest is None)
    assert is_empty(subtract(left, right, DIMENSIONS)) is (rest is None)
    if rest is not None:
        point = complete(witness((rest,)))
        assert contains(left, point)
        assert not contains(right, point)


@given(regions(most_boxes=5))
def test_disjoint_boxes_make_up_the_region(region: Region) -> None:
    """The boxes of `disjoint` share no point and are together the region."""
    apart = disjoint(region, DIMENSIONS)
    for number, box in enumerate(apart):
        assert all(box.intersection(other) is None for other in apart[:number])
    assert_equal(apart, region)


@given(regions(most_boxes=5))
def test_subtraction_yields_disjoint_boxes(region: Region) -> None:
    """The complement's boxes share no point."""
    outside = complement(region, DIMENSIONS)
    for number, box in enumerate(outside):
        assert all(box.intersection(other) is None for other in outside[:number])


@given(regions(most_boxes=5))
def test_simplify_keeps_the_region(region: Region) -> None:
    """A simplified region is equal, has no box inside another and does not change when simplified again."""
    simple = simplify(region, DIMENSIONS)
    assert_equal(simple, region)
    assert len(simple) <= len(region)
    for box in simple:
        assert not any(box is not other and box.is_subset(other) for other in simple)
    assert set(simplify(simple, DIMENSIONS)) == set(simple)


@given(regions())
def test_boxes_stay_canonical(region: Region) -> None:
    """No operation leaves a side that is empty, the whole universe or beyond it, and keys are sorted."""
    for box in (*region, *complement(region, DIMENSIONS), *disjoint(region, DIMENSIONS)):
        assert list(box.sides) == sorted(box.sides)
        for key, values in box.sides.items():
            assert not values.is_empty()
            assert not DIMENSIONS[key].is_universe(values)
            assert values.is_subset(DIMENSIONS[key].universe)


@given(regions(most_boxes=1))
def test_a_witness_is_a_member(region: Region) -> None:
    """A region's witness names the facts of its first box, and any values of the others keep it inside."""
    point = witness(region)
    if point is None:
        assert is_empty(region)
    else:
        assert contains(region, complete(point))
        assert set(point) == set(region[0].sides)


def test_boxes_that_differ_in_one_fact_become_one() -> None:
    """Adjoining ranges of one fact with the same other sides are one box."""
    lower = region_of({"bounded": integers((0, 4)), "closed": words("a")}, DIMENSIONS)
    upper = region_of({"bounded": integers((5, 9)), "closed": words("a")}, DIMENSIONS)
    assert union(lower, upper, DIMENSIONS) == region_of({"closed": words("a")}, DIMENSIONS)


def test_a_box_inside_another_is_absorbed() -> None:
    """A union leaves out what another box already holds."""
    large = region_of({"bounded": integers((0, 4))}, DIMENSIONS)
    small = region_of({"bounded": integers((1, 2)), "flag": booleans(True)}, DIMENSIONS)
    assert union(small, large, DIMENSIONS) == large


def test_a_side_of_the_whole_universe_is_no_side() -> None:
    """A box that allows everything is `EVERYTHING`, one with an empty side is `NOTHING`."""
    assert region_of({"flag": booleans(False, True), "bounded": integers((None, 9))}, DIMENSIONS) == EVERYTHING
    assert region_of({"flag": booleans(missing=True), "bounded": integers((3, 4))}, DIMENSIONS) == NOTHING
    assert complement(EVERYTHING, DIMENSIONS) == NOTHING
    assert complement(NOTHING, DIMENSIONS) == EVERYTHING


def test_equal_boxes_hash_alike() -> None:
    """The order in which sides are given does not matter."""
    sides: dict[str, ValueSet] = {"flag": booleans(True), "closed": words("b", "a")}
    (one,) = region_of(sides, DIMENSIONS)
    (other,) = region_of(dict(reversed(sides.items())), DIMENSIONS)
    assert one == other
    assert len({one, other, Box(sides=sides)}) == 1


def test_a_fact_that_the_point_leaves_out_is_missing() -> None:
    """Not naming a fact and naming it as None are the same."""
    (box,) = region_of({"maybe": booleans(True, missing=True)}, DIMENSIONS)
    assert box.contains({})
    assert box.contains({"maybe": None})
    assert not box.contains({"maybe": False})


def test_two_hundred_rules_of_twelve_facts_are_examined_at_once() -> None:
    """Whether a rule is covered by all before it, and where a gap is, takes a few thousand steps at most."""
    random = Random(7)
    dimensions = {f"{key}-{copy}": dimension for copy in range(2) for key, dimension in DIMENSIONS.items()}
    dimensions = dict(list(dimensions.items())[:12])
    rules: list[Region] = []
    while len(rules) < 200:
        keys = random.sample(sorted(dimensions), random.randint(2, 5))
        rule = region_of({key: draw_set(dimensions[key].kind, random) for key in keys}, dimensions)
        rules += [rule] if rule else []
    before: Region = ()
    for rule in rules:
        is_subset(rule, before, dimensions, budget=5_000)
        before += rule
    assert not is_subset(EVERYTHING, before, dimensions, budget=5_000)


def test_an_operation_that_would_blow_up_stops() -> None:
    """Past its budget an operation raises instead of going on."""
    dimensions = {str(number): DIMENSIONS["bounded"] for number in range(20)}
    random = Random(1)
    region: Region = ()
    for _ in range(60):
        keys = random.sample(sorted(dimensions), 5)
        region += region_of({key: draw_set("integer", random) for key in keys}, dimensions)
    with pytest.raises(BudgetExceeded, match="more than 500 steps"):
        complement(region, dimensions, budget=500)
    with pytest.raises(BudgetExceeded):
        intersection(region, region, dimensions, budget=500)
    with pytest.raises(BudgetExceeded):
        union(region, region, dimensions, budget=50)


def draw_set(kind: str, random: Random) -> ValueSet:
    """Return a set that is neither empty nor everything."""
    if kind == "integer":
        low = random.randint(0, 7)
        return random.choice((integers((low + 1, None)), integers((None, low)), integers((low, low + 1))))
    return words(*random.sample("abcd", 2)) if kind == "word" else booleans(random.random() < 0.5)


def complete(point: Point | None) -> Point:
    """Give each fact that the point does not name a value it can have."""
    assert point is not None
    return {key: list_values(dimension)[-1] for key, dimension in DIMENSIONS.items()} | point


def assert_equal(left: Region, right: Region) -> None:
    """Compare two regions by what they hold."""
    assert is_subset(left, right, DIMENSIONS)
    assert is_subset(right, left, DIMENSIONS)
