"""What is found in 160 tables of other people is exactly what brute force finds in them."""

from functools import cache

import pytest

from engine.analysis.analyse import analyse
from engine.analysis.finding import Found
from engine.loading.load import load_ruleset
from tests.acceptance.tables import read_zen_tables, rule_name, write_ruleset
from tests.analysis.brute import BruteForce

TABLES = read_zen_tables()
MODES = pytest.mark.parametrize("is_optional", [False, True], ids=["given", "optional"])


@cache
def found_in(name: str, *, is_optional: bool) -> tuple[Found, ...]:
    """What is found in a table."""
    ruleset = load_ruleset(write_ruleset(TABLES[name], is_optional=is_optional), file="table.yaml").ruleset
    assert ruleset is not None
    return analyse(ruleset)


def rows_found(name: str, code: str, *, is_optional: bool) -> set[int]:
    """The rows of a table that a check names."""
    names = {rule_name(row): row for row in range(len(TABLES[name].rows))}
    found = found_in(name, is_optional=is_optional)
    return {names[each.subject] for each in found if each.diagnostic.code == code}


@MODES
@pytest.mark.parametrize("name", TABLES)
def test_claims_are_those_of_brute_force(name: str, is_optional: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """No row is missed and none is accused falsely: never wins, wins only when missing, gaps, overlaps."""
    table, brute = TABLES[name], BruteForce(TABLES[name], is_optional=is_optional)
    every = set(range(len(table.rows)))
    never = rows_found(name, "never-wins", is_optional=is_optional)
    assert never == every - brute.winners
    needing = (brute.winners - brute.winners_when_given) & brute.met_when_given
    assert rows_found(name, "only-when-missing", is_optional=is_optional) == needing
    codes = {each.diagnostic.code for each in found_in(name, is_optional=is_optional)}
    assert ("gap" in codes) is brute.has_gap
    assert "never-holds" not in codes
    for row in rows_found(name, "overlap", is_optional=is_optional):
        assert any(brute.overlap(earlier, row) for earlier in range(row))


@pytest.mark.parametrize(
    ("is_optional", "rows", "tables", "gaps"), [(False, 13, 7, 25), (True, 9, 5, 34)], ids=["given", "optional"]
)
def test_counts(is_optional: bool, rows: int, tables: int, gaps: int) -> None:  # noqa: FBT001 - a parameter of a test
    """13 rows in 7 tables never win and 25 tables have gaps; where inputs may be missing, 9 in 5, and 34."""
    never = {name: rows_found(name, "never-wins", is_optional=is_optional) for name in TABLES}
    assert sum(map(len, never.values())) == rows
    assert sum(bool(each) for each in never.values()) == tables
    found = [{each.diagnostic.code for each in found_in(name, is_optional=is_optional)} for name in TABLES]
    assert sum("gap" in codes for codes in found) == gaps
