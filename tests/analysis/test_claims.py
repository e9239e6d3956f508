"""On random rulesets with every part of the language, nothing that is claimed is ever seen to be false."""

import datetime as dt
import random
from typing import Any

import pytest

from engine.analysis.analyse import analyse
from engine.analysis.finding import Found
from engine.evaluation.choosing import Verdict, judge
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.routing import Route, parse_as_of
from engine.evaluation.timeline import run_timeline
from engine.loading.load import load_ruleset
from engine.model.account import AccountInvalid
from engine.model.ruleset import Ruleset
from tests.oracle.generate import Case, random_accounts
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset

RULESETS = 40
ACCOUNTS_A_RULESET = 40
TIMELINES_A_RULESET = 3
CHUNKS = 6
NEVER = {"never-wins", "no-channel"}
# Only of histories that the ruleset itself makes.
NEVER_BY_ITSELF = {"after-never-met", "level-unreachable"}
BY_ITSELF = "by this ruleset's own decisions"


def rules_named(found: tuple[Found, ...], codes: set[str], *, by_itself: bool) -> set[str]:
    """The rules that are said never to win, whatever the history or only by the ruleset's own decisions."""
    claims = (each for each in found if each.diagnostic.code in codes)
    return {
        each.subject
        for each in claims
        if not each.diagnostic.message.startswith(("In ", "The send_", "The place_"))
        and (by_itself or BY_ITSELF not in each.diagnostic.message)
    }


def decide(compiled: Compiled, account: dict[str, Any], history: Any, as_of: str) -> Verdict | None:
    """What is decided at an instant, without a look ahead; None where the ruleset does not cover the account."""
    route = Route(
        [compiled], account, history or (), as_of=parse_as_of(as_of), track="dunning", ruleset=compiled.ruleset.id
    )
    covering = route.covering()
    return None if covering is None else judge(covering.view(covering.as_of.date()))


def cases_of(seed: int) -> tuple[Ruleset, list[Case]]:
    """A random ruleset and accounts for it."""
    rng = random.Random(seed)
    blueprint = random_ruleset(rng, ALL_FEATURES)
    ruleset = load_ruleset(blueprint.text, file="random.yaml").ruleset
    assert ruleset is not None
    return ruleset, random_accounts(rng, blueprint, ACCOUNTS_A_RULESET)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_rule_wins_that_never_does(chunk: int) -> None:
    """A rule that never wins wins for no account and no history; one never on a first ask wins on none."""
    for seed in range(chunk, RULESETS, CHUNKS):
        ruleset, cases = cases_of(seed)
        found = analyse(ruleset)
        never = rules_named(found, NEVER, by_itself=False)
        never_first = rules_named(found, {"only-after-others"}, by_itself=True)
        compiled = compile_ruleset(ruleset)
        for case in cases:
            try:
                verdict = decide(compiled, case.account, case.history, case.as_of)
            except AccountInvalid:
                continue
            accused = never if case.history or "dunning_level" in case.account else never | never_first
            assert verdict is None or verdict.rule not in accused, f"seed {seed}: {verdict.rule}, {case}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_rule_is_reached_that_never_is(chunk: int) -> None:
    """What the ruleset is said not to reach by its own decisions is never carried out, day after day."""
    for seed in range(chunk, RULESETS, CHUNKS):
        ruleset, cases = cases_of(seed)
        never = rules_named(analyse(ruleset), NEVER | NEVER_BY_ITSELF, by_itself=True)
        if not never:
            continue
        compiled = compile_ruleset(ruleset)
        for case in cases[:TIMELINES_A_RULESET]:
            account = {key: value for key, value in case.account.items() if key not in {"dunning_level", "last_rule"}}
            first = dt.date.fromisoformat(case.as_of[:10])
            until = first + dt.timedelta(days=60)
            try:
                steps = run_timeline([compiled], account, first=first, until=until, ruleset=ruleset.id)
            except AccountInvalid:
                continue
            done = {step.entry["rule"] for step in steps}
            assert not done & never, f"seed {seed}: {done & never}, {account}"
