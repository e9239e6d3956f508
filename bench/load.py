"""Asks a server over many connections that stay open: as fast as it answers, or at a steady rate."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from typing import cast

import uvloop

CONNECTIONS_COUNT = 64
_HEAD_END = b"\r\n\r\n"


class Refused(Exception):
    """The server did not answer 200, so what it took says nothing."""


def ask_at_most_speed(address: tuple[str, int], requests: Sequence[bytes], connections: int) -> float:
    """Ask all as fast as they are answered; returns the requests a second."""

    async def run() -> float:
        clients = await _connect(address, connections)
        loop = asyncio.get_running_loop()
        waiting = iter(requests)
        begun = loop.time()

        async def work(client: _Client) -> None:
            for request in waiting:
                await client.ask(request)

        try:
            await asyncio.gather(*map(work, clients))
        finally:
            _close(clients)
        return len(requests) / (loop.time() - begun)

    return uvloop.run(run())


def ask_steadily(address: tuple[str, int], requests: Sequence[bytes], *, per_second: float, count: int) -> list[float]:
    """Ask at a steady rate; returns the seconds from when each was to be sent until it was answered, shortest first."""

    async def run() -> list[float]:
        clients = await _connect(address, CONNECTIONS_COUNT)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        asked: Iterator[tuple[int, bytes]] = zip(range(count), itertools.cycle(requests), strict=False)
        seconds: list[float] = []

        async def work(client: _Client) -> None:
            for number, request in asked:
                due = begun + number / per_second
                await asyncio.sleep(due - loop.time())
                await client.ask(request)
                seconds.append(loop.time() - due)

        try:
            await asyncio.gather(*map(work, clients))
        finally:
            _close(clients)
        return sorted(seconds)

    return uvloop.run(run())


def write_request(method: str, path: str, *, token: str, body: bytes = b"") -> bytes:
    """Write a request as a client sends it."""
    head = [f"{method} {path} HTTP/1.1", "Host: dunning.test", f"Authorization: Bearer {token}"]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if method == "POST" else []
    return "\r\n".join([*head, "", ""]).encode() + body


class _Client(asyncio.Protocol):
    """One connection, which asks one request at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    async def ask(self, request: bytes) -> None:
        """Send a request and wait for its whole answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answer

    def data_received(self, data: bytes) -> None:
        """Take what has come of the answer."""
        self._received += data
        head, found, body = self._received.partition(_HEAD_END)
        if not found or self._answer is None or self._answer.done():
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self._received = b""
        if head.startswith(b"HTTP/1.1 200 "):
            self._answer.set_result(None)
        else:
            self._answer.set_exception(Refused((head + _HEAD_END + body)[:1000].decode()))

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that no answer will come."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Refused(f"the connection was closed: {exc}"))

    def close(self) -> None:
        """End."""
        self._transport.close()


async def _connect(address: tuple[str, int], count: int) -> list[_Client]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(_Client, *address))[1] for _ in range(count)]


def _close(clients: Sequence[_Client]) -> None:
    for client in clients:
        client.close()
