"""Suites are asked and compared, and what did not come out is explained."""

import pytest

from engine.verification.run import CaseResult, run_suite
from tests.verification.material import FOLDER, example, suite_of

PASSING = suite_of((FOLDER / "suite.yaml").read_text(encoding="utf-8"))
ANNA = "{country: NL, currency: EUR, channels: [email], invoices: [{id: I1, due_on: 2026-03-01, open: 49.95}]}"


def run_one(test: str) -> CaseResult:
    """How the one case of a suite comes out; the account is Anna, who owes 49.95 since 1 March."""
    suite = suite_of(f"ruleset: example\naccounts: {{anna: {ANNA}}}\ntests:\n  - {{name: x, account: anna, {test}}}\n")
    (result,) = run_suite(suite, example()).cases
    return result


@pytest.mark.parametrize("case", PASSING.cases, ids=[case.name for case in PASSING.cases])
def test_case_passes(case: object) -> None:
    """Each case of suite.yaml comes out as its name says."""
    results = {result.name: result for result in run_suite(PASSING, example()).cases}
    result = results[getattr(case, "name", "")]
    assert result.status == ("skipped" if "left out" in result.name else "passed"), result.mismatches


@pytest.mark.parametrize(
    ("expect", "what", "expected", "came"),
    [
        ("rule: letter", "rule", "letter", "friendly-reminder"),
        ("rule: null", "rule", "nothing", "friendly-reminder"),
        ("level: 2", "level", "2", "1"),
        ("channel: sms", "channel", "sms", "email"),
        ("block: insolvency", "block", "insolvency", "nothing"),
        ("claim.total: 49.96", "claim.total", "49.96", "49.95"),
        ("claim.invoices: []", "claim.invoices", "[]", "[I1]"),
        ("claim.invoices: [I1, I2]", "claim.invoices", "[I1, I2]", "[I1]"),
        ("action.template: 2024.0", "action.template", "2024.0", "2024"),
        ("action.template: true", "action.template", "true", "2024"),
        ("outcome: wait", "outcome", "wait", "act"),
        ("as_of: 2026-03-06T01:00:00+01:00", "as_of", "2026-03-06T01:00:00+01:00", "2026-03-06T00:00:00+01:00"),
        ("upcoming: {rule: letter}", "upcoming", "{rule: letter}", "nothing"),
        ("along_with.0.type: notify_team", "along_with.0.type", "notify_team", "nothing"),
    ],
)
def test_case_fails(expect: str, what: str, expected: str, came: str) -> None:
    """What did not come as expected is named, with what was expected and what came."""
    result = run_one(f"as_of: 2026-03-06, expect: {{{expect}}}")
    assert result.status == "failed"
    assert [(each.what, each.expected, each.came) for each in result.mismatches] == [(what, expected, came)]


def test_parts_not_named_are_not_compared() -> None:
    """Only the part that is wrong fails."""
    result = run_one("as_of: 2026-03-06, expect: {rule: friendly-reminder, level: 3, channel: email}")
    assert [each.what for each in result.mismatches] == ["level"]


def test_a_failure_is_explained() -> None:
    """A case that fails carries the decision with all that its rules lacked, and the rule that was hoped for."""
    (why,) = run_one("as_of: 2026-03-02, expect: {rule: friendly-reminder}").why
    assert why.rule == "friendly-reminder"
    assert why.decision.explanation
    assert any(
        each.rule == "friendly-reminder" and each.fact == "days_overdue" for each in why.decision.explanation.rules
    )
    assert why.decision.explanation.facts


def test_a_passing_case_costs_no_explanation() -> None:
    """Nothing is explained where nothing went wrong."""
    assert run_one("as_of: 2026-03-06, expect: {rule: friendly-reminder}").why == ()


def test_an_account_that_cannot_be_decided_on_fails() -> None:
    """A needed fact that is missing is named as what came."""
    result = run_one("as_of: 2026-03-06, with: {channels: null}, expect: {rule: friendly-reminder}")
    assert result.status == "failed"
    assert "channels is needed by this ruleset" in result.mismatches[0].came


def test_a_missing_day_of_a_timeline_fails() -> None:
    """A day that is written and does not come out is named, and that day is explained."""
    result = run_one("timeline: {2026-03-03: letter, 2026-03-04: friendly-reminder}")
    assert [(each.what, each.expected, each.came) for each in result.mismatches] == [
        ("2026-03-03", "letter", "nothing")
    ]
    assert [why.decision.as_of.isoformat() for why in result.why] == ["2026-03-03T12:00:00+01:00"]


def test_a_day_too_many_of_a_timeline_fails() -> None:
    """A rule that wins on a day that is not written is named."""
    result = run_one("timeline: {2026-03-04: friendly-reminder}, until: 2026-03-20")
    assert [(each.what, each.expected, each.came) for each in result.mismatches] == [
        ("2026-03-15", "nothing", "letter")
    ]


def test_a_day_with_another_rule_fails_once() -> None:
    """A day on which another rule wins is one mismatch."""
    result = run_one("timeline: {2026-03-04: letter}")
    assert [(each.expected, each.came) for each in result.mismatches] == [("letter", "friendly-reminder")]


def test_what_was_executed_before_a_timeline_counts() -> None:
    """The history of a case comes before its first day."""
    result = run_one(
        "history: [{rule: friendly-reminder, at: 2026-03-04}], as_of: 2026-03-05, timeline: {2026-03-15: letter}"
    )
    assert result.status == "passed", result.mismatches


def test_cases_are_chosen_by_name() -> None:
    """Only cases whose name contains the text are asked, whatever its capitals."""
    result = run_suite(PASSING, example(), name_contains="THE LADDER")
    assert [case.name for case in result.cases] == ["The ladder, if she never pays"]
