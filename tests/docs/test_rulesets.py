"""Every YAML that a document shows loads, or is refused as the page says."""

import re
from textwrap import indent

import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.declarations import SharedFacts
from engine.loading.grammar.schemas import SCHEMAS
from engine.loading.load import load_ruleset, load_shared_facts, load_shared_scores
from engine.loading.node import Mapping, Node, Scalar, Sequence, find, items_of
from engine.loading.yamltext import parse_yaml
from engine.verification.reading import load_suite
from engine.verification.run import run_suite
from tests.docs.pages import Block, all_blocks, read_blocks

KEYS = set(SCHEMAS["ruleset"]()["properties"])  # type: ignore[call-overload]  # a JSON object
FRAME = {
    "ruleset": "ruleset: shown\n",
    "title": "title: Shown in a page\n",
    "currency": "currency: EUR\n",
    "timezone": "timezone: Europe/Amsterdam\n",
    "rules": "rules: []\n",
}
BLOCKS = all_blocks("yaml")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_shown_yaml_is_true(block: Block) -> None:
    """A ruleset, or a part of one, loads without an error; a suite fits its ruleset; all else is strict YAML."""
    parsed = parse_yaml(block.text, "shown.yaml", allow_null=True)
    keys = _keys_of(parsed.node)
    fails = block.marked("fails")
    if fails is not None:
        assert _errors_of(_frame(block.text, keys)) == [each.strip() for each in fails.split(",")]
    elif "tests" in keys:
        _check_suite(block)
    elif keys == ["facts"]:
        assert load_shared_facts(block.text).diagnostics == ()
    elif "scorecards" in keys:
        assert load_shared_scores(block.text, shared_facts=_facts_for(block.text)).diagnostics == ()
    elif keys and set(keys) <= KEYS:
        assert _errors_of(_frame(block.text, keys)) == []
    elif _is_list_of_rules(parsed.node):
        assert _errors_of(_frame("rules:\n" + indent(block.text, "  "), ["rules"])) == []
    else:
        assert parsed.diagnostics == ()


def _facts_for(text: str) -> SharedFacts | None:
    """Declare what a page forbids to score without saying what it is."""
    names = items_of(find(parse_yaml(text, "scorecard.yaml").node, "never_score"))
    declared = "".join(f"  {each.text}: {{type: enum}}\n" for each in names if isinstance(each, Scalar))
    return load_shared_facts(f"facts:\n{declared}").shared if declared else None


def _keys_of(node: Node | None) -> list[str]:
    return [entry.key.text for entry in node.entries] if isinstance(node, Mapping) else []


def _is_list_of_rules(node: Node | None) -> bool:
    return isinstance(node, Sequence) and all("then" in _keys_of(item) for item in node.items)


def _frame(text: str, keys: list[str]) -> str:
    """Return a part of a ruleset with the required keys that it lacks, below it so that lines stay."""
    return text + "".join(line for key, line in FRAME.items() if key not in keys)


def _errors_of(text: str) -> list[str]:
    found = load_ruleset(text, file="shown.yaml").diagnostics
    return [f"{each.code} at {each.line}:{each.column}" for each in found if each.severity == "error"]


def _check_suite(block: Block) -> None:
    """Run a suite against the ruleset that stands on the same page; all its cases must pass."""
    named = re.search(r"^ruleset: (\S+)", block.text, re.MULTILINE)
    assert named is not None, block.place
    whole = re.compile(rf"^ruleset: {named[1]}\s.*^rules:", re.MULTILINE | re.DOTALL)
    others = [other for other in read_blocks(block.page) if other.language == "yaml" and whole.search(other.text)]
    assert others, f"{block.place}: the page shows no ruleset {named[1]}"
    ruleset = load_ruleset(others[0].text).ruleset
    assert ruleset is not None
    loaded = load_suite(block.text, ruleset)
    assert loaded.diagnostics == ()
    assert loaded.suite is not None
    results = run_suite(loaded.suite, compile_ruleset(ruleset)).cases
    assert [case.name for case in results if case.status == "failed"] == []
