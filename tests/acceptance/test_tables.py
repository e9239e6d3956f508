"""Tables and cases that other people wrote give the row that their own engines give."""

import datetime as dt
from functools import cache
from typing import Any

import pytest

from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from tests.acceptance.tables import (
    Case,
    Table,
    read_tck_cases,
    read_zen_cases,
    read_zen_tables,
    rule_name,
    write_account,
    write_ruleset,
)
from tests.oracle.oracle import OracleRuleset

DAY = dt.date(2026, 3, 11)
TABLES = read_zen_tables()
ZEN_CASES = read_zen_cases()
TCK_CASES = read_tck_cases()


@cache
def compiled_from(text: str) -> Compiled:
    """The ruleset of a text, made ready once."""
    loaded = load_ruleset(text, file="table.yaml")
    assert loaded.ruleset is not None, loaded.diagnostics
    assert loaded.diagnostics == ()
    return compile_ruleset(loaded.ruleset)


def winners(table: Table, case: Case) -> dict[str, str | None]:
    """The rule that wins, by each of the three ways to find it."""
    text = write_ruleset(table)
    account: dict[str, Any] = write_account(table, case.inputs)
    found = {"oracle": OracleRuleset(text).decide(account, None, DAY, look_ahead=False)["rule"]}
    for way in ("network", "bitmap"):
        decision = next_action([compiled_from(text)], account, as_of=DAY, explain="none", is_live=way == "network")
        found[way] = decision.rule.id if decision.rule is not None else None
    return found


def test_counts() -> None:
    """The data is all there."""
    assert (len(TABLES), len(ZEN_CASES), len(TCK_CASES)) == (160, 190, 28)
    assert sum(len(table.rows) for table in TABLES.values()) == 892


@pytest.mark.parametrize("name", TABLES)
def test_every_table_loads(name: str) -> None:
    """Each table is a ruleset without a complaint, a rule a row."""
    compiled = compiled_from(write_ruleset(TABLES[name]))
    assert len(compiled.ruleset.editions["EUR"].rules) == len(TABLES[name].rows)


@pytest.mark.parametrize("case", ZEN_CASES, ids=lambda case: case.table)
def test_zen_row_wins(case: Case) -> None:
    """Network, bitmap table and oracle give the row that zen traced."""
    found = winners(TABLES[case.table], case)
    assert found == dict.fromkeys(("oracle", "network", "bitmap"), rule_name(case.row))


@pytest.mark.parametrize(("table", "case"), TCK_CASES, ids=lambda value: getattr(value, "name", ""))
def test_tck_row_wins(table: Table, case: Case) -> None:
    """Network, bitmap table and oracle give the row that the DMN test kit expects."""
    found = winners(table, case)
    assert found == dict.fromkeys(("oracle", "network", "bitmap"), rule_name(case.row))
