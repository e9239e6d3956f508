"""Paths in any but their one spelling are nobody's.

Litestar would take "/v1//audit", "/v1/./audit" and "/v1/audit/" for "/v1/audit", which a proxy that lets some paths
through does not. Percent-encoding is as RFC 3986, 6.2.2, has it: none of what needs none, and UTF-8.
"""

import re
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.answers import send_problem
from api.problems import ProblemError

# A slash too much, a segment of dots, or an encoded letter, digit, "-", ".", "_", "~" or "/".
_ODD = re.compile(rb"//|/$|/\.\.?(?:/|$)|%(?:2[DdEeFf]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])")


def refuse_odd_paths(app: ASGIApp) -> ASGIApp:
    """Answer 404 for every spelling of a path but one."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and is_odd(scope.get("raw_path") or scope["path"].encode()):
            await send_problem(send, ProblemError("not-found", "There is no such path; /schema lists them."))
            return
        await app(scope, receive, send)

    return answer


def is_odd(raw_path: bytes) -> bool:
    """Tell whether a path, as it was sent, has another spelling that is the right one."""
    if not _may_be_odd(raw_path) or raw_path == b"/":
        return False
    if _ODD.search(raw_path) is not None:
        return True
    if b"%" in raw_path:
        try:
            unquote_to_bytes(raw_path).decode()
        except UnicodeDecodeError:
            return True
    return False


def _may_be_odd(raw_path: bytes) -> bool:
    """Tell in a fifth of the time of the whole look that nothing is odd, as almost always."""
    return b"%" in raw_path or b"//" in raw_path or b"/." in raw_path or raw_path.endswith(b"/")


def has_odd_number(scope: Scope) -> bool:
    """Tell whether a number in a routed path is written otherwise than in plain digits: "01", "+1"."""
    parameters: dict[str, Any] = scope["path_params"]
    given = {f"{{{name}}}": str(value) for name, value in parameters.items() if isinstance(value, int)}
    if not given:
        return False
    parts = zip(scope["path_template"].split("/"), scope["path"].split("/"), strict=True)
    return any(given.get(name, part) != part for name, part in parts)
