"""Coverage says what the suites have seen of a ruleset, and drafts cases for what they have not."""

import pytest

from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.verification.coverage import Coverage, Observer, measure
from engine.verification.reading import load_suite
from engine.verification.run import run_suite
from engine.verification.suggesting import suggest_cases
from tests.verification.material import FOLDER, example, suite_of

ACCOUNT = "country: NL, currency: EUR, channels: [email]"


def measure_cases(*tests: str) -> Coverage:
    """What cases about the example ruleset cover; each is the middle of a test."""
    lines = "".join(f"  - {{name: t{i}, account: {{{ACCOUNT}{test}}}\n" for i, test in enumerate(tests))
    suite = suite_of(f"ruleset: example\ntests:\n{lines}")
    return measure(Observer(example()), [run_suite(suite, example())])


def met(coverage: Coverage) -> set[str]:
    """What has been seen, in words."""
    return {goal.what for goal in coverage.met}


def test_no_case_covers_nothing() -> None:
    """A ruleset without suites is not covered."""
    coverage = measure(Observer(example()), [])
    assert coverage.percent() == 0
    assert coverage.count("rule") == (0, 5)


def test_a_rule_is_covered_where_it_wins() -> None:
    """The rule that wins is covered, a rule that would hold as well is not."""
    coverage = measure_cases(", days_overdue: 20, overdue_balance: 20}, as_of: 2026-03-06, expect: {outcome: act}")
    assert {what for what in met(coverage) if what.endswith("wins")} == {"rule friendly-reminder wins"}


def test_a_condition_is_covered_both_ways() -> None:
    """A condition is seen to hold by one case and not to hold by another."""
    coverage = measure_cases(
        ", insolvent: true, days_overdue: 1}, as_of: 2026-03-06, expect: {outcome: blocked}",
        ", days_overdue: 1}, as_of: 2026-03-06, expect: {outcome: wait}",
    )
    assert {"block insolvency: insolvent: true holds", "block insolvency: insolvent: true does not hold"} <= met(
        coverage
    )


@pytest.mark.parametrize(("days", "level"), [(2, "null"), (3, "1")])
def test_a_boundary_is_covered_at_the_very_value(days: int, level: str) -> None:
    """Only the value at the boundary, or the next beyond it, tests the boundary."""
    test = f", days_overdue: {days}, overdue_balance: 20}}, as_of: 2026-03-06, expect: {{level: {level}}}"
    seen = {what for what in met(measure_cases(test)) if "days_overdue: 3.. at" in what}
    assert seen == {f"rule friendly-reminder: days_overdue: 3.. at {days}"}


def test_a_boundary_is_not_covered_where_something_else_decides() -> None:
    """Two days are too few for the reminder, but so is nothing owed: the case would not see the number moved."""
    test = ", days_overdue: 2, overdue_balance: 0}, as_of: 2026-03-06, expect: {level: null}"
    assert not {what for what in met(measure_cases(test)) if "days_overdue: 3.. at" in what}


def compile_shop(days: int, cents: int) -> Compiled:
    """A shop that reminds from so many days overdue and so many cents on."""
    amount = f"{cents // 100}.{cents % 100:02}"
    when = f"{{days_overdue: {days}.., overdue_balance: {{at_least: {amount}}}}}"
    rule = f"{{id: reminder, when: {when}, then: {{action: send_reminder, channel: email}}}}"
    ruleset = load_ruleset(f"ruleset: example\ntitle: A\ncurrency: EUR\ntimezone: UTC\nrules: [{rule}]\n").ruleset
    assert ruleset is not None
    return compile_ruleset(ruleset)


@pytest.mark.parametrize(("days", "cents"), [(2, 1000), (4, 1000), (3, 999), (3, 1001)])
def test_suggested_cases_fail_where_a_number_is_moved_by_one(days: int, cents: int) -> None:
    """A suite of what is suggested passes as it is, and not where a threshold is one more or one less."""
    observer = Observer(compile_shop(3, 1000))
    drafts = suggest_cases(observer, measure(observer, []), [])
    text = "".join(f"{draft.case}\n" for draft in drafts)
    loaded = load_suite(f"ruleset: example\ntests:\n{text}", observer.compiled.ruleset, file="example_test.yaml")
    assert loaded.suite is not None, loaded.diagnostics
    assert run_suite(loaded.suite, observer.compiled).failed_count == 0
    assert run_suite(loaded.suite, compile_shop(days, cents)).failed_count > 0


def test_a_boundary_that_never_decides_is_not_asked_for() -> None:
    """Two blocks of one and the same number: the second changes nothing, whatever its number is moved to."""
    blocks = "[{id: a, when: {days_overdue: 3..}, reason: A}, {id: b, when: {days_overdue: 3..}, reason: B}]"
    rule = "{id: r, then: {action: none}}"
    text = f"ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\nblocks: {blocks}\nrules: [{rule}]\n"
    ruleset = load_ruleset(text).ruleset
    assert ruleset is not None
    whats = {goal.what for goal in measure(Observer(compile_ruleset(ruleset)), []).unmet if goal.kind == "boundary"}
    assert whats == {
        "block a: days_overdue: 3.. at 3",
        "block a: days_overdue: 3.. at 2",
        "block b: days_overdue: 3.. at 2",
    }


