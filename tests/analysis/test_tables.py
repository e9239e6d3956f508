"""What is found in 160 tables of other people is exactly what brute force finds in them."""

from functools import cache
from typing import Any

import pytest

from engine.analysis.analyse import analyse
from engine.analysis.finding import Found
from engine.loading.load import load_ruleset
from engine.model.diagnostic import Witness
from engine.model.ruleset import Ruleset
from tests.acceptance.tables import Table, fact_name, read_zen_tables, rule_name, write_ruleset
from tests.analysis.brute import BruteForce

TABLES = read_zen_tables()
MODES = pytest.mark.parametrize("is_optional", [False, True], ids=["given", "optional"])


def load_table(name: str, *, is_optional: bool) -> Ruleset:
    """A table as a ruleset."""
    ruleset = load_ruleset(write_ruleset(TABLES[name], is_optional=is_optional), file="table.yaml").ruleset
    assert ruleset is not None
    return ruleset


@cache
def found_in(name: str, *, is_optional: bool) -> tuple[Found, ...]:
    """What is found in a table."""
    return analyse(load_table(name, is_optional=is_optional))


def read_inputs(table: Table, account: dict[str, Any]) -> tuple[Any, ...]:
    """The values of the columns that an account gives."""
    return tuple(account.get(fact_name(index)) for index in range(len(table.columns)))


def rows_found(name: str, code: str, *, is_optional: bool) -> set[int]:
    """The rows of a table that a check names."""
    names = {rule_name(row): row for row in range(len(TABLES[name].rows))}
    found = found_in(name, is_optional=is_optional)
    return {names[each.subject] for each in found if each.diagnostic.code == code}


@MODES
@pytest.mark.parametrize("name", TABLES)
def test_claims_are_those_of_brute_force(name: str, is_optional: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """No row is missed and none is accused falsely: never wins, only when missing, gaps, overlaps, unused columns."""
    table, brute = TABLES[name], BruteForce(TABLES[name], is_optional=is_optional)
    every = set(range(len(table.rows)))
    never = rows_found(name, "never-wins", is_optional=is_optional)
    assert never == every - brute.winners
    needing = (brute.winners - brute.winners_when_given) & brute.met_when_given
    assert rows_found(name, "only-when-missing", is_optional=is_optional) == needing
    found = found_in(name, is_optional=is_optional)
    codes = {each.diagnostic.code for each in found}
    assert ("gap" in codes) is brute.has_gap
    unused = {index for index in range(len(table.columns)) if not any(row[index] for row in table.rows)}
    assert {each.subject for each in found if each.diagnostic.code == "unused-fact"} == {*map(fact_name, unused)}
    assert rows_found(name, "overlap", is_optional=is_optional) == brute.overlapping
    assert rows_found(name, "always-holds", is_optional=is_optional) == brute.idle
    assert codes <= {"never-wins", "only-when-missing", "gap", "overlap", "unused-fact", "always-holds"}


@MODES
@pytest.mark.parametrize("name", TABLES)
def test_accounts_shown_are_so_by_brute_force(name: str, is_optional: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """Every finding shows an account: by brute force its row is met and another wins, wins itself, or no row is met."""
    table, brute = TABLES[name], BruteForce(TABLES[name], is_optional=is_optional)
    ruleset = load_table(name, is_optional=is_optional)
    names = {rule_name(row): row for row in range(len(table.rows))}
    for each in analyse(ruleset):
        diagnostic = each.diagnostic
        assert isinstance(diagnostic.witness, Witness), diagnostic
        met = brute.rows_met(read_inputs(table, diagnostic.witness.account))
        row = names.get(each.subject)
        match diagnostic.code:
            case "gap":
                assert met == []
            case "never-wins" | "overlap":
                assert row in met[1:]
            case "only-when-missing":
                assert row == met[0]


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
