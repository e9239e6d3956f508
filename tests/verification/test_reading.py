"""Suites are read strictly: what is wrong is said with its line, and is never a pass."""

from typing import Any

import pytest
import yaml

from engine.loading.grammar.schemas import SCHEMAS
from engine.verification.check import CHECK_KEYS, DIAGNOSTIC_KEYS
from engine.verification.codes import SUITE_CODES
from engine.verification.reading import SUITE_KEYS, TEST_KEYS, load_suite
from tests.verification.material import FOLDER, example, suite_of

BROKEN = yaml.safe_load((FOLDER / "broken.yaml").read_text(encoding="utf-8"))
ELSEWHERE = {"unknown-ruleset", "ruleset-broken"}


@pytest.mark.parametrize("case", BROKEN, ids=[case["name"] for case in BROKEN])
def test_what_is_wrong_is_said(case: dict[str, dict[str, object]]) -> None:
    """A suite with an error is no suite, and the error is said with its code, line and words."""
    loaded = load_suite(str(case["suite"]), example().ruleset, file="broken_test.yaml")
    said = case["says"]
    assert loaded.suite is None
    assert [(each.code, each.line) for each in loaded.diagnostics] == [(said["code"], said["line"])], loaded.diagnostics
    assert str(said["piece"]) in loaded.diagnostics[0].message
    assert loaded.diagnostics[0].hint


def test_every_code_of_suites_has_a_broken_suite() -> None:
    """Each code that only suites have is tested by a suite that provokes it (those about files by the command)."""
    assert {case["says"]["code"] for case in BROKEN} >= set(SUITE_CODES) - ELSEWHERE


def test_all_errors_are_said_at_once() -> None:
    """One error does not hide the next."""
    text = (
        "ruleset: example\ntests:\n  - {name: a, acount: x}\n  - {name: b, account: {contry: NL}, expect: {rul: x}}\n"
    )
    loaded = load_suite(text, example().ruleset)
    assert {(each.code, each.line) for each in loaded.diagnostics} >= {
        ("unknown-key", 3),
        ("missing-key", 3),
        ("test-unclear", 3),
        ("unknown-fact", 4),
        ("unknown-path", 4),
    }


def test_a_near_miss_is_suggested() -> None:
    """A misspelt name is answered with the name that was likely meant."""
    text = "ruleset: example\naccounts: {anna: {contry: NL, currency: EUR}}\ntests: []\n"
    loaded = load_suite(text, example().ruleset)
    assert loaded.diagnostics[0].hint == "Did you mean “country”?"


def test_each_combination_is_named() -> None:
    """The cases of a matrix are told apart by the values that make them."""
    text = """
ruleset: example
tests:
  - name: x
    account: {country: NL, currency: EUR}
    as_of: 2026-03-06
    matrix: {vip: [true, false], plan: [a, b]}
    expect: {outcome: none}
"""
    names = [case.name for case in suite_of(text).cases]
    assert names == [f"x [vip: {vip}, plan: {plan}]" for vip in ("true", "false") for plan in ("a", "b")]


def test_an_account_is_called_by_its_key() -> None:
    """The key of an account is its id, unless it says another."""
    text = """
ruleset: example
accounts: {anna: {country: NL, currency: EUR}, bert: {id: B-1, country: NL, currency: EUR}}
tests:
  - {name: a, account: anna, as_of: 2026-03-06, expect: {outcome: none}}
  - {name: b, account: bert, as_of: 2026-03-06, expect: {outcome: none}}
  - {name: c, account: {country: NL, currency: EUR}, as_of: 2026-03-06, expect: {outcome: none}}
"""
    assert [case.account["id"] for case in suite_of(text).cases] == ["anna", "B-1", "account"]


def test_the_schema_has_the_same_keys() -> None:
    """What editors complete is what is read."""
    suite: Any = SCHEMAS["suite"]()["properties"]
    check: Any = SCHEMAS["check"]()["properties"]
    assert set(suite) == set(SUITE_KEYS)
    assert set(suite["tests"]["items"]["properties"]) == set(TEST_KEYS)
    assert set(check) == set(CHECK_KEYS)
    assert set(check["diagnostics"]["items"]["properties"]) == set(DIAGNOSTIC_KEYS)
