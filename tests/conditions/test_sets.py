"""The sets of values for one fact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions.sets import (
    Dimension,
    MixedKindsError,
    Value,
    ValueSet,
    booleans,
    integers,
    words,
    words_except,
)
from tests.conditions.samples import CANDIDATES, DIMENSIONS, STRATEGIES, list_values


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Dimension, ValueSet, ValueSet]:
    """Draw two sets of one fact."""
    dimension = draw(st.sampled_from(list(DIMENSIONS.values())))
    strategy = STRATEGIES[dimension.kind]
    return dimension, draw(strategy), draw(strategy)


@given(pairs())
def test_operations_mean_membership(pair: tuple[Dimension, ValueSet, ValueSet]) -> None:
    """A value is in a union, intersection, difference or complement just when the sentence says so."""
    dimension, left, right = pair
    for value in CANDIDATES[dimension.kind]:
        in_left, in_right = left.contains(value), right.contains(value)
        assert left.union(right).contains(value) is (in_left or in_right)
        assert left.intersection(right).contains(value) is (in_left and in_right)
        assert left.difference(right).contains(value) is (in_left and not in_right)
        in_universe = dimension.universe.contains(value)
        assert dimension.complement(left).contains(value) is (in_universe and not in_left)


@given(pairs())
def test_equal_sets_are_written_alike(pair: tuple[Dimension, ValueSet, ValueSet]) -> None:
    """De Morgan's laws and idempotence hold as equality of the records, not only of their members."""
    dimension, left, right = pair
    left, right = left.intersection(dimension.universe), right.intersection(dimension.universe)
    complement = dimension.complement
    assert complement(complement(left)) == left
    assert complement(left.union(right)) == complement(left).intersection(complement(right))
    assert complement(left.intersection(right)) == complement(left).union(complement(right))
    assert left.union(left) == left.intersection(left) == left


@given(pairs())
def test_subset_and_emptiness_agree_with_difference(pair: tuple[Dimension, ValueSet, ValueSet]) -> None:
    """A set is in another when nothing of it is left outside, and the witness of what is left is such a value."""
    _, left, right = pair
    rest = left.difference(right)
    assert left.is_subset(right) is rest.is_empty()
    if not rest.is_empty():
        assert left.contains(rest.witness())
        assert not right.contains(rest.witness())


@given(pairs())
def test_size_counts_the_members(pair: tuple[Dimension, ValueSet, ValueSet]) -> None:
    """A finite set's size is the number of its values, "missing" included."""
    dimension, values, _ = pair
    size = values.size()
    if size is not None:
        assert size == sum(map(values.contains, CANDIDATES[dimension.kind]))


def test_the_universe_is_recognised_however_it_is_reached() -> None:
    """A set that covers all that a fact can be is its universe, even if it holds more."""
    bounded = DIMENSIONS["bounded"]
    assert bounded.is_universe(integers((0, 4), (5, 9)))
    assert bounded.is_universe(integers((None, None), missing=True))
    assert not bounded.is_universe(integers((0, 8)))
    assert DIMENSIONS["closed"].is_universe(words("d", "c", "b", "a"))
    assert DIMENSIONS["flag"].is_universe(booleans(False, True))
    assert not DIMENSIONS["maybe"].is_universe(booleans(False, True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (integers((3, 9), (-4, -2)), -2),
        (integers((None, -7), missing=True), -7),
        (integers((-5, 5)), 0),
        (integers((-5, -3), (3, 5)), 3),
        (words("b", "a"), "a"),
        (words_except("x"), "other"),
        (words_except("other", "other-2"), "other-3"),
        (booleans(True, missing=True), True),
        (booleans(True, False), False),
        (words(missing=True), None),
    ],
)
def test_the_witness_is_the_value_a_person_would_name(values: ValueSet, expected: Value) -> None:
    """A witness is present where it can be, near zero or at the end of an interval, and readable."""
    assert values.witness() == expected
    assert values.contains(values.witness())


@pytest.mark.parametrize("empty", [integers(), integers((3, 2)), words(), booleans()])
def test_the_empty_set_has_no_witness(empty: ValueSet) -> None:
    """Asking the empty set for a member is an error."""
    assert empty.is_empty()
    with pytest.raises(ValueError, match="no witness"):
        empty.witness()


def test_a_boolean_is_no_integer() -> None:
    """True is not 1 and 1 is not true, though Python says so."""
    assert not integers((0, 1)).contains(True)  # noqa: FBT003 - the value is what is tested
    assert not booleans(True).contains(1)
    assert not words("1").contains(1)


def test_sets_of_two_kinds_do_not_mix() -> None:
    """Combining sets of two kinds is refused."""
    mixed: list[ValueSet] = [integers((1, 2)), words("a"), booleans(True)]
    for left in mixed:
        for right in mixed:
            if left is not right:
                for combine in (left.union, left.intersection, left.difference):
                    with pytest.raises(MixedKindsError):
                        combine(right)


def test_every_universe_has_values() -> None:
    """The samples of these tests are not empty."""
    assert all(len(list_values(dimension)) > 1 for dimension in DIMENSIONS.values())
