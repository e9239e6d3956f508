"""The examples' suites notice every number of their rulesets that is moved by one."""

import copy
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.conditions import boxes
from engine.conditions.sets import Value
from engine.evaluation.program import Program, compile_ruleset
from engine.loading.load import load_ruleset, load_shared_facts
from engine.verification.coverage import Observer
from engine.verification.coveragegoals import Key
from engine.verification.reading import load_suite
from engine.verification.run import run_suite
from engine.worlds.asking import Asking

RULESETS = Path(__file__).parents[2] / "rulesets"
NAMES = sorted(path.stem.removesuffix("_test") for path in RULESETS.glob("*_test.yaml"))


class Watched:
    """A ruleset of which a boundary is moved by one, and its suite, which should notice."""

    def __init__(self, name: str) -> None:
        shared = load_shared_facts((RULESETS / "facts.yaml").read_bytes()).shared
        ruleset = load_ruleset((RULESETS / f"{name}.yaml").read_bytes(), shared_facts=shared).ruleset
        assert ruleset is not None
        suite = load_suite((RULESETS / f"{name}_test.yaml").read_text(encoding="utf-8"), ruleset, file="suite").suite
        assert suite is not None
        self._compiled = compile_ruleset(ruleset)
        self.observer = Observer(self._compiled)
        self._suites = [msgspec.structs.replace(suite, cases=(case,)) for case in suite.cases]
        self._asked = [(case, *point) for case in range(len(self._suites)) for point in self._points_of(case)]

    def is_noticed(self, key: Key) -> bool:
        """Tell whether a case fails with a boundary moved; those that stand at its value are asked first."""
        programs = self._move(key)
        moved = copy.copy(self._compiled)
        moved.programs = {**moved.programs, **programs}
        near = [case for case, currency, point in self._asked if self._is_at(key, currency, point)]
        cases = dict.fromkeys((*near, *range(len(self._suites))))
        found = any(run_suite(self._suites[case], moved).failed_count for case in cases)
        for program in programs.values():
            program.close()
        return found

    def _points_of(self, case: int) -> Iterator[tuple[str, dict[str, Value]]]:
        """Yield where the questions of a case stand, and in which currency."""
        (result,) = run_suite(self._suites[case], self._compiled).cases
        for each in result.answered:
            view = Asking(self._compiled, each.question).view
            if view is not None:
                currency = view.standing.account.currency
                yield currency, view.read(self.observer.editions[currency].dimensions.values())

    def _is_at(self, key: Key, currency: str, point: dict[str, Value]) -> bool:
        goal = self.observer.editions[currency].goals.get(key)
        return goal is not None and boxes.contains(goal.region, point)

    def _move(self, key: Key) -> dict[str, Program]:
        """Return the program of each currency that has the boundary, with it moved: used once, and not kept."""
        found = {}
        for currency, edition in self.observer.editions.items():
            goal = edition.goals.get(key)
            if goal is not None and goal.moved is not None:
                found[currency] = edition.compile_moved(key, goal.moved).moved
        return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name.startswith("us-") else []) for name in NAMES]
)
def test_a_suite_fails_wherever_a_boundary_is_moved_by_one(name: str) -> None:
    """With any boundary one more or one less, but those proved to decide nothing, some case of the suite fails."""
    watched = Watched(name)
    keys = [key for key, goal in watched.observer.goals.items() if goal.moved is not None]
    noticed = [key for key in keys if watched.is_noticed(key)]
    unnoticed = [key for key in keys if key not in noticed and not watched.observer.is_idle(key)]
    assert len(noticed) > 0
    assert [watched.observer.goals[key].what for key in unnoticed] == []
