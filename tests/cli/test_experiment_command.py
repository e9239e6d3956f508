"""`dunning experiment plan` says how large and how long an experiment must be."""

import json
from pathlib import Path

import pytest

from tests.cli.command import dunning

TONE = """
ruleset: tone
title: Which tone works better
currency: EUR
timezone: Europe/Amsterdam
experiments:
  tone-test: {variants: {control: 50, friendly: 50}, until: 2026-12-31}
rules:
  - {id: friendly, when: {experiment: {tone-test: friendly}}, then: {action: raise_event, name: late}}
  - {id: neutral, then: {action: raise_event, name: late}}
"""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A ruleset with an experiment of two halves."""
    path = tmp_path / "tone.yaml"
    path.write_text(TONE, encoding="utf-8")
    return path


def test_a_plan_is_a_table_and_a_sentence(tone: Path) -> None:
    """Who reads it learns each group's size and the day before which nothing is said."""
    result = dunning("experiment", "plan", tone, "tone-test", "--base", "65", "--effect", "20", "--per-day", "7")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "To tell 85 % from 65 % who pay within 14 days:",
        "",
        "group     of all  accounts",
        "control     50 %        70",
        "friendly    50 %        70",
        "together               140",
        "",
        "At 7 accounts a day that takes 20 days.",
        "With 14 days more, until the last had time to pay, it is 34 days:",
        "say nothing of it before.",
    ]


def test_programs_read_json(tone: Path) -> None:
    """The same as a document."""
    words = ("--base", "65%", "--effect", "20", "--per-day", "7", "--within", "7", "--format", "json")
    document = json.loads(dunning("experiment", "plan", tone, "tone-test", *words).stdout)
    assert document == {
        "groups": [
            {"name": "control", "percent": 50.0, "accounts": 70},
            {"name": "friendly", "percent": 50.0, "accounts": 70},
        ],
        "accounts": 140,
        "days": 27,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("other", "--base", "40", "--effect", "3"), "There is no experiment other"),
        (("tone-test", "--base", "98", "--effect", "3"), "between 0 and 100 %"),
        (("tone-test", "--base", "40", "--effect", "0"), "difference of 0"),
        (("tone-test", "--base", "a lot", "--effect", "3"), "“a lot” is not a number of percent"),
    ],
)
def test_what_cannot_be_planned_is_said(tone: Path, words: tuple[str, ...], said: str) -> None:
    """A question without an answer ends with the status of a mistake in the command."""
    result = dunning("experiment", "plan", tone, *words, "--per-day", "7")
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
