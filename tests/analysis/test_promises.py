"""What is said of guarantees agrees with brute force: small random rulesets, of which the oracle is asked."""

import json
import random
from functools import cache
from typing import Any

import msgspec
import pytest

from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.proofs.guarantees import Judged, judge_guarantees
from tests.analysis.promises import (
    AS_OF,
    Document,
    is_broken,
    random_account,
    random_past,
    random_promises,
    write,
)
from tests.oracle.oracle import OracleRuleset
from tests.properties import CASES

pytestmark = pytest.mark.property

RULESETS = min(max(CASES // 20, 20), 300)  # each is proved and tried on many accounts: more take minutes
ASKED = 120
CHUNKS = 6


@cache
def judged(seed: int) -> tuple[Document, tuple[Judged, ...]]:
    """A random ruleset, and what is said of its guarantees."""
    ruleset = random_promises(random.Random(seed))
    loaded = load_ruleset(write(ruleset), file="small.yaml")
    assert loaded.ruleset is not None, loaded.diagnostics
    return ruleset, judge_guarantees(compile_ruleset(loaded.ruleset))


def oracle_of(ruleset: Document) -> OracleRuleset:
    """The oracle, which knows no guarantees."""
    return OracleRuleset(write({key: value for key, value in ruleset.items() if key != "guarantees"}))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_that_is_proved_happens(chunk: int) -> None:
    """No account of many, with no history of many, gets what a guarantee forbids that is proved or idle."""
    for seed in range(chunk, RULESETS, CHUNKS):
        ruleset, verdicts = judged(seed)
        kept = [each for each in verdicts if each.verdict in {"proved", "idle"}]
        oracle, chance = oracle_of(ruleset), random.Random(seed)
        for _ in range(ASKED if kept else 0):
            account, history = random_account(chance), random_past(chance, ruleset)
            decision = oracle.decide(account, history, AS_OF, look_ahead=False)
            broken = [
                each.guarantee.id
                for each in kept
                if is_broken(_written(ruleset, each), ruleset, decision, (account, history))
            ]
            assert not broken, (seed, broken, account, history)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_everything_that_is_refuted_happens(chunk: int) -> None:
    """The account that refutes a guarantee gets, asked of the oracle, what the guarantee forbids."""
    for seed in range(chunk, RULESETS, CHUNKS):
        ruleset, verdicts = judged(seed)
        oracle = oracle_of(ruleset)
        for each in verdicts:
            if each.question is not None:
                asked: dict[str, Any] = json.loads(msgspec.json.encode(each.question))
                account, history = asked["account"], asked.get("history", [])
                decision = oracle.decide(account, history, each.question.as_of, look_ahead=False)
                told = is_broken(_written(ruleset, each), ruleset, decision, (account, history), on=each.question.day)
                assert told, (seed, each.guarantee.id, asked, decision)


def test_nothing_is_left_open() -> None:
    """Of hardly any guarantee of such rulesets it is not known whether it holds, and many hold and many do not."""
    verdicts = [(seed, each.guarantee.id, each.verdict) for seed in range(RULESETS) for each in judged(seed)[1]]
    assert len([each for each in verdicts if each[2] == "unproved"]) <= len(verdicts) // 500
    for verdict in ("proved", "refuted", "idle"):
        assert sum(each[2] == verdict for each in verdicts) > len(verdicts) // 20, verdict


def _written(ruleset: Document, each: Judged) -> Document:
    found: Document = next(one for one in ruleset["guarantees"] if one["id"] == each.guarantee.id)
    return found
