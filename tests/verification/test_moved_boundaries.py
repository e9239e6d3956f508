"""The examples' suites notice every number of their rulesets that is moved by one."""

from pathlib import Path

import msgspec
import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset, load_shared_facts
from engine.verification.coverage import Observer
from engine.verification.reading import load_suite
from engine.verification.run import run_suite

RULESETS = Path(__file__).parents[2] / "rulesets"


@pytest.mark.parametrize(
    "name",
    [
        "se-consumer-invoice",
        "uk-consumer",
        pytest.param("nl-consumer-subscription", marks=pytest.mark.slow),
        pytest.param("saas-annual-high-value", marks=pytest.mark.slow),
    ],
)
def test_a_suite_fails_wherever_a_boundary_is_moved_by_one(name: str) -> None:
    """With any boundary one more or one less, but those proved to decide nothing, some case of the suite fails."""
    shared = load_shared_facts((RULESETS / "facts.yaml").read_bytes()).shared
    ruleset = load_ruleset((RULESETS / f"{name}.yaml").read_bytes(), shared_facts=shared).ruleset
    assert ruleset is not None
    suite = load_suite((RULESETS / f"{name}_test.yaml").read_text(encoding="utf-8"), ruleset, file="suite").suite
    assert suite is not None
    observer = Observer(compile_ruleset(ruleset))
    unnoticed, count = [], 0
    for key, goal in observer.goals.items():
        if goal.moved is None or observer.is_idle(key):
            continue
        editions = {
            currency: each.goals[key].moved or each.code.edition if key in each.goals else each.code.edition
            for currency, each in observer.editions.items()
        }
        moved = compile_ruleset(msgspec.structs.replace(ruleset, editions=editions))
        count += 1
        if run_suite(suite, moved).failed_count == 0:
            unnoticed.append(goal.what)
    assert count > 0
    assert unnoticed == []
