"""What is proved of random rulesets of the whole language happens to none of many random accounts.

Credits, holds, tables, hold-outs, countdowns, limits and what lies between episodes are in them; the small rulesets
of test_promises are held against the oracle, these against the engine's own decisions, which test_agreement holds
against it.
"""

import random
from typing import Any

import pytest

from engine.coordinates.guards import Guards
from engine.evaluation.program import Compiled, compile_ruleset
from engine.evaluation.routing import parse_as_of
from engine.loading.load import load_ruleset
from engine.model.account import AccountInvalid
from engine.model.question import Question
from engine.proofs.guarantees import Breach, judge_guarantees
from engine.worlds.asking import Asking
from tests.oracle.generate import random_accounts
from tests.oracle.generate_rulesets import Blueprint, random_ruleset, write
from tests.properties import CASES

pytestmark = pytest.mark.property

RULESETS = min(max(CASES // 2000, 5), 90)  # proofs about them take most of the time
BUDGET = 3_000_000
CHUNKS = 3
GUARANTEES, ASKED = 6, 60
Document = dict[str, Any]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_that_is_proved_happens(chunk: int) -> None:
    """No account gets what a guarantee forbids that is proved or idle; some are proved, and some refuted."""
    verdicts: set[str] = set()
    for seed in range(chunk, RULESETS, CHUNKS):
        rng = random.Random(seed)
        blueprint = random_ruleset(rng)
        loaded = load_ruleset(write({**blueprint.doc, "guarantees": random_guarantees(rng, blueprint)}), file="r.yaml")
        assert loaded.ruleset is not None, loaded.diagnostics
        compiled = compile_ruleset(loaded.ruleset)
        judged = judge_guarantees(compiled, budget=BUDGET)
        verdicts |= {each.verdict for each in judged}
        kept = {each.guarantee.id for each in judged if each.verdict in {"proved", "idle"}}
        for case in random_accounts(rng, blueprint, ASKED):
            history, as_of = tuple(case.history or ()), parse_as_of(case.as_of)
            asking = Asking(compiled, Question(account=case.account, history=history, as_of=as_of))
            assert not list_broken(compiled, kept, asking), f"seed {seed}: {asking.question}"
        compiled.close()
    assert {"proved", "refuted"} <= verdicts or RULESETS < 90


def list_broken(compiled: Compiled, kept: set[str], asking: Asking) -> list[str]:
    """Return of some guarantees those that a decision breaks, in words."""
    try:
        if asking.verdict is None or asking.verdict.rule is None:
            return []
        program = compiled.programs[str(asking.question.account["currency"])]
        guards = Guards(program.ruleset, program.edition, program.plan, program.terms.windows)
        meant = (each for each in program.edition.guarantees if each.id in kept)
        return [f"{each.id}: {said}" for each in meant if (said := Breach(each, guards).show(asking)) is not None]
    except AccountInvalid:
        return []


def random_guarantees(rng: random.Random, blueprint: Blueprint) -> list[Document]:
    """Write guarantees out of what a ruleset says itself, so that many are nearly kept."""
    return [{"id": f"g{number}", **_random_guarantee(rng, blueprint)} for number in range(GUARANTEES)]


def _random_guarantee(rng: random.Random, blueprint: Blueprint) -> Document:
    rule, other = rng.choice(blueprint.rules), rng.choice(blueprint.rules)
    whens = [each["when"] for each in (*blueprint.rules, *blueprint.doc.get("blocks", ())) if each.get("when")]
    keys: Document = {
        "action": rng.choice(["contact", rule["then"]["action"]]),
        "rule": rule["id"],
        "channel": rng.choice(["email", "sms", "phone", "letter"]),
        **({"fee": rng.choice(list(blueprint.doc["fees"]))} if blueprint.doc.get("fees") else {}),
    }
    never = {key: keys[key] for key in rng.sample(sorted(keys), rng.choice([1, 1, 2]))}
    if whens and rng.random() < 0.6:
        never["when"] = rng.choice(whens)
    unless: Document = {}
    if "after" in rule and rng.random() < 0.6:
        unless["after"] = rule["after"]
    elif rng.random() < 0.4 and not blueprint.doc.get("stateless"):
        target = rng.choice([{"rule": other["id"]}, {"action": other["then"]["action"]}])
        unless["after"] = {**target, "days": rng.choice([0, 1, 3])}
    if whens and rng.random() < 0.3:
        unless["when"] = rng.choice(whens)
    return {"never": never, **({"unless": unless} if unless else {})}
