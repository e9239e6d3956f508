"""A test that takes long says so, and `make test` leaves it out."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CI_RUN = " ".join((ROOT / ".ci" / "run").read_text(encoding="utf-8").split())
TESTS = """
import time
import pytest

def work():
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass

def test_quick():
    pass

def test_long():
    work()

def test_waiting():
    time.sleep(0.2)

@pytest.mark.slow
def test_slow():
    work()

@pytest.mark.heavy
def test_heavy():
    work()

@pytest.mark.property
def test_property():
    work()
"""


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """Run tests that are allowed a tenth of a second, and return the lines about each."""
    file = folder / "test_lengths.py"
    file.write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", "pyproject.toml", "-o", "longest_test_seconds=0.1", *arguments, str(file)]
    usual = {name: value for name, value in os.environ.items() if name not in {"CI", "DUNNING_PROPERTY_COUNT"}}
    environment = usual | environment
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True).stdout


def failed_of(said: str) -> set[str]:
    """Name the tests that failed."""
    return set(re.findall(r"::(\w+) FAILED", said))


def test_a_long_test_without_a_mark_fails(tmp_path: Path) -> None:
    """What is marked may take long, and so may waiting; of random cases no more than usual were asked for."""
    said = run(tmp_path)
    assert failed_of(said) == {"test_long", "test_property"}
    assert "s of a core, more than 0.1: mend that or mark it slow." in said


def test_more_random_cases_may_take_longer(tmp_path: Path) -> None:
    """With DUNNING_PROPERTY_COUNT a property takes as long as was asked for."""
    assert failed_of(run(tmp_path, DUNNING_PROPERTY_COUNT="7")) == {"test_long"}


def test_in_ci_the_limit_is_three_times_as_high(tmp_path: Path) -> None:
    """A machine that is slower, or shares its cores, fails no test for it."""
    said = run(tmp_path, "-o", "longest_test_seconds=0.05", CI="true")
    assert "s of a core, more than 0.15: mend that or mark it slow." in said


def test_ci_runs_what_make_test_leaves_out(tmp_path: Path) -> None:
    """`make test` runs neither what is slow nor what is heavy; `make test-long` runs both, and what counts cases."""
    chosen = dict(re.findall(r'^(QUICK|LONG) := -m "(.+?)"', MAKEFILE, re.MULTILINE))
    recipes = dict(re.findall(r"^(test|test-long|coverage): .*\n\t(.*)", MAKEFILE, re.MULTILINE))

    def tests(name: str) -> list[str]:
        return re.findall(r"::(\w+)", run(tmp_path, "-m", chosen[name], "--collect-only", "-qq"))

    assert tests("QUICK") == ["test_quick", "test_long", "test_waiting", "test_property"]
    assert tests("LONG") == ["test_slow", "test_heavy", "test_property"]
    assert "$(QUICK)" in recipes["test"]
    assert "$(LONG)" in recipes["test-long"]
    assert "$(MAKE) test " in recipes["coverage"]
    assert all(f" {task} " in CI_RUN for task in ("make coverage", "make test-long"))
