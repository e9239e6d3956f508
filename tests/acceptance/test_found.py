"""Faults that dunning systems have, each as a ruleset with the right answers (tests/acceptance/found)."""

from pathlib import Path

import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.verification.reading import parse_suite, read_suite
from engine.verification.run import run_suite

HERE = Path(__file__).parent / "found"
RIGHT = sorted(path.stem for path in HERE.glob("*.yaml") if not path.stem.endswith("_test"))


@pytest.mark.parametrize("name", RIGHT)
def test_the_fault_is_not_found_here(name: str) -> None:
    """Every case of its suite passes."""
    loaded = load_ruleset((HERE / f"{name}.yaml").read_text(encoding="utf-8"), file=f"{name}.yaml")
    assert loaded.ruleset is not None, loaded.diagnostics
    read = read_suite(parse_suite((HERE / f"{name}_test.yaml").read_bytes(), f"{name}_test.yaml"), loaded.ruleset)
    assert read.suite is not None, read.diagnostics
    compiled = compile_ruleset(loaded.ruleset)
    result = run_suite(read.suite, compiled)
    compiled.close()
    assert result.cases
    assert not {case.name: case.mismatches for case in result.cases if case.status == "failed"}
