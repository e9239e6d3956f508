"""The JSON Schemas are committed, fresh, valid, explain every key, and never refuse what the language allows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.loading.grammar.schemas import SCHEMAS, schema_text
from engine.loading.load import load_ruleset, load_shared_facts
from engine.loading.mistakepage import write_mistake_page
from engine.loading.node import to_data
from engine.loading.yamlslips import TEXT_KEYS
from engine.loading.yamltext import parse_yaml
from schemas import read_schema
from tests.loading.broken import Case, complete, read_cases

ROOT = Path(__file__).parents[2]
LONGEST_OWN_WORDS = 1000  # what the grammar lets a text be
EXAMPLES = [
    *sorted((ROOT / "rulesets").glob("*.yaml")),
    Path(__file__).parent / "good" / "whole.yaml",
    *sorted((ROOT / "tests" / "language").glob("*.yaml")),
]
VALIDATORS = {name: jsonschema.Draft202012Validator(make()) for name, make in SCHEMAS.items()}


def kind_of(path: Path) -> str:
    """Tell which schema a file has."""
    if path.stem in {"facts", "guarantees"}:
        return path.stem
    return "suite" if path.stem.endswith("_test") else "check" if path.stem.endswith("_check") else "ruleset"


@pytest.mark.parametrize("name", SCHEMAS)
def test_is_committed_fresh(name: str) -> None:
    """The committed schema is the one that the vocabulary yields; `dunning schema` writes it."""
    assert read_schema(f"{name}.schema.json").decode() == schema_text(name)


def test_the_page_of_codes_is_fresh() -> None:
    """docs/authors/diagnostics.md is what the table of codes yields."""
    assert (ROOT / "docs" / "authors" / "diagnostics.md").read_text(encoding="utf-8") == write_mistake_page()


@pytest.mark.parametrize("name", SCHEMAS)
def test_is_a_schema(name: str) -> None:
    """Each schema is valid Draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name]())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_allows_the_examples(path: Path) -> None:
    """Every file that ships, and every case of the language, is valid by its schema alone."""
    parsed = parse_yaml(path.read_bytes(), str(path), allow_null=kind_of(path) == "suite")
    assert parsed.node is not None
    assert list(VALIDATORS[kind_of(path)].iter_errors(to_data(parsed.node))) == []


@pytest.mark.parametrize(
    ("item", "is_right"),
    [
        ("{table: t, then: {action: charge_fee}, columns: [id, fee], rows: [[a, late], [b, -]]}", True),
        ("{id: t, then: {action: charge_fee}}", False),
        ("{table: t, then: {action: charge_fee, feee: late}, columns: [id], rows: [[a]]}", False),
        ("{table: t, then: {action: none}, columns: [id]}", False),
        ("{table: t, id: u, then: {action: none}, columns: [id], rows: [[a]]}", False),
        ("{table: t, then: {action: none}, columns: id, rows: [[a]]}", False),
        ("{table: t, then: {action: none}, columns: [[id]], rows: [[a]]}", False),
        ("{table: t, then: {action: none}, columns: [id], rows: [a]}", False),
        ("{table: t, then: {action: none}, columns: [id, then.language, my-fact], rows: [[a, {b: c}, [1..2]]]}", True),
    ],
)
def test_knows_a_table_from_a_rule(item: str, is_right: bool) -> None:  # noqa: FBT001  # a column of the table
    """What a table must have is asked of tables, and of rules what rules must have."""
    text = f"ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\nfees: {{late: {{fixed: 1}}}}\nrules: [{item}]\n"
    parsed = parse_yaml(text, "a.yaml")
    assert parsed.node is not None
    assert VALIDATORS["ruleset"].is_valid(to_data(parsed.node)) is is_right


def find_properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk over every key that a schema describes."""
    if isinstance(schema, dict):
        for key, each in schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ():
            yield f"{path}/{key}", each
        for key, each in schema.items():
            yield from find_properties(each, f"{path}/{key}")
    elif isinstance(schema, list):
        for each in schema:
            yield from find_properties(each, path)


@pytest.mark.parametrize("name", SCHEMAS)
def test_explains_every_key(name: str) -> None:
    """An editor has hover text for every key, fact, action and parameter of each kind of file."""
    schema = SCHEMAS[name]()
    definitions: Any = schema.get("$defs", {})
    silent: list[str] = []
    for path, each in find_properties(schema):
        shown = {**definitions[each["$ref"].rpartition("/")[2]], **each} if "$ref" in each else each
        if "const" not in shown and not (shown.get("description") and shown.get("markdownDescription")):
            silent.append(path)
    assert silent == []


def find_snippets(schema: Any) -> Iterator[Any]:
    """Walk over every snippet that an editor offers."""
    if isinstance(schema, dict):
        yield from schema.get("defaultSnippets", ())
    for each in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from find_snippets(each)


def test_snippets_are_valid() -> None:
    """What an editor lays out for a new rule, table, block, fee or guarantee loads as it stands, placeholders left."""
    snippets = {each["label"]: each["body"] for each in find_snippets(SCHEMAS["ruleset"]())}
    written = re.sub(r"\$\{[0-9]+:([^{}]*)\}", r"\1", json.dumps(snippets))
    laid = json.loads(written)
    assert set(laid) == {"rule", "table", "block", "fee", "guarantee"}
    text = {
        "ruleset": "a", "title": "A", "currency": "EUR", "timezone": "UTC",
        "rules": [laid["rule"], {**laid["table"], "table": "t"}], "blocks": [laid["block"]],
        "fees": {"late": laid["fee"]}, "guarantees": [laid["guarantee"]],
    }  # fmt: skip
    assert load_ruleset(json.dumps(text)).diagnostics == ()


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_refuses_nothing_that_loads(case: Case) -> None:
    """Whatever the schema refuses in a broken ruleset, loading refuses too: no editor is stricter than we are."""
    text = complete(case)
    parsed = parse_yaml(text, "case.yaml")
    if parsed.node is None or parsed.diagnostics:
        return
    shared = None if case.shared is None else load_shared_facts(case.shared).shared
    is_valid = VALIDATORS["ruleset"].is_valid(to_data(parsed.node))
    assert is_valid or load_ruleset(text, shared_facts=shared).diagnostics


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_colon_in_a_text_asks_for_quotes(name: str) -> None:
    """The keys whose value is a text in the author's own words are those that the parser's hints take for such."""
    schema = SCHEMAS[name]()
    definitions: Any = schema.get("$defs", {})
    for path, each in find_properties(schema):
        shown = {**definitions[each["$ref"].rpartition("/")[2]], **each} if "$ref" in each else each
        if shown.get("maxLength") == LONGEST_OWN_WORDS:
            assert path.rpartition("/")[2] in TEXT_KEYS
