"""What random scorecards add up to, and what rules make of it: the product and the oracle agree."""

import random

import pytest

from engine.evaluation.forms import read_form, write_form
from tests.agreement.comparing import Pair, differences
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.oracle.generate_scorecards import random_scorecards
from tests.properties import CASES

pytestmark = pytest.mark.property
CHUNKS = 4
CASES_A_RULESET = 40
LOOKED_AHEAD_A_RULESET = 2
FEATURES = (ALL_FEATURES | {"errors"}) - {"tables"}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_scores_are_what_the_oracle_adds_up(chunk: int) -> None:
    """Accounts on, one below and one above each bound of a class and of a rule have one answer, on later days too.

    What is read from a compiled form decides the same.
    """
    for number in range(CASES // CHUNKS // CASES_A_RULESET // 100 + 1):
        seed = number * CHUNKS + chunk
        rng = random.Random(f"scores {seed}")
        blueprint, card = random_scorecards(rng, random_ruleset(rng, FEATURES))
        pair = Pair(blueprint.text, scorecard_text=card)
        ruleset, plan = pair.compiled.ruleset, pair.compiled.programs[blueprint.currencies[0]].plan
        pair.compiled = read_form(
            write_form(pair.compiled), digest=ruleset.digest, text=ruleset.text, canonical=ruleset.canonical
        )
        assert pair.compiled.programs[blueprint.currencies[0]].plan == plan
        for index, case in enumerate(random_accounts(rng, blueprint, CASES_A_RULESET)):
            found = differences(pair, case, look_ahead=index < LOOKED_AHEAD_A_RULESET)
            assert not found, f"seed {seed}, account {index}: {found}\n{card}\n{case}"
        pair.close()
