"""The examples' rules weakened at random: whatever breaks a guarantee for some account that was tried is refuted."""

import copy
import itertools
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.coordinates.guards import Guards
from engine.evaluation.program import Compiled, compile_ruleset
from engine.loading.load import load_ruleset, load_shared_facts, load_shared_guarantees
from engine.model.account import AccountInvalid
from engine.model.question import Question
from engine.proofs.guarantees import Breach, judge_guarantees
from engine.verification.reading import load_suite
from engine.worlds.asking import Asking
from tests.properties import CASES

pytestmark = [pytest.mark.property, pytest.mark.slow]

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
NAMES = sorted(path.stem.removesuffix("_test") for path in RULESETS.glob("*_test.yaml"))
# The one with a table of card declines takes twenty times as long to compile as the others.
OFTEN = [name for name in NAMES for _ in range(1 if name.startswith("us-") else 3)]
WEAKENINGS = min(max(CASES // 12, 24), 500)
MANY = 300  # of fewer it may be that none breaks anything
ASKED = 60
CHUNKS = 6
# What guarantees are about: an account of a suite is asked with these turned on as well.
FLAGS = ("insolvent", "disputed", "vulnerable", "deceased", "moratorium", "legal_hold", "payment_in_flight")
Document = dict[str, Any]


@cache
def shared() -> tuple[Any, Any]:
    """The facts and the guarantees beside the examples."""
    facts = load_shared_facts((RULESETS / "facts.yaml").read_bytes()).shared
    return facts, load_shared_guarantees((RULESETS / "guarantees.yaml").read_bytes(), shared_facts=facts).shared


@cache
def document(name: str) -> Document:
    """An example as written."""
    found: Document = yaml.safe_load((RULESETS / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def compiled(written: Document) -> Compiled | None:
    """A ruleset ready to decide, None where what was taken away is missed elsewhere."""
    facts, guarantees = shared()
    text = json.dumps(written, default=str)
    loaded = load_ruleset(text, file="weakened.yaml", shared_facts=facts, shared_guarantees=guarantees)
    return None if loaded.ruleset is None else compile_ruleset(loaded.ruleset)


@cache
def questions(name: str) -> tuple[Question, ...]:
    """What the suite of an example asks, as it stands."""
    facts, guarantees = shared()
    text = (RULESETS / f"{name}.yaml").read_bytes()
    ruleset = load_ruleset(text, file=f"{name}.yaml", shared_facts=facts, shared_guarantees=guarantees).ruleset
    assert ruleset is not None
    suite = load_suite((RULESETS / f"{name}_test.yaml").read_bytes(), ruleset).suite
    assert suite is not None
    return tuple(
        Question(account=case.account, history=tuple(dict(entry) for entry in case.history), as_of=case.as_of)
        for case in suite.cases
        if case.as_of is not None
    )


def weaken(written: Document, chance: random.Random) -> Document:
    """Take away something that keeps an action from an account: a block, a part of it, a condition, a wait, a stop."""
    found = copy.deepcopy(written)
    ways = list(_ways(found))
    kind = chance.choice(sorted({way[0] for way in ways}))
    _, holder, key = chance.choice([way for way in ways if way[0] == kind])
    if kind == "wait a day less":
        holder[key] -= 1
    else:
        del holder[key]
    return found


def _ways(found: Document) -> Iterator[tuple[str, Any, Any]]:
    for number, block in enumerate(found["blocks"]):
        yield "no block", found["blocks"], number
        for stop in range(len(block.get("stops", ()))):
            yield "one stop less", block["stops"], stop
    for rule in found["rules"]:
        yield from (("one condition less", rule["when"], key) for key in rule.get("when", {}))
        waits = rule.get("after", [])
        for number, after in enumerate(waits if isinstance(waits, list) else [waits]):
            if isinstance(waits, list):
                yield "one wait less", waits, number
            if after.get("days", 0) > 0:
                yield "wait a day less", after, "days"
            if "from" in after:
                yield "wait from the execution", after, "from"
        if "after" in rule:
            yield "no wait", rule, "after"


def broken(ruleset: Compiled, asked: list[Question]) -> set[str]:
    """The guarantees that a decision about one of some accounts breaks."""
    found: set[str] = set()
    breaches = {
        currency: [(each.id, Breach(each, _guards(program))) for each in program.edition.guarantees]
        for currency, program in ruleset.programs.items()
    }
    for question in asked:
        asking = Asking(ruleset, question)
        try:
            if asking.verdict is None or asking.verdict.rule is None:
                continue
            pairs = breaches[str(question.account["currency"])]
            found |= {name for name, breach in pairs if name not in found and breach.show(asking) is not None}
        except AccountInvalid:
            continue
    return found


def _guards(program: Any) -> Guards:
    return Guards(program.ruleset, program.edition, program.plan, program.terms.windows)


def sample(name: str, chance: random.Random) -> list[Question]:
    """Accounts of a suite, as they are and with something turned on that a guarantee is about."""
    found = chance.choices(questions(name), k=ASKED)
    flags = itertools.cycle((None, *FLAGS))
    return [
        each if flag is None else Question(account={**each.account, flag: True}, history=each.history, as_of=each.as_of)
        for each, flag in zip(found, flags, strict=False)
    ]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_breaks_a_guarantee_is_refuted(chunk: int) -> None:
    """A weakening that breaks a guarantee for an account that was tried is refuted, and some do."""
    broken_count = 0
    for seed in range(chunk, WEAKENINGS, CHUNKS):
        chance = random.Random(seed)
        name = chance.choice(OFTEN)
        ruleset = compiled(weaken(document(name), chance))
        if ruleset is None:
            continue
        found = broken(ruleset, sample(name, chance))
        broken_count += len(found)
        verdicts = {each.guarantee.id: each.verdict for each in judge_guarantees(ruleset)} if found else {}
        assert {each for each in found if verdicts[each] != "refuted"} == set(), (seed, name)
    assert broken_count > 0 or WEAKENINGS < MANY


@pytest.mark.parametrize("name", NAMES)
def test_nothing_breaks_the_examples(name: str) -> None:
    """As they stand the examples break no guarantee for any account that is tried."""
    ruleset = compiled(document(name))
    assert ruleset is not None
    assert broken(ruleset, sample(name, random.Random(1))) == set()
