"""The example ruleset and the suites about it."""

from functools import cache
from pathlib import Path

from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.verification.reading import load_suite
from engine.verification.suite import Suite

FOLDER = Path(__file__).parent


@cache
def example() -> Compiled:
    """The example ruleset, compiled."""
    loaded = load_ruleset((FOLDER / "example.yaml").read_bytes(), file="example.yaml")
    assert loaded.ruleset is not None, loaded.diagnostics
    return compile_ruleset(loaded.ruleset)


def suite_of(text: str) -> Suite:
    """A suite about the example ruleset that has no errors."""
    loaded = load_suite(text, example().ruleset, file="example_test.yaml")
    assert loaded.suite is not None, loaded.diagnostics
    return loaded.suite
