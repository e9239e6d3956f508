"""One spelling of numbers, of values and of what is missing: as a sentence says them, and as an author writes them."""

import pytest

from engine.conditions.sets import ValueSet, booleans, integers, words, words_except
from engine.loading.load import load_ruleset
from engine.model.vocabulary import STANDARD_FACTS
from engine.words.flow import write_flow
from engine.words.notation import write_condition, write_values
from engine.words.phrases import join, lower_first, name_rules
from engine.words.values import format_number, say_days_ago, say_set

SETS: list[tuple[str, ValueSet, str, str]] = [
    ("days_overdue", integers((14, None)), "at least 14", "14.."),
    ("days_overdue", integers((None, 3), (9, 9)), "at most 3 or 9", "[..3, 9]"),
    ("days_overdue", integers((None, None)), "anything given", "{is: present}"),
    ("days_overdue", integers(missing=True), "not given", "{is: missing}"),
    ("risk_score", integers((7500, None)), "at least 0.7500", "0.7500.."),
    ("open_balance", integers((1000, 2050), missing=True), "10.00 to 20.50 or not given", "10.00..20.50 or missing"),
    ("country", words("NL", "BE"), "BE or NL", "[BE, NL]"),
    ("country", words_except("NL"), "anything but NL", "{not: NL}"),
    ("vip", booleans(*(True,)), "true", "true"),
]


@pytest.mark.parametrize(("fact", "values", "said", "written"), SETS)
def test_a_set_is_said_and_written(fact: str, values: ValueSet, said: str, written: str) -> None:
    """A sentence says what is required; the notation is what the language takes."""
    assert say_set(values, STANDARD_FACTS[fact], "EUR") == said
    assert write_values(STANDARD_FACTS[fact], values, "EUR") == written


@pytest.mark.parametrize("written", sorted({each for _, _, _, each in SETS if " or " not in each}))
def test_what_is_written_can_be_pasted(written: str) -> None:
    """Of each set some fact takes what is written as a condition."""
    facts = [fact for fact, _, _, each in SETS if each == written]
    text = f"""
ruleset: an-example
title: An example
currency: EUR
timezone: Europe/Amsterdam
rules:
  - {{id: a, when: {{{facts[0]}: {written}}}, then: {{action: suspend_service}}}}
"""
    loaded = load_ruleset(text)
    assert loaded.ruleset is not None, loaded.diagnostics
    edition = loaded.ruleset.editions["EUR"]
    assert write_condition(edition.rules[0].when, edition) == f"{facts[0]}: {written}"


def test_a_long_list_of_names_is_cut_short_and_values_are_not() -> None:
    """Nobody reads fifty names, and that some are left out is seen; values without one of them are other values."""
    assert write_values(STANDARD_FACTS["country"], words(*"ABCDEFGH"), "EUR") == "[A, B, C, D, E, F, G, H]"
    assert join("ABCDEFGH") == "A, B, C, D, E and 3 more"


def test_acronyms_keep_their_capitals() -> None:
    """A title inside a sentence begins small, but an SMS stays one."""
    assert [lower_first(title) for title in ("SMS reminder", "Friendly reminder", "A short text", "")] == [
        "SMS reminder",
        "friendly reminder",
        "a short text",
        "",
    ]


def test_days_names_and_numbers() -> None:
    """Days ago, names of rules and numbers below zero are said one way."""
    assert say_days_ago("step executed", integers((1, 1), (7, None), missing=True)) == (
        "step executed 1 day ago or step executed 7 days ago or more or never"
    )
    assert name_rules(["a"]) == "the rule “a”"
    assert name_rules(["a", "b"]) == "the rules “a” and “b”"
    assert format_number(STANDARD_FACTS["risk_score"], -75, "EUR") == "-0.0075"


def test_a_document_is_written_on_one_line() -> None:
    """A word that YAML would take for something else stands in quotes."""
    document = {"id": "A-1", "vip": True, "tags": ["true", "NULL", "plain"], "note": 'say "yes"', "n": 3}
    assert write_flow(document) == '{id: A-1, vip: true, tags: ["true", "NULL", plain], note: "say \\"yes\\"", n: 3}'
