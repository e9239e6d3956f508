"""Answer random questions and print a digest of every answer, in a process of its own."""

import hashlib
import random
import sys

from engine.evaluation.decide import next_action
from engine.evaluation.program import compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset
from engine.model.decision import encode_decision
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import random_ruleset

ACCOUNTS_A_RULESET = 25


def answer(rulesets: int) -> list[str]:
    """Return the digest of each decision, fully explained."""
    digests = []
    for seed in range(rulesets):
        rng = random.Random(seed)
        blueprint = random_ruleset(rng)
        loaded = load_ruleset(blueprint.text)
        assert loaded.ruleset is not None, loaded.diagnostics
        compiled = compile_ruleset(loaded.ruleset)
        for case in random_accounts(rng, blueprint, ACCOUNTS_A_RULESET):
            as_of = parse_as_of(case.as_of)
            decision = next_action([compiled], case.account, case.history or (), as_of=as_of, explain="full")
            digests.append(hashlib.sha256(encode_decision(decision)).hexdigest())
        compiled.close()
    return digests


if __name__ == "__main__":
    sys.stdout.write("\n".join(answer(int(sys.argv[1]))))
