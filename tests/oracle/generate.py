"""Random cases (ruleset, account, history, as_of) from a seed, for comparing the product with the oracle."""

import random
from typing import Any

import msgspec

from tests.oracle.generate_accounts import AccountMaker
from tests.oracle.generate_rulesets import ALL_FEATURES, Blueprint, random_ruleset


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One question: what both are asked."""

    ruleset_text: str
    account: dict[str, Any]
    history: list[dict[str, Any]] | None
    as_of: str


def random_accounts(rng: random.Random, blueprint: Blueprint, count: int) -> list[Case]:
    """Questions about random accounts put to one ruleset."""
    found = []
    for _ in range(count):
        account, history, as_of = AccountMaker(rng, blueprint).make()
        found.append(Case(ruleset_text=blueprint.text, account=account, history=history, as_of=as_of))
    return found


def random_case(rng: random.Random, features: frozenset[str] = ALL_FEATURES) -> Case:
    """One random question put to a random ruleset."""
    return random_accounts(rng, random_ruleset(rng, features), 1)[0]
