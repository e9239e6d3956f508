"""Naming each request and counting its answer, outermost, so that nothing escapes."""

import asyncio
import time

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import send_problem
from api.problems import ProblemError
from api.requestids import take_request_id
from api.requests import method_of
from api.service import STATE_KEY, Service

HEADER = b"x-request-id"
_ENDING = "This server is ending, and gave up on the request; whether it was carried out is not known."


def measure(app: ASGIApp) -> ASGIApp:
    """Count every answer, errors and unknown paths included, and the time it took; each carries its request's id."""

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0
        identity = (HEADER, take_request_id(scope))

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], identity]
            await send(message)

        try:
            await app(scope, receive, note)
        except asyncio.CancelledError:  # the server ends, and gives up what is not answered by now
            if not status:
                await send_problem(note, ProblemError("unavailable", _ENDING, headers={"Retry-After": "2"}))
        finally:
            service: Service | None = scope["litestar_app"].state.get(STATE_KEY)
            if service is not None:
                route = scope.get("path_template") or "unknown"
                service.metrics.count_request(method_of(scope), route, status, time.perf_counter() - begun)

    return count
