"""What is said of guarantees: the verdicts of the cases, each refuted one with an account that was asked."""

from pathlib import Path

import msgspec
import pytest
import yaml

from engine.evaluation.program import Compiled, compile_ruleset
from engine.proofs.guarantees import judge_guarantees
from engine.worlds.asking import Asking
from tests.analysis.reading import load

HERE = Path(__file__).parent


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ruleset, and what becomes of each of its guarantees."""

    name: str
    text: str
    verdicts: dict[str, str]


CASES = msgspec.convert(yaml.safe_load((HERE / "guarantees.yaml").read_text(encoding="utf-8")), list[Case])


def compiled(case: Case) -> Compiled:
    """The ruleset of a case, ready to decide."""
    return compile_ruleset(load(case.text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdicts(case: Case) -> None:
    """Each guarantee has the verdict that the page gives it."""
    found = {judged.guarantee.id: judged.verdict for judged in judge_guarantees(compiled(case))}
    assert found == case.verdicts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refuted_with_an_account(case: Case) -> None:
    """Whoever asks about the account that is shown gets an answer, and an action is in it."""
    ruleset = compiled(case)
    for judged in judge_guarantees(ruleset):
        assert (judged.question is not None) == (judged.verdict == "refuted")
        if judged.question is not None:
            decision = Asking(ruleset, judged.question).decide()
            assert decision.action is not None
            assert judged.says
            assert decision.action.type in judged.says or "goes along" in judged.says
