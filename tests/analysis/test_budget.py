"""What conditions can cost: a budget in steps, and what is said where it is spent."""

import datetime as dt

import pytest

from api.examining import Assignment, Manuscript, examine_manuscript
from engine.analysis.analyse import analyse
from engine.conditions.boxes import BudgetExceeded
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.ruleset import Ruleset

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


@pytest.mark.parametrize("count", [13, 30])
def test_too_many_alternatives_are_given_up_after_a_number_of_steps(count: int) -> None:
    """The work ends after the same steps on every machine, however many more there would be."""
    with pytest.raises(BudgetExceeded):
        compile_ruleset(load(count))


def test_what_was_not_finished_is_said() -> None:
    """The analysis of what is too large claims nothing, and names every check that it could not make."""
    (found,) = analyse(load(13))
    assert found.diagnostic.code == "not-finished"
    assert found.diagnostic.severity == "warning"
    assert "never-wins" in found.diagnostic.message


def test_what_cannot_be_decided_with_is_not_published() -> None:
    """A warning of `dunning check` is an error here: no decision could be made with it."""
    on = dt.date(2026, 11, 20)
    examined = examine_manuscript(Assignment(manuscript=Manuscript(text=write(13), file="wide.yaml"), on=on))
    assert (examined.refusal, examined.draft) == ("invalid-ruleset", None)
    (error,) = (one for one in examined.diagnostics if one.severity == "error")
    assert (error.code, error.file) == ("not-finished", "wide.yaml")
    assert "too large to be decided with" in error.message


def test_usual_conditions_are_far_from_the_bound() -> None:
    """Eight pairs of alternatives in one rule are compiled and analysed to the end."""
    assert "not-finished" not in {found.diagnostic.code for found in analyse(load(8))}
    compile_ruleset(load(8)).close()
