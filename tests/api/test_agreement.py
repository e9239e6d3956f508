"""Whatever is asked over HTTP, the answer is the oracle's."""

import random
from decimal import Decimal

import httpx
import msgspec
import pytest

from tests.agreement.comparing import disagreements
from tests.agreement.showing import show_smallest
from tests.oracle.generate import Case, random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset
from tests.oracle.oracle import OracleRuleset
from tests.properties import CASES

CHUNKS = 4
CASES_A_REQUEST = 500
_decode = msgspec.json.Decoder(float_hook=Decimal).decode

pytestmark = [pytest.mark.anyio, pytest.mark.property]


def _ask(case: Case, ruleset: str) -> dict[str, object]:
    history = {"history": case.history} if case.history is not None else {}
    return {"account": case.account, "as_of": case.as_of, "ruleset": ruleset, "explain": "none", **history}


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_answers_over_http_are_the_oracles(client: httpx.AsyncClient, chunk: int) -> None:
    """Random rulesets are published, random accounts asked in batches; refusals are refusals of both."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    headers = {"Content-Type": "application/yaml"}
    for number in range(CASES // CHUNKS // CASES_A_REQUEST + 1):
        seed = 1_000_000 + number * CHUNKS + chunk
        rng = random.Random(seed)
        blueprint = random_ruleset(rng, ALL_FEATURES | {"errors"}, name=f"generated-{seed}")
        text = f"{blueprint.text}track: track-{seed}\n"  # of its own, so that it overlaps with none of the others
        published = await client.post("/v1/rulesets", content=text, headers=headers)
        assert published.status_code == httpx.codes.CREATED, f"seed {seed}: {published.text}"
        oracle = OracleRuleset(text)
        cases = random_accounts(rng, blueprint, CASES_A_REQUEST)
        body = encode({"items": [_ask(case, f"generated-{seed}") for case in cases]})
        answer = await client.post("/v1/next-actions", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == httpx.codes.OK, answer.text
        for case, item in zip(cases, _decode(answer.content)["items"], strict=True):
            ours = item["decision"] if "decision" in item else item["problem"]["title"]
            if found := disagreements(ours, oracle, case, look_ahead=False):
                pytest.fail(f"seed {seed}: {show_smallest(blueprint, case, found, look_ahead=False)}")
