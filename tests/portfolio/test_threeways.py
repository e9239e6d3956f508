"""Columns, the single path and the oracle agree in every column; `make columns` asks about millions."""

import pytest

from tests.portfolio.threeways import compare_examples, compare_ruleset
from tests.properties import CASES

RULESETS = 6
MOST_ROWS = 150
EXAMPLES = 2_000


@pytest.mark.property
@pytest.mark.parametrize("number", range(RULESETS))
def test_columns_single_path_and_oracle_agree(number: int) -> None:
    """What random rulesets decide of accounts about each threshold comes out alike three ways, column by column."""
    rows = min(CASES // RULESETS + 1, MOST_ROWS)
    found = compare_ruleset(number, rows)
    assert found.with_oracle == found.rows == rows


def test_the_examples_leave_hardly_a_row_to_the_single_path() -> None:
    """Accounts with histories get every column alike both ways, and fewer than one in a hundred goes one by one."""
    found = compare_examples(1, EXAMPLES)
    assert sum(found.singly.values()) * 100 < found.rows
