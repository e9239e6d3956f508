"""From whatever was raised to the one shape in which every error is answered."""

import logging
import re
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.methods import METHODS_KEY, MethodsOfPaths
from api.problems import MEDIA_TYPE, PROBLEM_TYPES, Fault, ProblemError, refuse_place
from api.requests import Disconnected
from engine.evaluation.rulesets import UnknownRuleset
from engine.model.account import AccountInvalid, RulesetsOverlap
from store.errors import (
    AlreadyExecuted,
    AnswerPending,
    BrokenLog,
    Busy,
    EventsForgotten,
    FactsBeside,
    IdempotencyConflict,
    ImportConflict,
    MergeConflict,
    NoApproval,
    OwnApproval,
    RevisionMismatch,
    RunClosed,
    StoreError,
    Unavailable,
    UnknownAccount,
    UnknownRun,
    UnknownVersion,
    UnknownWebhook,
    UnknownWork,
    Unstorable,
    Untimely,
    WrongItem,
)

_LONGEST_MESSAGE = 500
MOST_PROBLEMS = 50
"""How many an answer lists of one account: a batch of accounts that are all wrong must not be answered with more than
it brought."""

_log = logging.getLogger("dunning.api")

_METHOD_NOT_ALLOWED = 405
_BY_STATUS = {kind.status: kind.name for kind in reversed(PROBLEM_TYPES.values())} | {
    404: "not-found",
    422: "invalid-request",
}


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer any exception as problem details; one that nobody expected is logged whole and told as little of."""
    problem = find_problem(error)
    headers = headers_of(request, problem)
    return Response(problem.body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def headers_of(request: Request[Any, Any, Any], problem: ProblemError) -> dict[str, str]:
    """Return the headers of a refusal; one of a method lists those that the path knows."""
    if problem.status != _METHOD_NOT_ALLOWED:
        return problem.headers
    methods: MethodsOfPaths = request.app.state[METHODS_KEY]
    return problem.headers | {"Allow": methods.find(request.scope["path"]) or ""}


def find_problem(error: Exception) -> ProblemError:
    """Say an exception as a problem; what nobody expected is logged whole and told as little of."""
    if isinstance(error, ProblemError):
        return error
    for kinds, say in _SAYINGS:
        if isinstance(error, kinds):
            return say(error)
    _log.error("An unexpected error", exc_info=error)
    return ProblemError("internal-error", "Something failed that should not; nothing is known of the outcome.")


def _from_engine(error: AccountInvalid | RulesetsOverlap | UnknownRuleset) -> ProblemError:
    if isinstance(error, AccountInvalid):
        listed = tuple(msgspec.structs.replace(p, message=_shorten(p.message)) for p in error.problems[:MOST_PROBLEMS])
        places = tuple(_place(p.pointer, p.message, p.fact) for p in listed)
        more = len(error.problems) - len(listed)
        said = _sentence(str(AccountInvalid(listed))) + (f" {more:,} more are not listed." if more else "")
        return ProblemError("invalid-account", said, problems=places)
    if isinstance(error, RulesetsOverlap):
        return ProblemError("rulesets-overlap", _sentence(str(error)), rulesets=error.rulesets)
    return ProblemError("unknown-ruleset", _sentence(str(error)))


def _from_store(error: StoreError) -> ProblemError:
    if isinstance(error, Unavailable):
        headers = {"Retry-After": str(error.retry_after_seconds)}
        said = _UNTIMELY if isinstance(error, Untimely) else _BUSY if isinstance(error, Busy) else _UNREACHABLE
        return ProblemError("unavailable", said, headers=headers)
    if isinstance(error, AnswerPending):
        headers = {"Retry-After": str(error.retry_after_seconds)}
        return ProblemError("answer-pending", "The first request with this key is not answered yet.", headers=headers)
    for kind, name in _STORE_PROBLEMS:
        if isinstance(error, kind):
            return ProblemError(name, _sentence(str(error)))
    _log.error("An unexpected error of the store", exc_info=error)
    return ProblemError("internal-error", "Something failed that should not; nothing is known of the outcome.")


def _from_facts(error: FactsBeside) -> ProblemError:
    return refuse_place(f"/{error.fact}", f"{error}.")


def _from_item(error: WrongItem) -> ProblemError:
    return refuse_place(f"/accounts/{error.place}", f"{error}.")


def _from_text(_error: Unstorable) -> ProblemError:
    return refuse_place("", "it holds what cannot be stored: the character NUL, or half a surrogate pair.")


_STORE_PROBLEMS: tuple[tuple[type[StoreError], str], ...] = (
    (UnknownAccount, "unknown-account"),
    (UnknownVersion, "unknown-ruleset"),
    (UnknownWebhook, "unknown-webhook"),
    (UnknownRun, "unknown-run"),
    (UnknownWork, "unknown-work"),
    (RevisionMismatch, "revision-mismatch"),
    (AlreadyExecuted, "already-executed"),
    (ImportConflict, "import-conflict"),
    (MergeConflict, "merge-conflict"),
    (IdempotencyConflict, "idempotency-conflict"),
    (NoApproval, "no-approval"),
    (RunClosed, "run-closed"),
    (OwnApproval, "own-approval"),
    (BrokenLog, "broken-log"),
    (EventsForgotten, "events-forgotten"),
)


def _from_litestar(error: HTTPException) -> ProblemError:
    name = _BY_STATUS.get(error.status_code)
    if name is None:
        name = "bad-request" if error.status_code < PROBLEM_TYPES["internal-error"].status else "internal-error"
    headers = {key.title(): value for key, value in (error.headers or {}).items()}
    return ProblemError(name, _sentence(_DETAILS.get(name) or error.detail), headers=headers)


def _from_client(_error: Disconnected) -> ProblemError:
    return ProblemError("bad-request", "The body was not sent whole.")


def _from_nesting(_error: RecursionError) -> ProblemError:
    return ProblemError("invalid-json", "The JSON is nested too deeply.")


_SAYINGS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], ProblemError]], ...] = (
    ((AccountInvalid, RulesetsOverlap, UnknownRuleset), _from_engine),
    (Unstorable, _from_text),
    (FactsBeside, _from_facts),
    (WrongItem, _from_item),
    (StoreError, _from_store),
    (HTTPException, _from_litestar),
    (Disconnected, _from_client),
    (RecursionError, _from_nesting),
)
_BUSY = "More is asked of the service just now than it can answer."
_UNREACHABLE = "The service cannot reach its database just now."
_UNTIMELY = "A clock of the service is wrong: nothing is decided or logged until it is set right."
_DETAILS = {
    "not-found": "There is no such path; /schema lists them",
    "method-not-allowed": "This path does not know this method; the header Allow lists those it knows",
}


def _place(pointer: str, message: str, fact: str | None) -> Fault:
    said = _sentence(message, (*pointer.split("/"), fact))
    return Fault(pointer=pointer, message=said) if fact is None else Fault(pointer=pointer, message=said, fact=fact)


def _sentence(text: str, names: tuple[str | None, ...] = ()) -> str:
    """Write a sentence, large at its beginning unless that is a name, which keeps its case."""
    text = text.strip().rstrip(".")
    first = re.split(r"[ :,]", text, maxsplit=1)[0]
    is_name = first in names or not first.isalpha()
    return f"{text if is_name else text[:1].upper() + text[1:]}."


def _shorten(message: str) -> str:
    """Leave out the end of a message that quotes a text of any length."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
