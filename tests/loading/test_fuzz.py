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

WHOLE = (Path(__file__).parent / "good" / "whole.yaml").read_text(encoding="utf-8")
WHOLE_NODE = parse_yaml(WHOLE, "whole.yaml").node
assert WHOLE_NODE is not None
WHOLE_DATA = to_data(WHOLE_NODE)


def check(loaded: Loaded) -> None:
    """A file is a ruleset or has complaints, each at a place."""
    assert (loaded.ruleset is None) == bool(loaded.diagnostics)
    assert all(each.line >= 1 and each.column >= 1 and each.hint for each in loaded.diagnostics)


@pytest.mark.parametrize("seed", range(200))
def test_survives_torn_texts(seed: int) -> None:
    """Characters added, lost, moved and overwritten lead to diagnostics."""
    check(load_ruleset(tear(random.Random(seed), WHOLE)))


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
    loaded = load_ruleset(f"ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\n{part}\n")
    assert {each.code for each in loaded.diagnostics} == {"number-out-of-range"}
    assert all(len(each.message) < 200 for each in loaded.diagnostics)


def test_refuses_very_many_unknown_keys() -> None:
    """Each is compared with the keys that are left, which are looked up once and not for each."""
    keys = "".join(f"k{number}: 1\n" for number in range(60_000))
    found = load_ruleset(f"ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\nrules: []\n{keys}").diagnostics
    assert {each.code for each in found} == {"unknown-key"}


SCHEMA = jsonschema.Draft202012Validator(SCHEMAS["ruleset"]())
SHAPE = {"unknown-key", "unknown-parameter", "missing-key", "empty-text", "text-too-long", "repeated-item"}


@pytest.mark.parametrize("seed", range(150))
def test_editors_and_the_reader_agree(seed: int) -> None:
    """What the schema refuses is complained about, and no key or text is complained about that it allows."""
    data = spoil(random.Random(seed), WHOLE_DATA)
    found = load_ruleset(json.dumps(data, ensure_ascii=False)).diagnostics
    if SCHEMA.is_valid(data):
        assert not {each.code for each in found} & SHAPE
    else:
        assert found


@pytest.mark.parametrize("seed", range(300))
def test_survives_wrong_values(seed: int) -> None:
    """Any value in any place, keys lost and keys renamed lead to diagnostics."""
    check(load_ruleset(json.dumps(spoil(random.Random(seed), WHOLE_DATA), ensure_ascii=False)))
