"""What the engine and the store raise, said as problems."""

import pytest

from api.errors import find_problem
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid, Problem, RulesetsOverlap
from store.errors import (
    AnswerPending,
    Busy,
    IdempotencyConflict,
    RevisionMismatch,
    StoreError,
    Unavailable,
    UnknownAccount,
    UnknownVersion,
    Unstorable,
)

_PROBLEM = Problem(pointer="/account/channels", message="channels is missing", fact="channels")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (AccountInvalid((_PROBLEM,)), "invalid-account"),
        (RulesetsOverlap(("a", "b")), "rulesets-overlap"),
        (UnknownRuleset("a"), "unknown-ruleset"),
        (Busy("too much waits"), "unavailable"),
        (Unavailable("it does not answer"), "unavailable"),
        (AnswerPending("wait"), "answer-pending"),
        (IdempotencyConflict("another"), "idempotency-conflict"),
        (RevisionMismatch("a", expected=1, found=2), "revision-mismatch"),
        (UnknownAccount("none"), "unknown-account"),
        (UnknownVersion("none"), "unknown-ruleset"),
        (Unstorable("NUL"), "invalid-request"),
        (RecursionError("deep"), "invalid-json"),
        (StoreError("new"), "internal-error"),
        (KeyError("secret"), "internal-error"),
    ],
)
def test_every_failure_is_a_problem(error: Exception, name: str) -> None:
    """Each has its type, and a sentence; of a fault nothing is told."""
    problem = find_problem(error)
    assert problem.details.type == f"urn:dunning:problem:{name}"
    assert problem.details.detail.endswith(".")
    assert "secret" not in problem.details.detail


@pytest.mark.parametrize("error", [Busy("busy"), Unavailable("away"), AnswerPending("wait")])
def test_what_passes_says_when_to_come_again(error: Exception) -> None:
    """Retry-After stands beside every refusal that a repetition can mend."""
    assert int(find_problem(error).headers["Retry-After"]) >= 1
