"""Sending calls, at once or asynchronously: with a token, and again where that is safe and may help."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Self

import httpx

from dunning_client.calls import Call, check, find_pause, read, write

ATTEMPTS = 5
TIMEOUT_SECONDS = 30.0


class Transport:
    """Sends calls and waits for them."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        attempts: int = ATTEMPTS,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts
        self._sleep = sleep

    def request(self, call: Call) -> httpx.Response:
        """Send a call and return its answer; raises Problem, and httpx.TransportError where nothing answers."""
        sent = write(call)
        attempt = 0
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                outcome = self.http.request(
                    sent.method, sent.url, params=sent.params, headers=sent.headers, content=sent.content
                )
            except httpx.TransportError as error:
                outcome = error
            attempt += 1
            pause = find_pause(sent, outcome, attempt) if attempt < self._attempts else None
            if pause is None:
                if isinstance(outcome, httpx.TransportError):
                    raise outcome
                return check(outcome)
            self._sleep(pause)

    def close(self) -> None:
        """Close its connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, call: Call, record: Any) -> Any:  # noqa: ANN401  whatever the call answers
        return read(self.request(call), record)


class AsyncTransport:
    """Sends calls and awaits them."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        attempts: int = ATTEMPTS,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts
        self._sleep = sleep

    async def request(self, call: Call) -> httpx.Response:
        """Send a call and return its answer; raises Problem, and httpx.TransportError where nothing answers."""
        sent = write(call)
        attempt = 0
        while True:
            outcome: httpx.Response | httpx.TransportError
            try:
                outcome = await self.http.request(
                    sent.method, sent.url, params=sent.params, headers=sent.headers, content=sent.content
                )
            except httpx.TransportError as error:
                outcome = error
            attempt += 1
            pause = find_pause(sent, outcome, attempt) if attempt < self._attempts else None
            if pause is None:
                if isinstance(outcome, httpx.TransportError):
                    raise outcome
                return check(outcome)
            await self._sleep(pause)

    async def close(self) -> None:
        """Close its connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, call: Call, record: Any) -> Any:  # noqa: ANN401  whatever the call answers
        return read(await self.request(call), record)


def turn_pages(ask: Callable[[Any], Any], items: str, following: str) -> Iterator[Any]:
    """Give every item of every page; the last page names none to follow it, or is empty."""
    cursor: Any = None
    while True:
        page = ask(cursor)
        found = getattr(page, items)
        yield from found
        cursor = getattr(page, following)
        if not found or cursor is None:
            return


async def turn_pages_async(ask: Callable[[Any], Awaitable[Any]], items: str, following: str) -> AsyncIterator[Any]:
    """Give every item of every page; the last page names none to follow it, or is empty."""
    cursor: Any = None
    while True:
        page = await ask(cursor)
        found = getattr(page, items)
        for item in found:
            yield item
        cursor = getattr(page, following)
        if not found or cursor is None:
            return
