"""Suites are read strictly: what is wrong is said with its line, and is never a pass."""

import jsonschema
import pytest
import yaml

from engine.loading.grammar.schemas import SCHEMAS
from engine.loading.load import load_ruleset
from engine.loading.node import to_data
from engine.loading.yamltext import parse_yaml
from engine.verification.mistakes import SUITE_MISTAKES
from engine.verification.reading import load_suite
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
    assert {case["says"]["code"] for case in BROKEN} >= set(SUITE_MISTAKES) - ELSEWHERE


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


def test_an_account_without_currency_has_the_only_one() -> None:
    """The currency left out, or taken away, is the ruleset's own; another that is written stays."""
    text = """
ruleset: example
accounts: {anna: {country: NL}, bert: {country: NL, currency: USD}}
tests:
  - {name: a, account: anna, as_of: 2026-03-06, expect: {outcome: none}}
  - {name: b, account: bert, as_of: 2026-03-06, expect: {outcome: not_covered}}
  - {name: c, account: bert, with: {currency: null}, as_of: 2026-03-06, expect: {outcome: none}}
"""
    assert [case.account["currency"] for case in suite_of(text).cases] == ["EUR", "USD", "EUR"]


def test_of_several_currencies_the_account_names_one() -> None:
    """Where a ruleset has several, an account without one is an error with its line."""
    ruleset = load_ruleset("ruleset: two\ntitle: T\ncurrency: [EUR, USD]\ntimezone: UTC\nrules: []\n").ruleset
    assert ruleset is not None
    text = "ruleset: two\ntests:\n  - {name: a, account: {vip: true}, as_of: 2026-03-06, expect: {outcome: none}}\n"
    found = load_suite(text, ruleset).diagnostics
    assert [(each.code, each.line, each.hint) for each in found] == [
        ("account-invalid", 3, "Add the account's currency: two has EUR and USD.")
    ]


def test_history_names_rows_and_not_their_table() -> None:
    """A table in the place of a rule is an error that names its rows."""
    ruleset = load_ruleset(
        "ruleset: one\ntitle: T\ncurrency: EUR\ntimezone: UTC\nrules:\n"
        "  - {table: t, then: {action: none}, columns: [id], rows: [[a], [b]]}\n"
    ).ruleset
    assert ruleset is not None
    text = "ruleset: one\ntests:\n  - {name: a, account: {vip: true}, as_of: 2026-03-06, expect: {rule: null}%s}\n"
    found = load_suite(text % ", history: [{rule: t, at: 2026-03-01}]", ruleset).diagnostics
    assert [(each.code, each.hint) for each in found] == [
        ("unknown-rule", "It is a table; history names its rows: t-a and t-b.")
    ]
    assert load_suite(text % ", history: [{rule: t-a, at: 2026-03-01}]", ruleset).suite is not None


TEST = "ruleset: example\ntests:\n  - {name: x, account: {country: NL, currency: EUR%s}, as_of: 2026-03-06%s}\n"
EXPECTING = ", expect: {rule: null}"


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        (TEST % ("", EXPECTING), True),
        (TEST % ("", ", expect: {fee: {name: late, amount: 40}}"), False),
        (TEST % ("", ", expect: {action.fee: {name: late, amount: 40}}"), True),
        (TEST % ("", EXPECTING + ", history: [{rule: letter, at: 2026-03-01, decision_id: d-1}]"), True),
        (TEST % ("", EXPECTING + ", history: [{rule: letter, at: 2026-03-01, fee: {name: late, amount: 40}}]"), False),
        (TEST % ("", EXPECTING + ", history: [{rule: letter, at: 2026-03-01, also: []}]"), True),
        (TEST % ("", EXPECTING + ", history: {rule: letter, at: 2026-03-01}"), False),
        (TEST % ("", EXPECTING + ", history: [{rule: letter, at: 2026-03-01T09:00}]"), False),
        (TEST % ("", EXPECTING + ", history: [{rule: letter, at: 2026-03-01T09:00Z}]"), True),
        (TEST % (', plan: "a b"', EXPECTING), False),
        (TEST % (", tags: [a, b c]", EXPECTING), False),
        (TEST % (', advice_code: ""', EXPECTING), True),
        (TEST % (", tenure_days: 1.5", EXPECTING), False),
        (TEST % (", invoices: [{id: I1, due_on: 2026-03-01, open: 1, kind: a fee}]", EXPECTING), True),
        ((TEST % ("", EXPECTING)).replace("name: x", "name: 5"), True),
        ((TEST % ("", EXPECTING)).replace("ruleset: example", "ruleset: example.yaml"), True),
    ],
)
def test_editors_and_the_reader_agree(text: str, is_right: bool) -> None:  # noqa: FBT001  # a column of the table
    """What the schema allows is read, and what it refuses is refused: both are made from the same rows."""
    node = parse_yaml(text, "suite.yaml", allow_null=True).node
    assert node is not None
    assert jsonschema.Draft202012Validator(SCHEMAS["suite"]()).is_valid(to_data(node)) is is_right
    assert (load_suite(text, example().ruleset).suite is not None) is is_right
