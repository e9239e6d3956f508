"""What is proved of rules that ask for a score: exactly what the points allow."""

import pytest

from engine.examination.examine import Examination, examine_files
from tests.analysis.reading import complete

CARD = """\
scorecards:
  risk_score:
    base: 10
    points:
      segment: {{classes: [{{when: consumer, points: {consumer}}}, {{when: smb, points: 20}}], otherwise: 30}}
      broken_promises: {{classes: [{{when: 0, points: 0}}, {{when: 1..2, points: 20}}], otherwise: 40}}
      tags: {{classes: [{{when: slow, points: 5}}], otherwise: 0}}
      tenure_days: {{classes: [{{when: ..364, points: 5}}, {{when: {{is: missing}}, points: 0}}], otherwise: 0}}
"""
RULES = """\
rules:
  - {{id: agency, when: {{days_overdue: 3.., risk_score: {asked}}}, then: {{action: hand_over, to: agency}}}}
"""
POLICY = "guarantees: [{id: g, never: {action: hand_over, when: {segment: consumer}}}]\n"


def examine(asked: str, *, consumer: int = 0, policy: str = POLICY) -> Examination:
    """Check a rule that asks for such a score, where a consumer has so many points."""
    files = {
        "r.yaml": complete(RULES.format(asked=asked)),
        "scorecard.yaml": CARD.format(consumer=consumer),
        "guarantees.yaml": policy,
    }
    examination = examine_files({name: text.encode() for name, text in files.items()})
    assert not examination.diagnostics
    return examination.analyse()


@pytest.mark.parametrize(
    ("asked", "consumer", "verdict"), [("61..", 0, "proved"), ("61..", 1, "refuted"), ("..60", 0, "refuted")]
)
def test_a_guarantee_is_proved_from_the_points(asked: str, consumer: int, verdict: str) -> None:
    """A consumer has 60 points at most: what needs more happens to none, and a point more refutes it."""
    (judged,) = examine(asked, consumer=consumer).judged["an-example"]
    assert judged.verdict == verdict


def test_a_refuted_guarantee_shows_facts_that_add_up() -> None:
    """The account that is shown gives no score: its facts have the points, and it was asked."""
    examination = examine("58..61", consumer=1)
    (found,) = [each for each in examination.diagnostics if each.code == "guarantee-refuted"]
    assert found.witness
    account = found.witness.account
    assert "risk_score" not in account
    assert account["segment"] == "consumer"
    promises = account["broken_promises"]
    assert isinstance(promises, int)
    assert promises >= 3


@pytest.mark.parametrize(("asked", "codes"), [("85..", set()), ("91..", {"never-holds"}), ("11..14", {"never-holds"})])
def test_only_sums_of_points_are_possible(asked: str, codes: set[str]) -> None:
    """A rule that asks for more than all points, or for what lies between two sums, never wins."""
    found = {each.code for each in examine(asked, policy="guarantees: []\n").diagnostics if each.severity != "info"}
    assert found == codes


NEVER = """\
scorecards:
  risk_score:
    points:
      broken_promises:
        classes:
          - {when: 1.., points: 15}
          - {when: 3.., points: 40}{comment}
        otherwise: 0
"""


@pytest.mark.parametrize(
    ("comment", "told"),
    [("", [("class-never-counts", 7)]), ("  # dunning: ignore class-never-counts we count to three", [])],
)
def test_a_class_that_never_counts_is_told_once(comment: str, told: list[tuple[str, int]]) -> None:
    """It is told at its line for all rulesets of the folder, with an account, and a comment there silences it."""
    files = {f"{name}.yaml": complete(f"ruleset: {name}\napplies_to: {{plan: {name}}}\n") for name in ("a", "b")}
    files["scorecard.yaml"] = NEVER.replace("{comment}", comment)
    examination = examine_files({name: text.encode() for name, text in files.items()}).analyse()
    found = [each for each in examination.diagnostics if each.file == "scorecard.yaml"]
    assert [(each.code, each.line) for each in found] == told
