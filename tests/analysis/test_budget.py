"""What conditions can cost: a budget in steps, and what is said where it is spent."""

import datetime as dt

import pytest

from api.examining import Assignment, Manuscript, examine_manuscript
from engine.analysis import analyse as analyse_module
from engine.analysis.analyse import analyse
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation import program
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.ruleset import Ruleset

ON = dt.date(2026, 11, 20)
HEAD = "ruleset: wide\ntitle: Wide\ncurrency: [EUR, USD]\ntimezone: Europe/Amsterdam\n"
THEN = "then: {action: send_reminder, channel: email, template: x}"


def write(count: int) -> str:
    """Write a ruleset of one rule that asks for so many pairs of alternatives: boxes to the power of two."""
    facts = "".join(f"  f{number}: {{type: integer}}\n" for number in range(2 * count))
    pairs = "".join(
        f"  c{number}: {{any: [{{f{2 * number}: {number}..}}, {{f{2 * number + 1}: {number}..}}]}}\n"
        for number in range(count)
    )
    when = ", ".join(f"c{number}: true" for number in range(count))
    return f"{HEAD}facts:\n{facts}conditions:\n{pairs}rules:\n  - {{id: r, when: {{{when}}}, {THEN}}}\n"


def load(count: int) -> Ruleset:
    """Load a wide ruleset."""
    ruleset = load_ruleset(write(count)).ruleset
    assert ruleset is not None
    return ruleset


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly any comparison of boxes is allowed."""
    monkeypatch.setattr(program, "_MOST_COMPARISONS", 10)


@pytest.mark.parametrize("count", [8, 13, 30])
def test_alternatives_that_multiply_are_compiled_and_published(count: int) -> None:
    """Two to the power of thirty combinations are neither laid out nor refused."""
    compile_ruleset(load(count)).close()
    assert "not-finished" not in {found.diagnostic.code for found in analyse(load(count))}
    examined = examine_manuscript(Assignment(manuscript=Manuscript(text=write(count)), on=ON))
    assert (examined.refusal, examined.draft is None) == (None, False)


@pytest.mark.usefixtures("small")
def test_the_work_ends_after_a_number_of_steps() -> None:
    """The same on every machine, however many more there would be."""
    with pytest.raises(BudgetExceeded):
        compile_ruleset(load(6))


@pytest.mark.usefixtures("small")
def test_what_was_not_finished_is_said() -> None:
    """The analysis of what is too large claims nothing, and names every check that it could not make."""
    (found,) = analyse(load(6))
    assert found.diagnostic.code == "not-finished"
    assert found.diagnostic.severity == "warning"
    assert "never-wins" in found.diagnostic.message


def test_sets_of_many_ranges_take_more_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of eighty conditions cuts a range of the next into two: few boxes, but each takes long to write."""
    named = "".join(
        f"  c{n}: {{any: [{{c{n + 1}: true, days_overdue: {n}..}}, {{c{n + 1}: false, tenure_days: {n}..}}]}}\n"
        for n in range(80)
    )
    text = f"{HEAD}conditions:\n{named}  c80: {{vip: true}}\nrules:\n  - {{id: r, when: {{c0: true}}, {THEN}}}\n"
    ruleset = load_ruleset(text.replace("[EUR, USD]", "EUR")).ruleset
    assert ruleset is not None
    monkeypatch.setattr(program, "_MOST_COMPARISONS", 10_000)
    with pytest.raises(BudgetExceeded):
        compile_ruleset(ruleset)


@pytest.mark.usefixtures("small")
def test_what_cannot_be_decided_with_is_not_published() -> None:
    """A warning of `dunning check` is an error here: no decision could be made with it."""
    examined = examine_manuscript(Assignment(manuscript=Manuscript(text=write(6), file="wide.yaml"), on=ON))
    assert (examined.refusal, examined.draft) == ("invalid-ruleset", None)
    (error,) = (one for one in examined.diagnostics if one.severity == "error")
    assert (error.code, error.file) == ("not-finished", "wide.yaml")
    assert "too large to be decided with" in error.message


def test_rules_beyond_what_people_write_are_not_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than are looked at, in both currencies, and it is said that nothing was; as many, and all is known."""
    ruleset = load_ruleset(f"{HEAD}rules:\n  - {{id: a, {THEN}}}\n  - {{id: b, {THEN}}}\n").ruleset
    assert ruleset is not None
    codes = []
    for most in (4, 3):
        monkeypatch.setattr(analyse_module, "MOST_RULES", most)
        codes.append({found.diagnostic.code for found in analyse(ruleset)})
    assert "duplicate-rule" in codes[0]
    assert codes[1] == {"not-finished"}
