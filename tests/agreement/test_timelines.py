"""What is executed day after day if nobody pays, by the product, which passes over days, and by the oracle."""

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

import pytest

from engine.evaluation.timeline import run_timeline
from engine.model.account import AccountInvalid
from tests.agreement.comparing import Pair
from tests.oracle.generate import Case, random_accounts
from tests.oracle.generate_rulesets import random_ruleset
from tests.oracle.values import OracleInputError
from tests.oracle.vocabulary import HISTORY_FACTS
from tests.properties import CASES

pytestmark = pytest.mark.property
CHUNKS = 6
TIMELINES_A_RULESET = 3
DAYS = 60
COMPARED = ("rule", "channel", "also", "level", "episode", "invoices", "pay_by", "fee", "announced_fee")

Steps = list[tuple[dt.date, dict[str, Any]]]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_same_is_executed_on_the_same_days(chunk: int) -> None:
    """Sixty days of a random account write the same entries, whatever its history was."""
    for number in range(CASES // CHUNKS // TIMELINES_A_RULESET // 20 + 1):
        seed = 500_000 + number * CHUNKS + chunk
        rng = random.Random(seed)
        blueprint = random_ruleset(rng)
        pair = Pair(blueprint.text)
        for case in random_accounts(rng, blueprint, TIMELINES_A_RULESET):
            account = {key: value for key, value in case.account.items() if key not in HISTORY_FACTS}
            first = dt.date.fromisoformat(case.as_of[:10])
            until = first + dt.timedelta(days=DAYS)
            ours, theirs = _of_product(pair, case, account, until), _of_oracle(pair, case, account, until)
            assert ours == theirs, f"seed {seed}: {first}, {account}, {case.history}\n{blueprint.text}"
        pair.close()


def _of_product(pair: Pair, case: Case, account: Mapping[str, Any], until: dt.date) -> Steps | None:
    first = until - dt.timedelta(days=DAYS)
    ruleset = pair.compiled.ruleset.id
    try:
        steps = run_timeline([pair.compiled], account, case.history or (), first=first, until=until, ruleset=ruleset)
    except AccountInvalid:
        return None
    return [(step.on, _compared(step.entry)) for step in steps]


def _of_oracle(pair: Pair, case: Case, account: dict[str, Any], until: dt.date) -> Steps | None:
    try:
        steps = pair.oracle.timeline(account, until - dt.timedelta(days=DAYS), until, history=case.history)
    except OracleInputError:
        return None
    return [(step["on"], _compared(step["entry"])) for step in steps]


def _compared(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in COMPARED if key in entry}
