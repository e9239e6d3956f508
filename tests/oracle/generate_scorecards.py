"""Random scorecards for a random ruleset, some of whose rules then ask for what they add up to."""

import copy
import random
from typing import Any

import msgspec

from tests.oracle.generate_facts import BOOLEANS, HISTORY_NUMBERS, INVOICE_NUMBERS, OWN_NUMBERS, WORDS
from tests.oracle.generate_rulesets import Blueprint, write

SCORES = ("standing", "risk_score")


def random_scorecards(rng: random.Random, blueprint: Blueprint) -> tuple[Blueprint, str]:
    """A ruleset without tables with rules that ask for scores, and the scorecard.yaml beside it."""
    doc: dict[str, Any] = copy.deepcopy(blueprint.doc)
    cards = {name: _card(rng, blueprint) for name in SCORES[: rng.randint(1, len(SCORES))]}
    for name, card in cards.items():
        for rule in rng.sample(doc["rules"], max(1, len(doc["rules"]) // 2)):
            rule["when"] = rule.get("when", {}) | {name: _test(rng, card)}
    if "risk_score" in cards:
        _drop_decimals(doc)
    asked = msgspec.structs.replace(blueprint, text=write(doc), doc=doc)
    return asked, write({"scorecards": cards})


def _card(rng: random.Random, blueprint: Blueprint) -> dict[str, Any]:
    known = {*INVOICE_NUMBERS, *OWN_NUMBERS, *BOOLEANS, *WORDS} - {"risk_score", "last_rule"}
    known |= set(HISTORY_NUMBERS[1:] if blueprint.doc.get("stateless") else HISTORY_NUMBERS)
    points = {
        fact: {
            "classes": [
                {"when": blueprint.palette.test(fact), "points": _points(rng)} for _ in range(rng.choice((1, 1, 2, 3)))
            ],
            "otherwise": _points(rng),
        }
        for fact in rng.sample(sorted(known), rng.randint(1, 5))
    }
    return {"base": rng.randint(-5, 20), "points": points}


def _points(rng: random.Random) -> int:
    return rng.choice((0, 0, 1, 5, 10, 40, -5))


def _test(rng: random.Random, card: dict[str, Any]) -> Any:
    """A test on, or beside, a sum that some account may have."""
    total: int = card["base"] + rng.choice((0, 0, 1))
    for each in card["points"].values():
        total += rng.choice([*(one["points"] for one in each["classes"]), each["otherwise"]])
    return rng.choice((total, f"{total}..", f"..{total}", f"{total - 5}..{total + 5}", {"not": total}))


def _drop_decimals(node: Any) -> None:
    """Take away what tests the score as the decimal that it is without a scorecard."""
    for key, value in (
        list(node.items()) if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ())
    ):
        if key == "risk_score" and "." in str(value).replace("..", ""):
            del node[key]
        else:
            _drop_decimals(value)
