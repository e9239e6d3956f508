"""What a page says when it cannot be shown: the problems of the API, for people."""

import contextlib
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.types import Scope
from msgspec import UNSET

from api.console.entering import ForeignForm, SignedOut
from api.console.screen import address_of, go, is_of_console, show, stay_within
from api.errors import find_problem, headers_of
from api.problems import PROBLEM_TYPES, Fault, ProblemError
from api.requests import find_header

_FORBIDDEN = 403
_TITLES = {"invalid-request": "This cannot be meant"}
_REMEDIES = {
    "invalid-request": "Nothing was changed. Go back, and say it otherwise.",
    "unavailable": "Load the page again in a moment. After a form, look first whether it was carried out.",
    "too-many-requests": "Load the page again in a moment.",
    "unknown-run": "The list of runs has those that there are.",
    "run-closed": "Open the run again: it says how far it is. Something must be approved before it is released.",
}
"""What to do, where people do something else than programs."""


def answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an exception as a page, or with the way to sign in."""
    if isinstance(error, SignedOut):
        return go(error.sign_in_path)
    if isinstance(error, ForeignForm):
        told = {"title": "Not sent from here", "detail": f"{error}", "remedy": "", "way_back": None}
        return show(request.scope, "failure", told, status=_FORBIDDEN)
    problem = find_problem(error)
    kind = PROBLEM_TYPES[problem.name]
    told = {
        "title": _TITLES.get(problem.name, kind.title),
        "detail": _say(problem),
        "remedy": _REMEDIES.get(problem.name, kind.remedy),
    }
    told["way_back"] = _find_way_back(request.scope)
    return show(request.scope, "failure", told, status=problem.status, headers=headers_of(request, problem))


def _find_way_back(scope: Scope) -> str | None:
    """Find the page of the console that the form or link stood on, as the browser says it."""
    with contextlib.suppress(ValueError):
        came_from = urlsplit(find_header(scope, b"referer") or "")
        address = came_from.path + (f"?{came_from.query}" if came_from.query else "")
        if is_of_console(came_from.path) and address != address_of(scope):
            return stay_within(address)
    return None


def _say(problem: ProblemError) -> str:
    """Say what is wrong; the places that are named in a body are none on a page."""
    if problem.details.problems is UNSET:
        return problem.details.detail
    return " ".join(map(_say_fault, problem.details.problems))


def _say_fault(fault: Fault) -> str:
    where = "" if fault.parameter is UNSET else f"{fault.parameter}: "
    return f"{where}{fault.message}" if where else f"{fault.message[:1].upper()}{fault.message[1:]}"
