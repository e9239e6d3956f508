"""The JSON Schemas of every kind of file; schemas/ holds what they yield."""

import json
from collections.abc import Callable

from engine.loading.grammar.account import ENTRY, define_account
from engine.loading.grammar.actions import define_actions
from engine.loading.grammar.conditions import define_conditions
from engine.loading.grammar.facts import FACTS, SHARED_FACTS
from engine.loading.grammar.guarantees import SHARED_GUARANTEES
from engine.loading.grammar.kinds import Kind
from engine.loading.grammar.outcomes import OUTCOME
from engine.loading.grammar.parts import AMOUNT_FORM
from engine.loading.grammar.ruleset import RULESET
from engine.loading.grammar.scorecards import SHARED_SCORES
from engine.loading.grammar.suite import CHECK, SUITE
from engine.loading.grammar.terms import JsonSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _make_ruleset_schema() -> JsonSchema:
    about = "Which dunning action comes next for an account: language.md as a JSON Schema."
    amount, facts = {"amount": AMOUNT_FORM}, {"facts": FACTS.schema()}
    definitions = {**amount, **define_conditions(), **facts, **define_actions()}
    return {**_describe("ruleset", "Dunning ruleset", about, RULESET), "$defs": definitions}


def _make_facts_schema() -> JsonSchema:
    return _describe(
        "facts", "Shared facts", "Facts that all rulesets of a folder may use besides the standard ones.", SHARED_FACTS
    )


def _make_scorecard_schema() -> JsonSchema:
    about = "Points for the classes of facts, which add up to facts that every ruleset of the folder may use."
    return _describe("scorecard", "Shared scorecards", about, SHARED_SCORES)


def _make_guarantees_schema() -> JsonSchema:
    about = "What can never happen, by any ruleset of the folder."
    definitions = {"amount": AMOUNT_FORM, **define_conditions()}
    return {**_describe("guarantees", "Shared guarantees", about, SHARED_GUARANTEES), "$defs": definitions}


def _make_suite_schema() -> JsonSchema:
    about = "What a ruleset must decide for these accounts."
    definitions = {"account": define_account(), "entry": ENTRY.schema(), "outcome": OUTCOME.schema()}
    return {**_describe("suite", "Dunning test suite", about, SUITE), "$defs": definitions}


def _make_check_schema() -> JsonSchema:
    return _describe("check", "Dunning check", "What dunning check must say of a ruleset file.", CHECK)


def _describe(name: str, title: str, about: str, table: Kind) -> JsonSchema:
    head = {"$schema": DIALECT, "$id": f"{name}.schema.json", "title": title, "description": about}
    return {**head, **table.schema()}


SCHEMAS: dict[str, Callable[[], JsonSchema]] = {
    "ruleset": _make_ruleset_schema,
    "facts": _make_facts_schema,
    "scorecard": _make_scorecard_schema,
    "guarantees": _make_guarantees_schema,
    "suite": _make_suite_schema,
    "check": _make_check_schema,
}


def schema_text(name: str) -> str:
    """The text of ``schemas/<name>.schema.json``."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"
