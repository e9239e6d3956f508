"""What a row says of its accounts is what it means: the words of every box, read back, are the box."""

import pytest

from engine.comparison.compare import compare
from engine.comparison.wording import say_box
from tests.comparison.test_exactness import Pair
from tests.properties import CASES
from tests.words.reading import read_phrase

pytestmark = pytest.mark.property

CHUNKS = 4
PAIRS = max(24, min(200, CASES // 500))
# Whether an account is covered or decided at all; what is decided then is no part of such a row.
OUTSIDE = {"covered", "decided"}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_box_is_read_back(chunk: int) -> None:
    """On random pairs of rulesets, each condition of each place is read as the values that it was written from."""
    read = 0
    for seed in range(chunk, PAIRS, CHUNKS):
        pair = Pair(seed)
        for currency in pair.blueprint.currencies:
            contrast = pair.contrast(currency)
            for box in (box for zone in contrast.zones for part in zone.parts for box in part.region):
                for key, phrase in say_box(contrast.joint, box).items():
                    if key in box.sides:
                        each = contrast.joint.dimensions[key]
                        meant, found = (
                            values.intersection(each.universe).intersection(each.possible)
                            for values in (box.sides[key], read_phrase(phrase, each, currency))
                        )
                        assert found == meant, f"seed {seed}: “{phrase}” of {key} is {found} and not {meant}"
                        read += 1
    assert read > PAIRS


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_sample_is_decided_as_its_row_says(chunk: int) -> None:
    """What both rulesets answered for a sample is among what the row says was done, and what becomes of it."""
    asked = 0
    for seed in range(chunk, PAIRS, CHUNKS):
        old, new = (side.ruleset for side in Pair(seed).sides)
        for row in (row for edition in compare(old, new).editions for row in edition.rows):
            if row.sample is None or set(row.was) & OUTSIDE or set(row.becomes) & OUTSIDE:
                continue
            for answer, told in ((row.sample.was, row.was), (row.sample.becomes, row.becomes)):
                assert name(answer) in set(map(name, told)), f"seed {seed}: “{row.headline}” {told}, {row.sample}"
                asked += 1
    assert asked


def name(outcome: str) -> str:
    """The block or the rule of an outcome, or nothing."""
    is_nothing = outcome.startswith(("nothing now", "no rule wins", "otherwise "))
    return "" if is_nothing else outcome if outcome.startswith("blocked by ") else outcome.partition(":")[0]
