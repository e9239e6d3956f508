"""HEAD and OPTIONS, which no route of ours names: outermost, because Litestar knows them in part only."""

from collections.abc import Iterable
from typing import Any, cast

from litestar.enums import HttpMethod
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def complete_methods(app: ASGIApp) -> ASGIApp:
    """Answer HEAD as GET is answered, without the body; and let OPTIONS name all methods of its path."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if method not in {HttpMethod.HEAD, HttpMethod.OPTIONS}:
            await app(scope, receive, send)
            return
        asked = cast("Scope", {**scope, "method": HttpMethod.GET.value}) if method == HttpMethod.HEAD else scope

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.body" and method == HttpMethod.HEAD:
                message["body"] = b""
            if message["type"] == "http.response.start" and method == HttpMethod.OPTIONS:
                message["headers"] = _name_methods(asked, message["headers"])
            await send(message)

        await app(asked, receive, send_completed)

    return answer


def _name_methods(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Name all methods of a path: Litestar's own OPTIONS names those of one of its handlers."""
    found = cast("dict[str, Any]", scope).get("route_handler")  # none for a path that is not there
    paths = scope["litestar_app"].route_handler_method_map
    known = {str(method) for path in (found.paths if found else ()) for method in paths.get(path, ())}
    methods = ", ".join(sorted(known & {method.value for method in HttpMethod}))
    rest = [one for one in headers if one[0] != b"allow" or not methods]
    return [*rest, (b"allow", methods.encode())] if methods else rest
