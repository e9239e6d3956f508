"""What a coordinate says cannot be is met by no account."""

import random

import pytest

from engine.coordinates.surroundings import surroundings_of
from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset
from engine.model.account import AccountInvalid
from engine.model.question import Question
from engine.worlds.asking import Asking
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.properties import CASES

pytestmark = pytest.mark.property

ACCOUNTS_A_RULESET = 30
CHUNKS = 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_account_is_where_none_can_be(chunk: int) -> None:
    """On random rulesets no random account, whatever its history, has values that are said to be impossible."""
    boxes_count = accounts_count = 0
    for seed in range(chunk, max(CHUNKS, CASES // ACCOUNTS_A_RULESET), CHUNKS):
        rng = random.Random(seed)
        blueprint = random_ruleset(rng, ALL_FEATURES)
        ruleset = load_ruleset(blueprint.text, file="random.yaml").ruleset
        assert ruleset is not None
        compiled = compile_ruleset(ruleset)
        impossible = {}
        for currency, program in compiled.programs.items():
            known = program.plan.dimensions
            # What is worked out while a decision is made is not read from an account.
            impossible[currency] = [
                box
                for box in surroundings_of(ruleset, program.edition, program.plan, program.terms.windows).impossible()
                if not any(known[key].is_worked_out for key in box.sides)
            ]
            boxes_count += len(impossible[currency])
        for case in random_accounts(rng, blueprint, ACCOUNTS_A_RULESET):
            history = tuple(case.history or ())
            asking = Asking(compiled, Question(account=case.account, history=history, as_of=parse_as_of(case.as_of)))
            try:
                view = asking.read
            except AccountInvalid:
                continue
            if view is not None:
                accounts_count += 1
                for box in impossible[case.account["currency"]]:
                    assert not box.contains(view.point), f"seed {seed}: {box}, {case}"
                for key, each in view.program.plan.dimensions.items():
                    assert each.is_worked_out or each.possible.contains(view.point[key]), f"seed {seed}: {key}, {case}"
    assert boxes_count
    assert accounts_count
