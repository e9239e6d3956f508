"""Whatever is done to a ruleset, loading answers with a ruleset or with diagnostics, never with an exception."""

import json
import random
from pathlib import Path

import jsonschema
import pytest

from engine.loading.grammar.schemas import SCHEMAS
from engine.loading.load import Loaded, load_ruleset
from engine.loading.node import to_data
from engine.loading.yamltext import parse_yaml
from tests.loading.garbling import spoil, tear

TESTS = Path(__file__).parents[1]
FILES = (TESTS / "loading" / "good" / "whole.yaml", TESTS / "language" / "tables.yaml")
TEXTS = [path.read_text(encoding="utf-8") for path in FILES]
NODES = [parse_yaml(text, "good.yaml").node for text in TEXTS]
DATA = [to_data(node) for node in NODES if node is not None]
EACH = pytest.mark.parametrize("file", range(len(FILES)), ids=[path.stem for path in FILES])
HEAD = "ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\n"


def check(loaded: Loaded) -> None:
    """A file is a ruleset or has complaints, each at a place."""
    assert (loaded.ruleset is None) == bool(loaded.diagnostics)
    assert all(each.line >= 1 and each.column >= 1 and each.hint for each in loaded.diagnostics)


@EACH
@pytest.mark.parametrize("seed", range(200))
def test_survives_torn_texts(seed: int, file: int) -> None:
    """Characters added, lost, moved and overwritten lead to diagnostics."""
    check(load_ruleset(tear(random.Random(seed), TEXTS[file])))


CUT = (
    HEAD
    + """\
rules:
  - {id: a, when: {days_overdue: 3.., not: {country: [NL, "DE"]}}, then: {action: none}} # why
  - id: b
    when:
      any:
        - {segment: 'vip', currency: EUR}
        - days_overdue: {from: 3, to: 7}
    then: {action: send_reminder, channel: email, template: t.1, metadata: {k: v}}
"""
)


def test_survives_a_file_that_is_cut_anywhere() -> None:
    """Somebody is still writing: wherever the file ends, with a new line or without, it is read or refused."""
    for end in range(len(CUT) + 1):
        check(load_ruleset(CUT[:end]))
        check(load_ruleset(CUT[:end] + "\n"))


DIGITS = "9" * 500_000


@pytest.mark.parametrize(
    "part",
    [
        f'rules: [{{id: a, then: {{action: none}}, level: "{DIGITS}"}}]',
        f'rules: [{{id: a, then: {{action: none}}, repeat: {{every_days: "{DIGITS}"}}}}]',
        f'rules: [{{id: a, then: {{action: none}}, when: {{days_overdue: "{DIGITS}"}}}}]',
        f'rules: [{{id: a, then: {{action: none}}, when: {{open_balance: "{DIGITS}"}}}}]',
        f'rules: [{{id: a, then: {{action: none}}, when: {{risk_score: "{DIGITS}"}}}}]',
        f'rules: []\nfees: {{a: {{fixed: "{DIGITS}"}}, b: {{basis: open_balance, percent: "{DIGITS}"}}}}',
    ],
    ids=["level", "days", "days of a fact", "amount", "decimal", "fees"],
)
def test_refuses_numbers_of_very_many_digits(part: str) -> None:
    """They are refused before they become integers, which takes minutes, in a message that can be read."""
    loaded = load_ruleset(f"{HEAD}{part}\n")
    assert {each.code for each in loaded.diagnostics} == {"number-out-of-range"}
    assert all(len(each.message) < 200 for each in loaded.diagnostics)


def test_refuses_very_many_unknown_keys() -> None:
    """Each is compared with the keys that are left, which are looked up once and not for each."""
    keys = "".join(f"k{number}: 1\n" for number in range(60_000))
    found = load_ruleset(f"{HEAD}rules: []\n{keys}").diagnostics
    assert {each.code for each in found} == {"unknown-key"}


def test_refuses_tables_that_are_small_only_as_they_are_written() -> None:
    """What all rows have in common is not written out for each of very many; the other tables are read."""
    shared = ", ".join(["{vip: true}"] * 20_000)
    rows = ", ".join(f"[r{number}]" for number in range(50_000))
    found = load_ruleset(
        f"{HEAD}rules:\n"
        f"  - {{table: t, when: {{any: [{shared}]}}, then: {{action: none}}, columns: [id], rows: [{rows}]}}\n"
        "  - {table: u, then: {action: none}, columns: [id], rows: [[a]]}\n"
        "  - {id: later, after: [{rule: t}, {rule: u-a}], then: {action: none}}\n"
    ).diagnostics
    assert [(each.code, each.line) for each in found] == [("list-too-long", 6)]


@pytest.mark.parametrize(
    ("key", "parts", "said"),
    [
        ("experiments", [f"e{number}: {{variants: {{a: 100}}}}" for number in range(1_001)], "1,001 items; 1,000 are"),
        ("attempt_limits", ["{at_most: 1, per_days: 1}"] * 101, "101 items; 100 are"),
    ],
    ids=["experiments", "attempt limits"],
)
def test_refuses_very_many_of_what_is_weighed_against_each_other(key: str, parts: list[str], said: str) -> None:
    """A file stays quick to check, and the editor knows how many are the most."""
    opening, closing = "{}" if key == "experiments" else "[]"
    text = f"{HEAD}rules: []\n{key}: {opening}{', '.join(parts)}{closing}\n"
    found = load_ruleset(text).diagnostics
    assert [(each.code, each.line) for each in found] == [("list-too-long", 6)]
    assert said in found[0].message
    node = parse_yaml(text, "long.yaml").node
    assert node is not None
    assert not SCHEMA.is_valid(to_data(node))
    assert load_ruleset(text.replace(f", {parts[-1]}{closing}", closing)).diagnostics == ()


SCHEMA = jsonschema.Draft202012Validator(SCHEMAS["ruleset"]())
SHAPE = {"unknown-key", "unknown-parameter", "missing-key", "empty-text", "text-too-long", "repeated-item"}


@EACH
@pytest.mark.parametrize("seed", range(150))
def test_editors_and_the_reader_agree(seed: int, file: int) -> None:
    """What the schema refuses is complained about, and no key or text is complained about that it allows."""
    data = spoil(random.Random(seed), DATA[file])
    found = load_ruleset(json.dumps(data, ensure_ascii=False)).diagnostics
    if SCHEMA.is_valid(data):
        assert not {each.code for each in found} & SHAPE
    else:
        assert found


@EACH
@pytest.mark.parametrize("seed", range(300))
def test_survives_wrong_values(seed: int, file: int) -> None:
    """Any value in any place, keys lost and keys renamed lead to diagnostics."""
    check(load_ruleset(json.dumps(spoil(random.Random(seed), DATA[file]), ensure_ascii=False)))
