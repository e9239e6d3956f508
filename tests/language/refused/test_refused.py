"""What a ruleset, an account or a question must not be, refused with a sentence that names the culprit."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.account import AccountInvalid, RulesetsOverlap
from tests.oracle.oracle import OracleConflict, OracleRuleset, decide_among
from tests.oracle.values import OracleInputError

HERE = Path(__file__).parent
# Each line: the parts of a ruleset, an account laid over {id, currency: EUR}, and the fact that must be named.
ACCOUNTS = [json.loads(line) for line in (HERE / "accounts.jsonl").read_text(encoding="utf-8").splitlines()]
ON = dt.date(2026, 3, 10)


def _text(**parts: Any) -> str:
    heads = {"ruleset": "tried", "title": "Tried", "currency": "EUR", "timezone": "Europe/Amsterdam", "rules": "[]"}
    return "".join(f"{key}: {value}\n" for key, value in (heads | parts).items())


def _compile(text: str) -> Compiled:
    loaded = load_ruleset(text)
    assert loaded.ruleset is not None, loaded.diagnostics
    return compile_ruleset(loaded.ruleset)


@pytest.mark.parametrize("case", ACCOUNTS, ids=lambda case: case["about"])
def test_account_is_refused(case: dict[str, Any]) -> None:
    """The fact that is wrong, or missing, is named; the oracle refuses the same account."""
    parts = {key: case[key] for key in ("facts", "blocks", "conditions", "fees", "rules") if key in case}
    account = {"id": "A", "currency": "EUR", **case.get("account", {})}
    history = case.get("history", [])
    with pytest.raises(AccountInvalid) as refused:
        next_action([_compile(_text(**parts))], account, history, as_of=ON)
    assert case["names"] in {problem.fact or problem.pointer.rpartition("/")[2] for problem in refused.value.problems}
    if not case.get("only_product"):
        with pytest.raises(OracleInputError):
            OracleRuleset(_text(**parts)).decide(account, history, ON)


NL = _text(ruleset="nl", applies_to="{country: NL}")
EU = _text(ruleset="eu", applies_to="{country: [NL, BE]}")
LATER = _text(ruleset="later", effective="{from: 2026-04-01}", applies_to="{country: NL}")
RETRIES = _text(ruleset="retries", track="retries")
NEEDY = _text(
    ruleset="needy",
    applies_to="{country: DE}",
    facts="{need: {type: enum}}",
    rules="[{id: a, when: {need: x}, then: {action: none}}]",
)


@pytest.mark.parametrize(
    ("texts", "country", "track", "covering"),
    [
        ((NL, LATER, RETRIES, NEEDY), "NL", "dunning", "nl"),
        ((EU, LATER, RETRIES, NEEDY), "BE", "dunning", "eu"),
        ((NL, EU), "BE", "dunning", "eu"),
        ((NL, EU, RETRIES), "NL", "retries", "retries"),
        ((NL, EU), "FR", "dunning", None),
        ((NL, EU), "NL", "other", None),
    ],
)
def test_covering_ruleset_is_found(texts: tuple[str, ...], country: str, track: str, covering: str | None) -> None:
    """The one effective ruleset of the track that covers the account decides; facts of the others are not needed."""
    account = {"id": "A", "currency": "EUR", "country": country}
    decision = next_action([_compile(text) for text in texts], account, as_of=ON, track=track)
    assert (decision.ruleset.id if decision.ruleset is not None else None) == covering
    assert (decision.outcome == "not_covered") == (covering is None)
    assert (
        decide_among([OracleRuleset(text) for text in texts], account, None, ON, track=track).get("ruleset") == covering
    )


def test_two_covering_rulesets_are_named() -> None:
    """Two that cover one account are an error, before any fact is asked for; named alone, each decides."""
    account = {"id": "A", "currency": "EUR", "country": "NL"}
    with pytest.raises(RulesetsOverlap, match=r"eu.*nl|nl.*eu"):
        next_action([_compile(NL), _compile(EU)], account, as_of=ON)
    with pytest.raises(OracleConflict):
        decide_among([OracleRuleset(NL), OracleRuleset(EU)], account, None, ON)
    alone = next_action([_compile(NL), _compile(EU)], account, as_of=ON, ruleset="eu")
    assert alone.ruleset is not None
    assert alone.ruleset.id == "eu"


def test_checks_say_what_is_wrong() -> None:
    """`dunning test` finds in each broken ruleset what its check says, and asks each of many rulesets its own suite."""
    result = CliRunner().invoke(main, ["test", str(HERE.parent)])
    assert result.exit_code == 0, result.output
    assert result.output.count("_check.yaml: 1 case, 1 passed") == len(list(HERE.glob("*_check.yaml")))


TRIED = """
ruleset: tried
title: Tried
currency: EUR
timezone: Europe/Amsterdam
facts: {points: {type: integer, optional: true}}
experiments: {e1: {variants: {a: 50, b: 50}}}
blocks: [{id: stop, when: {disputed: true}, reason: x}]
rules: [{id: one, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}]
"""


def test_suite_errors_point_at_their_lines(tmp_path: Path) -> None:
    """Each mistake in a suite is found on its own line, and no suite with a mistake passes."""
    text = (HERE / "suite_errors.txt").read_text(encoding="utf-8")
    wanted = {}
    for number, line in enumerate(text.splitlines(), start=1):
        _, sign, code = line.partition("  # ")
        if sign:
            wanted[number] = code
    (tmp_path / "tried.yaml").write_text(TRIED, encoding="utf-8")
    (tmp_path / "tried_test.yaml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["test", str(tmp_path), "--format", "json"])
    found = {each["line"]: each["code"] for each in json.loads(result.stdout)["suites"][0]["diagnostics"]}
    assert found == wanted
    assert result.exit_code == 4
