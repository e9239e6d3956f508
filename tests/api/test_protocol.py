"""Clients that are slow, silent or send what is no HTTP, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.protocol import LEAST_BODY_BYTES, MOST_HEAD_BYTES, MOST_WASTED_BYTES, GuardedProtocol
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.anyio
READY = b"GET / HTTP/1.1\r\nHost: dunning.test\r\n\r\n"
BODY_TO_COME = b"POST / HTTP/1.1\r\nHost: dunning.test\r\nContent-Length: 10\r\n\r\n"


class Impatient(GuardedProtocol):
    """Looks after its client every few hundredths of a second."""

    patience_seconds = 0.05


class Told(GuardedProtocol):
    """Looks after its client when the test says so, however long that takes."""

    patience_seconds = 86_400.0
    taken_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Let the test know of it."""
        super().connection_made(transport)
        self.app_state["told"] = self

    def data_received(self, data: bytes) -> None:
        """Count what has come."""
        super().data_received(data)
        self.taken_bytes += len(data)


async def refuse(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer without a look at the body."""
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


async def answer(_scope: Any, receive: Any, send: Any) -> None:
    """Read the body whole, then answer."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def listen(
    protocol: type[GuardedProtocol], app: Any = answer, app_state: dict[str, Any] | None = None
) -> tuple[asyncio.Server, int]:
    """Listen with a protocol on a port of its own."""
    config = uvicorn.Config(app, http=protocol, ws="none", log_config=None)
    config.load()
    state, shared = ServerState(), {} if app_state is None else app_state
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config=config, server_state=state, app_state=shared), "127.0.0.1", 0
    )
    return server, server.sockets[0].getsockname()[1]


@pytest.fixture
async def patient() -> AsyncIterator[int]:
    """The port of a server as it is run."""
    server, port = await listen(GuardedProtocol)
    async with server:
        yield port


@pytest.fixture
async def impatient() -> AsyncIterator[int]:
    """The port of a server that does not wait long."""
    server, port = await listen(Impatient)
    async with server:
        yield port


@pytest.fixture
async def refusing() -> AsyncIterator[int]:
    """The port of a server that refuses everything and does not wait long."""
    server, port = await listen(Impatient, refuse)
    async with server:
        yield port


async def exchange(port: int, *sent: bytes) -> bytes:
    """Send, and read until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for part in sent:
                writer.write(part)
                await writer.drain()
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_problem_too(patient: int, sent: bytes) -> None:
    """It has the one shape of every error, and the connection ends."""
    head, _, body = (await exchange(patient, sent)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["type"] == "urn:dunning:problem:bad-request"


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", b"GET /"])
async def test_a_head_without_end_is_refused(patient: int, begun: bytes) -> None:
    """Before its token is known a client can make the server hold no more than a head's worth."""
    answered = await exchange(patient, begun, b"a" * (MOST_HEAD_BYTES + 1))
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"65,536 bytes" in answered


async def test_whoever_is_silent_is_let_go(impatient: int) -> None:
    """Before a request, in its head and in its body."""
    for sent in (b"", b"GET / HT", BODY_TO_COME, BODY_TO_COME + b"12345"):
        assert await exchange(impatient, sent) == b"", sent


async def test_a_head_that_trickles_is_let_go(impatient: int) -> None:
    """Whoever sends a byte now and then does not keep a connection for ever."""
    assert await trickle(impatient, b"GET / HTTP/1.1\r\n", b"X") == b""


async def send_looked_after(*parts: bytes) -> bytes:
    """Send parts, each after the one before was taken and the client was looked after; answers what came back."""
    shared: dict[str, Any] = {}
    server, port = await listen(Told, app_state=shared)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = 0
        for part in parts:
            writer.write(part)
            sent += len(part)
            await until(lambda due=sent: "told" in shared and shared["told"].taken_bytes == due)  # type: ignore[misc]  # bound now
            shared["told"]._look_after()  # noqa: SLF001  what it does every half minute
            if shared["told"].transport.is_closing():
                break
        async with asyncio.timeout(PATIENCE_SECONDS):
            answers = await reader.read()
        writer.close()
    return answers


async def test_requests_one_after_the_other_are_answered() -> None:
    """Also when the client sends the second before it has the answer to the first, or a body in parts."""
    last = BODY_TO_COME.replace(b"Host:", b"Connection: close\r\nHost:")
    answers = await send_looked_after(READY + READY + last + b"12345", b"67890")
    assert answers.count(b"\r\n\r\nok") == 3


CHUNKED = b"POST / HTTP/1.1\r\nHost: dunning.test\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("endless", [b"0\r\nX: ", b"2;x="])
async def test_what_stands_around_a_body_is_bounded(endless: bytes) -> None:
    """A trailer, or what a chunk says of itself, is refused when it has more bytes than a head may have."""
    has_begun = asyncio.Event()

    async def read(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] == "http.request":
            has_begun.set()

    server, port = await listen(GuardedProtocol, read)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(CHUNKED + b"2\r\n{}\r\n")
        await has_begun.wait()
        writer.write(endless.ljust(MOST_HEAD_BYTES + 1, b"a"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            answered = await reader.read()
        writer.close()
    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"What stands around a body has at most 65,536 bytes." in answered


async def test_a_trailer_is_no_header() -> None:
    """What comes after the body says nothing about the request."""
    seen: list[Any] = []

    async def note(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        seen.extend(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b""})

    server, port = await listen(GuardedProtocol, note)
    async with server:
        await exchange(port, CHUNKED + b"2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    assert [name for name, _ in seen] == [b"host", b"transfer-encoding"]


async def trickle(port: int, head: bytes, part: bytes) -> bytes:
    """Send a head and then a part every few milliseconds; answers what came until the connection ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)

    async def send() -> None:
        while True:
            writer.write(part)
            await asyncio.sleep(0.005)  # noqa: TID251  a client that is slow

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reader.read()
    except ConnectionResetError:  # closed while something was still on its way
        return b""
    finally:
        sending.cancel()
        writer.close()


LONG = b"POST / HTTP/1.1\r\nHost: dunning.test\r\nContent-Length: %d\r\n\r\n"


async def test_a_body_that_trickles_is_let_go(impatient: int) -> None:
    """A byte now and then does not hold a place for hours."""
    assert await trickle(impatient, LONG % 1_000_000, b"x") == b""


@pytest.mark.parametrize(("part_bytes", "read_count"), [(LEAST_BODY_BYTES, 1), (LEAST_BODY_BYTES - 1, 0)])
async def test_a_body_that_comes_steadily_is_read_to_its_end(part_bytes: int, read_count: int) -> None:
    """However long it takes as a whole; with a byte less between two looks it is let go."""
    head = (LONG % (20 * part_bytes)).replace(b"Host:", b"Connection: close\r\nHost:")
    answers = await send_looked_after(head, *[b"x" * part_bytes] * 20)
    assert answers.count(b"\r\n\r\nok") == read_count


async def test_the_body_of_what_was_refused_is_not_awaited_for_long(refusing: int) -> None:
    """The answer has been given: neither a trickle nor a flood behind it keeps the connection."""
    for part in (b"x", b"x" * 65536):
        answered = await trickle(refusing, LONG % (100 * MOST_WASTED_BYTES), part)
        assert answered == b"" or answered.startswith(b"HTTP/1.1 401 "), part
