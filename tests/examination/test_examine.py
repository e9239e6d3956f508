"""The front door: read, analyse, compile once, test."""

import datetime as dt

import pytest

from engine.evaluation.program import Compiled
from engine.examination.examine import examine_files, examine_text

RULESET = """
ruleset: an-example
title: An example
currency: EUR
timezone: Europe/Amsterdam
rules:
  - {id: suspend, when: {days_overdue: 3.., points: 1..}, then: {action: suspend_service}}
  - {id: never, when: {days_overdue: {at_least: 9, at_most: 3}}, then: {action: write_off}}
"""
FACTS = "facts:\n  points: {type: integer, default: 1}\n"
SUITE = """
ruleset: an-example
tests:
  - {name: late, account: {currency: EUR, days_overdue: 5}, as_of: 2026-03-02, expect: {rule: suspend}}
  - {name: early, account: {currency: EUR, days_overdue: 1}, as_of: 2026-03-02, expect: {rule: suspend}}
"""


def test_a_ruleset_is_read_with_the_facts_beside_it() -> None:
    """Without them it is broken; where they are broken themselves, nothing can be used."""
    assert examine_text(RULESET, file="a.yaml", facts=FACTS).rulesets
    assert examine_text(RULESET, file="a.yaml").has_errors
    broken = examine_text(RULESET, file="a.yaml", facts="facts: {points: {type: number}}\n")
    assert broken.rulesets == ()
    assert {each.file for each in broken.diagnostics} >= {"facts.yaml"}


def test_what_analysis_finds_stands_beside_the_rest() -> None:
    """Findings come by place, each with an account that shows it; a second reading is not needed."""
    text = RULESET.replace("rules:", "conditions: {spare: {vip: true}}\nrules:", 1)
    examination = examine_text(text, file="a.yaml", facts=FACTS).analyse(on=dt.date(2026, 3, 2))
    assert [each.code for each in examination.diagnostics] == ["unused-condition", "never-holds"]
    assert all(each.witness for each in examination.diagnostics)
    assert not examination.has_errors


def test_a_ruleset_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Analysis, the suite and whoever asks share one compiled form."""
    made: list[str] = []
    compile_one = Compiled.__init__

    def count(self: Compiled, *args: object, **more: object) -> None:
        made.append("compiled")
        compile_one(self, *args, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Compiled, "__init__", count)
    examination = examine_text(RULESET, file="a.yaml", facts=FACTS).analyse()
    (ruleset,) = examination.rulesets
    run = examination.run_suite(SUITE, "a_test.yaml", ruleset)
    assert examination.compiled(ruleset) is examination.compiled(ruleset)
    assert [case.status for case in run.cases] == ["passed", "failed"]
    assert made == ["compiled"]
    examination.close()


def test_a_suite_that_cannot_be_read_says_why() -> None:
    """Nothing is asked then."""
    examination = examine_text(RULESET, file="a.yaml", facts=FACTS)
    run = examination.run_suite("ruleset: an-example\ntests: 3\n", "a_test.yaml", examination.rulesets[0])
    assert run.result is None
    assert run.diagnostics
    assert run.cases == ()


def test_a_folder_is_read_whole() -> None:
    """Broken files are named, the others are there; suites are no rulesets."""
    files = {"f/a.yaml": RULESET, "f/facts.yaml": FACTS, "f/b.yaml": "ruleset: b\n", "f/a_test.yaml": SUITE}
    examination = examine_files({name: text.encode() for name, text in files.items()})
    assert [each.id for each in examination.rulesets] == ["an-example"]
    assert examination.broken == {"f/b.yaml"}
    assert examination.count == 2
