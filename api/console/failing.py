"""What a page says when it cannot be shown: the problems of the API, for people."""

from typing import Any

from litestar import Request, Response

from api.console.entering import ForeignForm, SignedOut
from api.console.screen import go, show
from api.errors import find_problem, headers_of
from api.problems import PROBLEM_TYPES

_FORBIDDEN = 403


def answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an exception as a page, or with the way to sign in."""
    if isinstance(error, SignedOut):
        return go(error.sign_in_path)
    if isinstance(error, ForeignForm):
        told = {"title": "Not sent from here", "detail": f"{error}", "remedy": ""}
        return show(request.scope, "failure", told, status=_FORBIDDEN)
    problem = find_problem(error)
    kind = PROBLEM_TYPES[problem.name]
    told = {"title": kind.title, "detail": problem.details.detail, "remedy": kind.remedy}
    return show(request.scope, "failure", told, status=problem.status, headers=headers_of(request, problem))
