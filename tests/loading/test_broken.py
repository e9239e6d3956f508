"""Every broken ruleset of cases/ is complained about at the right place, in words that help, and in nothing else."""

import pytest

from engine.loading.load import load_ruleset, load_shared_facts, load_shared_guarantees, load_shared_scores
from engine.loading.mistakes import MISTAKES
from engine.model.diagnostic import Diagnostic
from tests.loading.broken import Case, complete, parse_expected, read_cases

CASES = read_cases()
# Codes that no single text can show: each has a test of its own in the file named.
ELSEWHERE = {
    "file-too-large": "test_yamltext.py",
    "not-utf8": "test_yamltext.py",
    "empty-file": "test_yamltext.py",
    "text-too-long": "test_yamltext.py",
    "duplicate-ruleset": "test_folder.py",
    "shared-facts-broken": "test_folder.py",
    "shared-scores-broken": "test_folder.py",
    "shared-guarantees-broken": "test_folder.py",
}


def find_complaints(case: Case) -> tuple[Diagnostic, ...]:
    """Load the case beside its shared files, or say what is wrong with those."""
    shared = None if case.shared is None else load_shared_facts(case.shared).shared
    cards = None if case.scorecard is None else load_shared_scores(case.scorecard, shared_facts=shared)
    scores = None if cards is None else cards.shared
    policy = None
    if case.guarantees is not None:
        policy = load_shared_guarantees(case.guarantees, shared_facts=shared, shared_scores=scores)
    loaded = load_ruleset(
        complete(case),
        file="case.yaml",
        shared_facts=shared,
        shared_scores=scores,
        shared_guarantees=None if policy is None else policy.shared,
    )
    return tuple(each for one in (cards, policy, loaded) if one is not None for each in one.diagnostics)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_exactly_what_is_wrong(case: Case) -> None:
    """The complaints are those that the case lists: file, line, column and code, and none besides."""
    found = [f"{each.file} {each.line}:{each.column} {each.code}" for each in find_complaints(case)]
    expected = [parse_expected(line) for line in case.expect]
    assert found == [f"{each.file} {each.line}:{each.column} {each.code}" for each in expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_it_helpfully(case: Case) -> None:
    """Each complaint says what was found, has a hint, and holds the words that the case asks for."""
    for found, line in zip(find_complaints(case), case.expect, strict=True):
        assert found.message.endswith(".")
        assert found.hint
        assert parse_expected(line).says in f"{found.message} {found.hint}"


def test_every_code_has_a_broken_ruleset() -> None:
    """No code is without a case that shows it."""
    shown = {parse_expected(line).code for case in CASES for line in case.expect}
    assert shown | ELSEWHERE.keys() == MISTAKES.keys()


def test_there_are_many_cases() -> None:
    """The cases have names of their own, and there are at least forty."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40
