"""Boxes packed for all checks of an edition: widened, guessed outside of, and within a budget."""

import random

import pytest

from engine.conditions.boxes import Box, BudgetExceeded, region_of
from engine.conditions.guessing import Guesser
from engine.conditions.sets import Dimension, ValueSet, booleans, integers, words
from engine.conditions.space import Meter, Space

DIMENSIONS = {
    "days": Dimension(key="days", kind="integer", universe=integers((0, 30), missing=True)),
    "kind": Dimension(key="kind", kind="word", universe=words("a", "b", "c")),
    "vip": Dimension(key="vip", kind="boolean", universe=booleans(True, False)),
}
SEEDS = range(200)


def random_box(rng: random.Random) -> Box:
    """A box of one to three sides."""
    low = rng.randint(0, 30)
    sides: dict[str, ValueSet] = {
        "days": integers((low, rng.randint(low, 30)), missing=rng.random() < 0.3),
        "kind": words(*rng.sample("abc", rng.randint(1, 2))),
        "vip": booleans(rng.random() < 0.5),
    }
    (box,) = region_of({key: sides[key] for key in rng.sample(sorted(sides), rng.randint(1, 3))}, DIMENSIONS)
    return box


def random_space(seed: int, count: int = 12) -> tuple[Space, list[int]]:
    """A space and its packed boxes, the first of which is asked about and the others are covers."""
    rng = random.Random(seed)
    boxes = [random_box(rng) for _ in range(count)]
    space = Space(boxes, DIMENSIONS, meter=Meter(100_000))
    return space, [space.pack(box) for box in boxes]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_widened_box_keeps_clear_of_the_covers(seed: int) -> None:
    """A box let go of sides meets no cover, stays within the whole, and has no side that could be let go as well."""
    space, (whole, *covers) = random_space(seed)
    found = space.first_rest((whole,), covers)
    if found is None:
        assert space.is_covered((whole,), covers)
        return
    wide = space.widen(found, whole, covers)
    assert found & ~wide == 0
    assert wide & ~whole == 0
    assert space.common((wide,), covers) == ()
    opened = [wide | whole & field for field in space.fields if wide | whole & field != wide]
    assert all(space.common((wider,), covers) for wider in opened)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_is_right_or_not_made(seed: int) -> None:
    """A point guessed lies within the box and in none of the boxes it was to keep clear of; there is one, then."""
    space, (box, *covers) = random_space(seed)
    against = random.Random(seed).getrandbits(len(covers))
    guessed = Guesser(space, covers).guess(box, against)
    counted = [cover for number, cover in enumerate(covers) if against >> number & 1]
    if guessed is not None:
        assert guessed & ~box == 0
        assert space.common((guessed,), counted) == ()
        assert space.common((guessed,), (space.everything,)) == (guessed,)


def test_most_guesses_are_made() -> None:
    """Where some point is left, one is mostly seen at once."""
    made = missed = 0
    for seed in SEEDS:
        space, (box, *covers) = random_space(seed, count=6)
        if not space.is_covered((box,), covers):
            is_seen = Guesser(space, covers).guess(box, (1 << len(covers)) - 1) is not None
            made, missed = made + is_seen, missed + (not is_seen)
    assert made > 9 * missed


def test_a_question_takes_a_part_of_the_budget() -> None:
    """One question may take a twentieth of what is left; the next one begins with the rest."""
    meter = Meter(2_000)
    meter.begin()
    with pytest.raises(BudgetExceeded):
        meter.spend(101)
    meter.begin()
    meter.spend(90)
    assert not meter.is_spent
    while not meter.is_spent:
        meter.begin()
        with pytest.raises(BudgetExceeded):
            meter.spend(200)


def test_wide_boxes_count_for_more() -> None:
    """A comparison of boxes of many bits takes as much as several of narrow ones."""
    meter = Meter(2_000)
    meter.begin(bits=20_000)
    with pytest.raises(BudgetExceeded):
        meter.spend(10)
