"""The generator: its cases can be asked, repeat from their seed, and reach every part of the language."""

import collections
import random
from typing import Any

import pytest

from tests.oracle.generate import Case, random_accounts, random_case
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.oracle.leaving_out import cases_without, rulesets_without
from tests.oracle.oracle import OracleRuleset
from tests.oracle.values import OracleInputError

DECIDED_RULESETS = 150
PLAIN_RULES = {f"r{index}" for index in range(20)}  # the others are rows of tables
DECIDING = {
    *("credits", "credits from their day", "holds", "payments", "small rests"),
    *("business days", "months", "at_most per days", "rows of tables", "hold-outs", "voluntary rules"),
    *("entries before the first issue", "entries between episodes", "invoices that an entry names"),
    "windows of countdowns",
}


def test_seed_repeats() -> None:
    """The same seed gives the same case."""
    assert random_case(random.Random(7)) == random_case(random.Random(7))


def test_every_outcome_comes_out() -> None:
    """Random cases are all answered, and no outcome, ladder or action is left out."""
    rng = random.Random(11)
    outcomes: collections.Counter[str] = collections.Counter()
    actions: set[str] = set()
    for _ in range(120):
        blueprint = random_ruleset(rng, ALL_FEATURES)
        oracle = OracleRuleset(blueprint.text)
        for case in random_accounts(rng, blueprint, 10):
            decision = oracle.decide(case.account, case.history, case.as_of, look_ahead=False)
            outcomes[decision["outcome"]] += 1
            if decision["action"]:
                actions.add(decision["action"]["type"])
    assert set(outcomes) == {"act", "blocked", "none", "not_covered"}
    assert outcomes["act"] > 300
    assert {"send_reminder", "send_dunning_notice", "charge_fee", "retry_payment", "suspend_service"} <= actions


def test_core_only() -> None:
    """Without features a ruleset has neither ladder nor money nor calendar."""
    for seed in range(30):
        text = random_ruleset(random.Random(seed), frozenset()).text
        assert not any(word in text for word in ("level:", "fees:", "calendar:", "experiments:", "_limits:", "blocks:"))


def test_looking_ahead() -> None:
    """A decision looks ahead to a review, a wait, or neither."""
    rng = random.Random(6)
    waits = 0
    for _ in range(40):
        case = random_case(rng, ALL_FEATURES - {"routing"})
        decision = OracleRuleset(case.ruleset_text).decide(case.account, case.history, case.as_of)
        waits += decision["outcome"] == "wait"
        assert (decision["outcome"] == "wait") == (decision["upcoming"] is not None)
    assert waits


@pytest.mark.slow
def test_every_feature_decides() -> None:
    """Left out, each part of the third edition changes the decision of some case in a thousand or more."""
    changed: collections.Counter[str] = collections.Counter()
    for seed in range(DECIDED_RULESETS):
        rng = random.Random(seed)
        blueprint = random_ruleset(rng, ALL_FEATURES)
        oracle, others = OracleRuleset(blueprint.text), rulesets_without(blueprint)
        for case in random_accounts(rng, blueprint, 10):
            decision = _decide(oracle, case)
            changed.update(name for name, other in others.items() if _decide(other, case) != decision)
            changed.update(name for name, other in cases_without(case).items() if _decide(oracle, other) != decision)
            changed["rows of tables"] += (decision or {}).get("rule") not in {None, *PLAIN_RULES}
    shares = {name: changed[name] / (10 * DECIDED_RULESETS) for name in sorted(DECIDING)}
    assert {name: share for name, share in shares.items() if share < 1 / 1000} == {}


def _decide(oracle: OracleRuleset, case: Case) -> dict[str, Any] | None:
    try:
        return oracle.decide(case.account, case.history, case.as_of, look_ahead=False)
    except OracleInputError:
        return None