def test_amounts_have_boundaries_a_cent_apart() -> None:
    """One step beyond an amount is one minor unit."""
    whats = {goal.what for goal in measure(Observer(example()), []).unmet}
    assert {f"rule friendly-reminder: overdue_balance: 10.00.. at {amount}" for amount in ("10.00", "9.99")} <= whats


TABLE = """\
ruleset: a
title: A
currency: EUR
timezone: UTC
rules:
  - table: t
    when: {days_overdue: 3..}
    then: {action: none}
    columns: [id, segment, customer_value]
    rows:
      - [low, x, ..5]
      - [high, x, 6..]
"""


def test_a_table_has_rows_and_what_all_of_them_ask() -> None:
    """A cell is asked for with its row's id and line; what stands in the table once is asked for once."""
    ruleset = load_ruleset(TABLE).ruleset
    assert ruleset is not None
    goals = measure(Observer(compile_ruleset(ruleset)), []).unmet
    assert {(goal.at.line, goal.what) for goal in goals if goal.kind != "condition"} == {
        (11, "rule t-low wins"),
        (12, "rule t-high wins"),
        (7, "table t: days_overdue: 3.. at 3"),
        (7, "table t: days_overdue: 3.. at 2"),
        (11, "rule t-low: customer_value: ..5.00 at 5.00"),
        (11, "rule t-low: customer_value: ..5.00 at 5.01"),
        (12, "rule t-high: customer_value: 6.00.. at 6.00"),
        (12, "rule t-high: customer_value: 6.00.. at 5.99"),
    }


def test_waiting_has_boundaries() -> None:
    """The last day too early and the first day in time of `after` and `repeat` are boundaries too."""
    whats = {goal.what for goal in measure(Observer(example()), []).unmet}
    assert {
        "rule charge: 0 days after the pay_by of letter",
        "rule charge: 1 day after the pay_by of letter",
        "rule retry: 2 days after its last time",
        "rule retry: 3 days after its last time",
    } <= whats


def test_rests_and_windows_have_boundaries() -> None:
    """The day before a rest is over and that day are, and the most executions that a window allows and one more."""
    rule = "{id: a, repeat: {every_months: 1, at_most: 2, per_days: 40}, then: {action: none}}"
    ruleset = load_ruleset(f"ruleset: a\ntitle: A\ncurrency: EUR\ntimezone: UTC\nrules: [{rule}]\n").ruleset
    assert ruleset is not None
    observer = Observer(compile_ruleset(ruleset))
    coverage = measure(observer, [])
    assert {goal.what for goal in coverage.unmet} == {
        "rule a wins",
        "rule a: 0 days after the end of its rest",
        "rule a: 1 day before the end of its rest",
        "rule a: executed once in 40 days",
        "rule a: executed 2 times in 40 days",
    }
    suggested = suggest_cases(observer, coverage, [])
    assert suggested
    assert all(suggestion.case for suggestion in suggested)


def test_what_cannot_be_is_not_asked_for() -> None:
    """A condition that applies_to already decides need not be seen both ways."""
    whats = {goal.what for goal in measure(Observer(example()), []).unmet}
    assert not any("country" in what for what in whats)


def test_every_day_of_a_timeline_counts() -> None:
    """Days on which nothing happens are seen as well."""
    test = (
        ", days_overdue: 0, overdue_balance: 20}, as_of: 2026-03-01, timeline: {2026-03-04: friendly-reminder}, "
        "until: 2026-03-05"
    )
    seen = {what for what in met(measure_cases(test)) if "days_overdue: 3.." in what and "at" in what}
    assert {what.rpartition(" ")[2] for what in seen if " at " in what} == {"2", "3"}


def test_every_gap_has_a_ready_case() -> None:
    """For each gap of an untested ruleset a case is drafted that, pasted into a suite, passes and closes the gap."""
    observer = Observer(example())
    drafts = suggest_cases(observer, measure(observer, []), [])
    assert [draft.goal.what for draft in drafts if draft.case is None] == []
    for draft in drafts:
        suite = suite_of(f"ruleset: example\ntests:\n{draft.case}")
        result = run_suite(suite, example())
        assert result.failed_count == 0, (draft.case, result.cases[0].mismatches)
        assert draft.goal.key in {goal.key for goal in measure(observer, [result]).met}, draft.case


def test_drafts_take_their_day_and_values_from_the_suite() -> None:
    """A drafted case looks like the suite it is for."""
    suite = suite_of((FOLDER / "suite.yaml").read_text(encoding="utf-8"))
    observer = Observer(example())
    (draft, *_) = suggest_cases(observer, measure(observer, []), [suite])
    assert draft.case is not None
    assert "as_of: 2026-03-06" in draft.case
