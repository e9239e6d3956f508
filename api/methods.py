"""HEAD and OPTIONS, which no route of ours names, and the header Allow: Litestar knows them in part only."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from litestar.enums import HttpMethod
from litestar.routes import BaseRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.openapi import find_operations
from api.operation import CONSOLE_KEY

METHODS_KEY = "methods"
"""Where the application keeps its MethodsOfPaths."""
_PARAMETER = re.compile(r"\\\{[a-z_]+:(?:str|int)\\\}")


def complete_methods(app: ASGIApp, methods: "MethodsOfPaths") -> ASGIApp:
    """Answer HEAD as GET is answered, without the body, and OPTIONS with the methods that a path knows, to anybody."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if method == HttpMethod.HEAD:
            await _answer_head(app, scope, receive, send)
        elif method == HttpMethod.OPTIONS and (allowed := methods.find(scope["path"])) is not None:
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed.encode())]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await app(scope, receive, send)

    return answer


async def _answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    async def send_empty(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    await app(cast("Scope", {**scope, "method": HttpMethod.GET.value}), receive, send_empty)


class MethodsOfPaths:
    """Which methods each path knows, as the header Allow says it."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        known: dict[str, set[str]] = defaultdict(set)
        for path, operation in find_operations(routes):
            known[path].add(operation.method)
        for route in routes:
            for handler in getattr(route, "route_handlers", ()):
                if CONSOLE_KEY in handler.opt:
                    known[route.path] |= {str(method) for method in handler.http_methods} - {HttpMethod.OPTIONS.value}
        self._all = _write(set[str]().union(*known.values()))
        self._known = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(path))), _write(methods)) for path, methods in known.items()
        ]

    def find(self, path: str) -> str | None:
        """Find the methods of a path; "*" is the whole service (RFC 9110, 9.3.7)."""
        if path == "*":
            return self._all
        return next((methods for pattern, methods in self._known if pattern.fullmatch(path)), None)


def _write(methods: set[str]) -> str:
    head = {HttpMethod.HEAD.value} if HttpMethod.GET.value in methods else set[str]()
    return ", ".join(sorted(methods | head | {HttpMethod.OPTIONS.value}))
