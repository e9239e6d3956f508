"""HEAD and OPTIONS, which no route of ours names, and the header Allow: Litestar knows them in part only."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import cast

from litestar.enums import HttpMethod
from litestar.routes import BaseRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.openapi import find_operations

_METHOD_NOT_ALLOWED = 405
_PARAMETER = re.compile(r"\\\{[a-z_]+:(?:str|int)\\\}")


def complete_methods(app: ASGIApp, routes: Iterable[BaseRoute]) -> ASGIApp:
    """Answer HEAD as GET is answered, without the body, and OPTIONS with the methods that a path knows, to anybody."""
    methods_of = _MethodsOfPaths(routes)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        allowed = methods_of.find(scope["path"]) if method == HttpMethod.OPTIONS else None
        if allowed is not None:
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed)]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        asked = cast("Scope", {**scope, "method": HttpMethod.GET.value}) if method == HttpMethod.HEAD else scope

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.body" and method == HttpMethod.HEAD:
                message["body"] = b""
            elif message["type"] == "http.response.start" and message["status"] == _METHOD_NOT_ALLOWED:
                rest = [one for one in message["headers"] if one[0] != b"allow"]
                message["headers"] = [*rest, (b"allow", methods_of.find(scope["path"]) or b"")]
            await send(message)

        await app(asked, receive, send_completed)

    return answer


class _MethodsOfPaths:
    """Which methods each path knows, as the header Allow says it."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        known: dict[str, set[str]] = defaultdict(set)
        for path, operation in find_operations(routes):
            known[path].add(operation.method)
        self._all = _write(set[str]().union(*known.values()))
        self._known = [
            (re.compile(_PARAMETER.sub("[^/]+", re.escape(path))), _write(methods)) for path, methods in known.items()
        ]

    def find(self, path: str) -> bytes | None:
        """Find the methods of a path; "*" is the whole service (RFC 9110, 9.3.7)."""
        if path == "*":
            return self._all
        return next((methods for pattern, methods in self._known if pattern.fullmatch(path)), None)


def _write(methods: set[str]) -> bytes:
    head = {HttpMethod.HEAD.value} if HttpMethod.GET.value in methods else set[str]()
    return ", ".join(sorted(methods | head | {HttpMethod.OPTIONS.value})).encode()
