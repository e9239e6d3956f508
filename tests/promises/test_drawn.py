"""What outcomes yield to a decision: the suites beside this pass, and a mistake in outcomes is told with its line."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.account import AccountInvalid
from engine.model.ruleset import Ruleset
from engine.verification.reading import load_suite
from engine.verification.run import run_suite

HERE = Path(__file__).parent
SUITES = sorted(HERE.glob("*_test.yaml"))
ANNA: dict[str, Any] = {"id": "anna", "currency": "EUR", "invoices": [{"id": "I1", "due_on": "2026-02-01", "open": 30}]}
PROMISE = {"id": "P", "type": "promise", "at": "2026-03-01", "by": "2026-03-05", "amount": 30}


def _load(name: str) -> Ruleset:
    loaded = load_ruleset((HERE / name).read_text(encoding="utf-8"), file=name)
    assert loaded.ruleset is not None, loaded.diagnostics
    return loaded.ruleset


@pytest.fixture(scope="module", name="promised")
def compile_promised() -> Compiled:
    """The ruleset whose rules ask for what is drawn."""
    return compile_ruleset(_load("promised.yaml"))


@pytest.mark.parametrize("path", SUITES, ids=[path.stem for path in SUITES])
def test_every_case_passes(path: Path) -> None:
    """The product decides what the page says."""
    ruleset = _load(path.name.replace("_test.yaml", ".yaml"))
    loaded = load_suite(path.read_bytes(), ruleset, file=path.name)
    assert loaded.suite is not None, loaded.diagnostics
    compiled = compile_ruleset(ruleset)
    result = run_suite(loaded.suite, compiled)
    compiled.close()
    assert not {case.name: case.mismatches for case in result.cases if case.status == "failed"}
    assert any(case.status == "passed" for case in result.cases)


def _refusals(promised: Compiled, account: dict[str, Any], outcomes: list[Any]) -> dict[str, str]:
    with pytest.raises(AccountInvalid) as refused:
        next_action([promised], account, outcomes=outcomes, as_of=dt.date(2026, 3, 10))
    return {problem.pointer: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize("fact", ["broken_promises", "promise_to_pay_in_days"])
def test_a_promise_and_its_fact_exclude_each_other(promised: Compiled, fact: str) -> None:
    """Nobody knows which of the two counts; without promises the given fact does."""
    assert next_action([promised], ANNA | {fact: 1}, as_of=dt.date(2026, 3, 10)).outcome == "act"
    told = _refusals(promised, ANNA | {fact: 1}, [PROMISE])
    assert told == {f"/account/{fact}": f"{fact} is worked out from promises; give one or the other"}
    paid = [{"id": "Z", "type": "payment", "at": "2026-03-01", "amount": 5}]
    assert next_action([promised], ANNA | {fact: 1}, outcomes=paid, as_of=dt.date(2026, 3, 10)).outcome == "act"


@pytest.mark.parametrize(
    ("outcome", "pointer", "said"),
    [
        ({"type": "promis"}, "type", "promis is no type of outcome; did you mean promise?"),
        ({"type": "banana"}, "type", "banana is no type: payment, refund"),
        ({"type": "payment", "amonut": 5}, "amonut", "did you mean amount?"),
        ({"type": "payment"}, "amount", "amount is missing: a payment needs it"),
        ({"type": "refund"}, "amount", "amount is missing: a refund needs it"),
        ({"type": "chargeback"}, "amount", "amount is missing: a chargeback needs it"),
        ({"type": "promise"}, "by", "by is missing: a promise needs it"),
        ({"type": "promise", "by": "2026-02-28", "amount": 5}, "by", "by is 2026-02-28, before 2026-03-01"),
        ({"type": "payment", "amount": 0}, "amount", "amount is above 0, not 0"),
        ({"type": "payment", "amount": "1.234"}, "amount", "decimal places"),
        ({"type": "payment", "amount": 5, "by": "2026-03-05"}, "by", "by is no part of a payment"),
        ({"type": "complaint", "amount": 5}, "amount", "amount is no part of a complaint"),
        ({"type": "promise_withdrawn", "promise": "Q"}, "promise", "there is no promise of the id Q"),
        ({"type": "dispute_closed", "dispute": "Q"}, "dispute", "there is no dispute_opened of the id Q"),
        ({"type": "payment", "amount": 5, "at": "yesterday"}, "at", "at is a date or an instant"),
        ({"type": "payment", "amount": 5, "id": None}, "id", "id is missing"),
        ({"type": "promise", "by": "2026-03-05", "invoice": "I9"}, "amount", "nothing of invoice I9 is open"),
    ],
)
def test_what_is_wrong_with_an_outcome_is_said_at_its_place(
    promised: Compiled, outcome: dict[str, Any], pointer: str, said: str
) -> None:
    """The key, what is wrong with it and, where one can be guessed, what was meant."""
    told = _refusals(promised, ANNA, [{"id": "Z", "at": "2026-03-01"} | outcome])
    assert list(told) == [f"/outcomes/0/{pointer}"]
    assert said in told[f"/outcomes/0/{pointer}"]


def test_an_id_stands_once(promised: Compiled) -> None:
    """Else a payment sent twice would count twice."""
    told = _refusals(promised, ANNA, [PROMISE, PROMISE])
    assert told == {"/outcomes/1/id": "outcome P is there twice"}


def test_a_mistake_in_a_suite_is_told_with_its_line() -> None:
    """A suite with a wrong outcome is an error at the outcome, never a pass."""
    text = """ruleset: promised
tests:
  - name: Wrong
    account: {invoices: []}
    outcomes:
      - {id: P, type: promise, at: 2026-03-10, by: 2026-03-05, amount: 5}
      - {id: Q, type: paymnet, at: 2026-03-10, amount: 5}
    as_of: 2026-03-01
    expect: {outcome: none}
"""
    found = load_suite(text, _load("promised.yaml"), file="wrong_test.yaml").diagnostics
    assert [(each.code, each.line) for each in found] == [("account-invalid", 7)]
    assert "did you mean payment?" in found[0].message
    mended = text.replace("paymnet", "payment")
    found = load_suite(mended, _load("promised.yaml"), file="wrong_test.yaml").diagnostics
    assert [(each.code, each.line) for each in found] == [("account-invalid", 6)]


def test_an_explanation_says_where_the_facts_are_from(promised: Compiled) -> None:
    """A fact that was drawn is not said to be given."""
    outcomes: list[dict[str, Any]] = [PROMISE, {"id": "D", "type": "dispute_opened", "at": "2026-03-01"}]
    given = ANNA | {"disputed": False}
    decision = next_action([promised], given, outcomes=outcomes, as_of=dt.date(2026, 3, 4), explain="full")
    sources = {fact.fact: (fact.value, fact.source) for fact in decision.explanation.facts}  # type: ignore[union-attr]
    assert sources["promise_to_pay_in_days"] == ("1", "outcomes")
    assert sources["disputed"] == ("true", "outcomes")
