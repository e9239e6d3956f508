"""The page as suites: every case of this folder passes, and the oracle, which shares no code, answers the same."""

from pathlib import Path

import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.folder import FACTS_FILE, SCORES_FILE, SHARED_FILES, load_folder
from engine.model.ruleset import Ruleset
from engine.verification.reading import parse_suite, read_suite
from engine.verification.run import run_suite
from engine.verification.suite import Suite, Timeline
from tests.agreement.comparing import Pair, differences
from tests.oracle.generate import Case as Question

HERE = Path(__file__).parent
SUITES = sorted(path for path in HERE.rglob("*_test.yaml") if "broken" not in path.parts)
# An oracle that looks ahead day by day takes most of a second; only cases that name a later day are worth it.
LOOKING_AHEAD = {"review_on", "upcoming"}


def _name(path: Path) -> str:
    return str(path.relative_to(HERE)).removesuffix("_test.yaml")


def _read(path: Path) -> tuple[Suite, Ruleset]:
    """Read a suite and the ruleset of its name, with the shared files beside them."""
    ruleset_path = path.with_name(path.name.replace("_test.yaml", ".yaml"))
    beside = [ruleset_path, *map(path.with_name, SHARED_FILES)]
    folder = load_folder({str(each): each.read_bytes() for each in beside if each.is_file()})
    assert not folder.diagnostics, folder.diagnostics
    ruleset = folder.loaded[0].ruleset
    assert ruleset is not None
    loaded = read_suite(parse_suite(path.read_bytes(), str(path)), ruleset)
    assert loaded.suite is not None, loaded.diagnostics
    return loaded.suite, ruleset


@pytest.mark.parametrize("path", SUITES, ids=_name)
def test_every_case_passes(path: Path) -> None:
    """The product decides what the page says."""
    suite, ruleset = _read(path)
    compiled = compile_ruleset(ruleset)
    result = run_suite(suite, compiled)
    compiled.close()
    failed = {case.name: case.mismatches for case in result.cases if case.status == "failed"}
    assert not failed


@pytest.mark.parametrize("path", SUITES, ids=_name)
def test_oracle_agrees(path: Path) -> None:
    """The oracle decides the same, and lives through the same days."""
    suite, ruleset = _read(path)
    shared = (path.with_name(name) for name in (FACTS_FILE, SCORES_FILE))
    pair = Pair(ruleset.text, *(each.read_text(encoding="utf-8") if each.is_file() else None for each in shared))
    found: dict[str, object] = {}
    for case in suite.cases:
        history = [dict(entry) for entry in case.history]
        if case.timeline is not None:
            found |= _compare_days(pair, case.name, case.account, history, case.timeline)
        elif case.as_of is not None:
            question = Question(
                ruleset_text=ruleset.text, account=case.account, history=history, as_of=case.as_of.isoformat()
            )
            look_ahead = any(LOOKING_AHEAD & {expectation.path[0]} for expectation in case.expect)
            if differs := differences(pair, question, look_ahead=look_ahead):
                found[case.name] = differs
    pair.close()
    assert not found


def _compare_days(
    pair: Pair, name: str, account: dict[str, object], history: list[dict[str, object]], timeline: Timeline
) -> dict[str, object]:
    steps = pair.oracle.timeline(account, timeline.first, timeline.until, asked_on=timeline.asked_on, history=history)
    came = {step["on"]: step["rule"] for step in steps}
    expected = {day.on: day.rule for day in timeline.days}
    return {} if came == expected else {name: came}
