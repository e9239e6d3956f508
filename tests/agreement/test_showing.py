"""A case on which the product and the oracle differ is shown as small as it can be."""

import random
import re
from typing import Any

import msgspec
import pytest

from engine.model.decision import Decision, encode_decision
from tests.agreement import comparing
from tests.agreement.comparing import Pair, differences
from tests.agreement.showing import show_smallest
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import random_ruleset


def test_a_difference_is_shown_by_one_rule_and_one_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product that never retries a payment is found, and shown by one short rule and an account of few facts."""

    def mistake(decision: Decision) -> bytes:
        answer: dict[str, Any] = msgspec.json.decode(encode_decision(decision))
        if (answer["action"] or {}).get("type") == "retry_payment":
            answer |= {"outcome": "none", "action": None}
        return msgspec.json.encode(answer)

    monkeypatch.setattr(comparing, "encode_decision", mistake)
    blueprint, case, found = find_difference()
    shown = show_smallest(blueprint, case, found, look_ahead=False)
    assert shown.startswith("outcome: product 'none' oracle 'act'\n")
    rules = shown.partition("rules:")[2]
    assert re.findall(r"action: \w+", rules) == ["action: retry_payment"]
    assert len(re.findall(r"id: r\d|- \[", rules)) == 1  # a rule, or a row of a table
    assert len(shown.splitlines()) < len(blueprint.text.splitlines()) / 3


def find_difference() -> tuple[Any, Any, list[str]]:
    """Find the first random case on which both differ."""
    for seed in range(100):
        rng = random.Random(seed)
        blueprint = random_ruleset(rng)
        pair = Pair(blueprint.text)
        cases = [(case, differences(pair, case, look_ahead=False)) for case in random_accounts(rng, blueprint, 5)]
        pair.close()
        for case, found in cases:
            if found:
                return blueprint, case, found
    raise AssertionError("no case differs")
