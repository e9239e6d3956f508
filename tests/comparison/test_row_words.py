"""What a row says of its accounts is what it means: the words of every box, read back, are the box."""

import pytest

from engine.comparison.wording import say_box
from tests.comparison.test_exactness import Pair
from tests.properties import CASES
from tests.words.reading import read_phrase

pytestmark = pytest.mark.property

CHUNKS = 4
PAIRS = max(24, min(200, CASES // 500))


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
