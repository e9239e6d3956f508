"""Days since something, in words."""

import pytest

from engine.conditions.sets import ValueSet, integers
from engine.words.values import say_days_ago


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (integers((7, None)), "pay-by date 7 days ago or more"),
        (integers((0, None)), "pay-by date today or before"),
        (integers((None, None)), "pay-by date at any time"),
        (integers((None, -1)), "pay-by date in 1 day or later"),
        (integers((None, 0)), "pay-by date today or later"),
        (integers((None, 3)), "pay-by date 3 days ago or later"),
        (integers((0, 3)), "pay-by date at most 3 days ago"),
        (integers((0, 0)), "pay-by date today"),
        (integers((-5, None)), "pay-by date in 5 days or past"),
        (integers((-1, -1)), "pay-by date in 1 day"),
        (integers((-3, 2)), "pay-by date in 3 days to 2 days ago"),
        (integers((-3, 0), missing=True), "pay-by date in 3 days to today or never"),
    ],
)
def test_days_behind_and_ahead_are_told_apart(values: ValueSet, said: str) -> None:
    """A deadline that is yet to come lies ahead, and is no days ago."""
    assert say_days_ago("pay-by date", values) == said
