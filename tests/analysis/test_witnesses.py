"""Every account that is shown with a finding shows what is said: asked of the oracle, which shares no code with us."""

import datetime as dt
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from engine.analysis.analyse import analyse
from engine.analysis.finding import Finding
from engine.analysis.showing import wins
from engine.analysis.stage import Stage
from engine.evaluation.program import compile_ruleset
from engine.loading.load import load_ruleset
from engine.model.diagnostic import Diagnostic, Position, Witness
from engine.model.question import Question
from engine.proofs.examples import Example
from tests.analysis.reading import load
from tests.oracle.account import zone_of
from tests.oracle.clock import to_moment
from tests.oracle.generate_rulesets import ALL_FEATURES, random_ruleset, write
from tests.oracle.oracle import OracleRuleset, executed_entry
from tests.oracle.shrinking import shrink
from tests.properties import CASES

pytestmark = pytest.mark.property

RULESETS = CASES // 100
FEWEST_RULESETS = 60  # fewer have too few findings to say anything of them in general
CHUNKS = 6
CHECKED_ON = dt.date(2026, 6, 1)
DAYS_ASKED = 40
LEAST_SHOWN = 0.98
# They are about the text or the analysis, and no account shows them.
WITHOUT_ACCOUNT = {"guarantee-idle", "guarantee-unproved", "not-finished", "silence-unexplained", "silence-unused"}
WINS = re.compile(r"“([^”]+)” wins")
BLOCKS = re.compile(r"“([^”]+)” (?:blocks|holds it back)")
WITHOUT = re.compile(r"without the history “([^”]+)” does")
NAMED = re.compile(r"“([^”]+)”")


@cache
def shown(seed: int) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text of a random ruleset and what is shown of it."""
    blueprint = random_ruleset(random.Random(seed), ALL_FEATURES)
    return blueprint.text, show(blueprint.text)


def show(text: str) -> tuple[Diagnostic, ...]:
    """What is shown of a ruleset."""
    ruleset = load_ruleset(text, file="random.yaml").ruleset
    assert ruleset is not None
    return tuple(each.diagnostic for each in analyse(ruleset, on=CHECKED_ON))


def with_witness(diagnostics: tuple[Diagnostic, ...]) -> Iterator[tuple[Diagnostic, Witness]]:
    """The diagnostics that show an account, with it."""
    for diagnostic in diagnostics:
        if diagnostic.witness is not UNSET:
            yield diagnostic, diagnostic.witness


def documents(witness: Witness) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The account and the history as a program would send them."""
    sent = json.loads(msgspec.json.encode(witness))
    return sent["account"], sent["history"]


def ask(oracle: OracleRuleset, witness: Witness, *, has_history: bool = True) -> dict[str, Any]:
    """What the oracle decides."""
    account, history = documents(witness)
    return oracle.decide(account, history if has_history else [], witness.as_of, look_ahead=False)


def carried_out(oracle: OracleRuleset, witness: Witness) -> set[str]:
    """The rules that are carried out if it is asked at noon of every day."""
    account, history = documents(witness)
    account = {"facts_on": witness.as_of.isoformat()} | account
    ruleset, done = oracle.by_currency[account["currency"]], set()
    for shift in range(DAYS_ASKED):
        noon = to_moment(witness.as_of + dt.timedelta(days=shift), dt.time(12), zone_of(account, ruleset))
        decision = oracle.decide(account, history, noon, look_ahead=False)
        if decision["rule"] is not None:
            history.append(executed_entry(decision, noon, ruleset))
            done.add(decision["rule"])
    return done


def is_so(oracle: OracleRuleset, witness: Witness) -> bool:  # noqa: PLR0911 - one a kind of sentence
    """Whether the oracle sees what is said to come out."""
    says = witness.shows
    if says.startswith("Asked every day"):
        return carried_out(oracle, witness) <= set(NAMED.findall(says))
    decision = ask(oracle, witness)
    if "does not cover" in says:
        return bool(decision["outcome"] == "not_covered")
    if (match := WITHOUT.search(says)) and ask(oracle, witness, has_history=False)["rule"] != match[1]:
        return False
    if match := WINS.search(says):
        return bool(decision["rule"] == match[1])
    if match := BLOCKS.search(says):
        return bool(decision["outcome"] == "blocked" and decision["block"]["id"] == match[1])
    if re.search(r"[Nn]o rule wins|Nothing is done", says):
        return decision["rule"] is None and decision["outcome"] != "blocked"
    return bool(decision["outcome"])


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_account_shows_what_is_said(chunk: int) -> None:
    """What is said to come out for an account is what the oracle decides, without any exception."""
    for seed in range(chunk, RULESETS, CHUNKS):
        for wrong in find_wrong(*shown(seed)):
            pytest.fail(f"seed {seed}: {make_small(seed, wrong.code)}")


def find_wrong(text: str, diagnostics: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    """Yield the diagnostics whose account does not show what is said."""
    oracle = OracleRuleset(text)
    return (diagnostic for diagnostic, witness in with_witness(diagnostics) if not is_so(oracle, witness))


def make_small(seed: int, code: str) -> str:
    """Write down the smallest ruleset of which such a diagnostic shows what is not so."""

    def list_wrong(document: Any) -> list[Diagnostic]:
        text = write(document)
        return [wrong for wrong in find_wrong(text, show(text)) if wrong.code == code]

    def is_wrong(document: Any) -> bool:
        try:
            return bool(list_wrong(document))
        except Exception:  # noqa: BLE001  what is no ruleset any more shows nothing
            return False

    small = shrink(random_ruleset(random.Random(seed), ALL_FEATURES).doc, is_wrong)
    return f"{list_wrong(small)}\n{write(small)}"


def test_nearly_every_finding_shows_an_account() -> None:
    """Of the findings of which an account can show that they are so, 98 in 100 do; the share is printed."""
    count: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for seed in range(max(RULESETS, FEWEST_RULESETS)):
        for diagnostic in shown(seed)[1]:
            count[diagnostic.code] += diagnostic.code not in WITHOUT_ACCOUNT
            missing[diagnostic.code] += diagnostic.code not in WITHOUT_ACCOUNT and diagnostic.witness is UNSET
    for code, number in sorted(count.items()):
        print(f"{code}: {number - missing[code]} of {number} with an account")  # noqa: T201 - asked for
    share = 1 - missing.total() / count.total()
    print(f"all: {share:.1%} of {count.total()}")  # noqa: T201 - asked for
    assert len(count) >= 12
    assert share >= LEAST_SHOWN


def test_an_account_that_shows_nothing_is_not_shown() -> None:
    """The first account that holds is shown; where none does the finding stands without one."""
    ruleset = load("rules:\n  - {id: a, when: {days_overdue: 3..}, then: {action: suspend_service}}\n")
    account: dict[str, object] = {"id": "A-1", "currency": "EUR"}
    early, late = (
        Question(as_of=dt.date(2026, 1, 5), account=account | {"days_overdue": days}) for days in (2, Decimal(3))
    )
    stage = Stage([compile_ruleset(ruleset)])

    def show(*questions: Question) -> object:
        example = Example(shows=wins("a"), questions=iter(questions))
        finding = Finding(at=Position(1, 1), message="m", examples=(example,))
        reported = stage.report("x", "error", finding, "example.yaml")
        assert reported is not None
        return reported.witness

    assert show(early, late) == Witness(shows="“a” wins.", as_of=dt.date(2026, 1, 5), account=late.account)
    assert show(early) is UNSET
    assert show() is UNSET
