"""An endpoint that takes webhooks: a real server that answers what it was told, and keeps what it got."""

import asyncio
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import msgspec


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """What is told."""
        told: dict[str, Any] = msgspec.json.decode(self.body)
        return told


class Receiver:
    """Listens on 127.0.0.1; answers with `answers` in turn, each the head of a response, then with 204."""

    def __init__(self, *answers: str, context: ssl.SSLContext | None = None) -> None:
        self.answers = [*answers]
        self.received: list[Received] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._context = context
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> Sequence[str]:
        """The events that came, in order, by their id."""
        return [each.headers["webhook-id"] for each in self.received]

    @property
    def subjects(self) -> Sequence[str]:
        """What the events that came are about, in order."""
        return [str(each.event["subject"]) for each in self.received]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self.may_answer.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.received.append(Received(path=head[0].split(" ")[1], headers=headers, body=body))
            await self.may_answer.wait()
            answer = self.answers.pop(0) if self.answers else "204 No Content"
            writer.write(f"HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # the other side went away
        finally:
            writer.close()
