"""A stranger without a token, with a thousand connections, beside a client whose decisions must not wait for it.

How long they take beside it is measured by `make strangers`; here nothing hangs on how fast the machine is.
"""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.types import Message, Receive, Scope, Send

from api.strangers import FIRST, PROBES_PER_SECOND, STRANGERS_PER_SECOND, STRANGERS_SECONDS, Lane, open_lanes, pace
from tests.api.examples import REMINDER
from tests.api.running import Running
from tests.waiting import PATIENCE_SECONDS, until, wait_for

ROOT = Path(__file__).parents[2]
CONNECTIONS_COUNT = 1000


@pytest.fixture
def running(empty_database_url: str, tmp_path: Path) -> Iterator[Running]:
    """A server with one worker."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    server = Running(empty_database_url, folder)
    yield server
    server.end(signal.SIGTERM)


@contextlib.contextmanager
def attacking(port: int | None) -> Iterator[None]:
    """Let a stranger at a port, in a process of its own."""
    words = map(str, (port, CONNECTIONS_COUNT, PATIENCE_SECONDS))
    with subprocess.Popen([sys.executable, "-m", "bench.stranger", *words], cwd=ROOT) as process:
        try:
            yield
        finally:
            process.kill()


def count_refused(running: Running) -> int:
    """Count the requests that were answered with 401, after one's own eyes on the figures."""
    lines = running.client.get("/metrics").text.splitlines()
    counted = [line.rpartition(" ")[2] for line in lines if "requests_total" in line and 'status="401"' in line]
    return sum(map(int, counted))


@pytest.mark.slow
def test_a_stranger_stops_nobody(running: Running) -> None:
    """While a thousand connections without a token are answered, decisions are, and the server is well afterwards."""
    with attacking(running.client.base_url.port):
        wait_for(lambda: count_refused(running) > 100)
        refused = count_refused(running)
        for _ in range(100):
            running.decide()
        wait_for(lambda: count_refused(running) > refused)  # it was there all the while
    assert running.client.get("/healthz").status_code == 200


def test_a_stranger_writes_nothing_into_the_log(running: Running) -> None:
    """Whatever is sent without a token, however it ends: not a line, since that would be as many as strangers like."""
    head = b"POST /v1/next-action HTTP/1.1\r\nHost: x\r\n"
    address = (running.client.base_url.host, running.client.base_url.port or 0)
    before = running.said
    for sent in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS handshake
        b"GET /\r\n\r\n",
        b"GET /\xff\x00 HTTP/1.1\r\n\r\n",
        b"GET /v1/accounts/%zz?as_of=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /readyz HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"GET /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        head + b"Content-Length: -1\r\n\r\n",
        head + b"Content-Length: 10\r\n\r\n{",  # it goes before its body is whole
        head + b"Content-Length: 99999999999\r\n\r\n{}",
        head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ):
        with socket.create_connection(address) as stranger, contextlib.suppress(ConnectionError):
            stranger.sendall(sent)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(65_536):
                pass
    running.decide()
    assert running.said == before


@pytest.mark.anyio
async def test_who_shows_a_token_never_waits_for_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many strangers wait for their turn, which never comes here, nobody else waits in their lanes."""
    held, never = [], asyncio.Event()

    async def hold(lane: Lane) -> None:
        held.append(lane)
        await never.wait()

    monkeypatch.setattr(Lane, "wait", hold)
    answered: list[str] = []
    asking = [asyncio.create_task(ask(answered, "/v1/decisions")) for _ in range(100)]
    asking += [asyncio.create_task(ask(answered, "/readyz", is_first=False)) for _ in range(100)]
    await until(lambda: len(held) == 200)
    await ask(answered, "/v1/next-action", auth="a token that is known")
    await ask(answered, "/readyz", is_first=True)
    assert answered == ["/v1/next-action", "/readyz"]
    never.set()
    await asyncio.gather(*asking)
    assert len(answered) == 202


async def ask(answered: list[str], path: str, *, auth: str | None = None, is_first: bool = False) -> None:
    """Send a request through the pacing of strangers, and note its path when it is answered."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def note(_message: Message) -> None:
        answered.append(path)

    scope: Any = {"type": "http", "path": path, "auth": auth, "extensions": {FIRST: {"is_so": is_first}}}
    await pace(answer)(scope, None, note)  # type: ignore[arg-type]  # nothing is received


def test_a_lane_lets_some_through_at_once_and_the_others_at_its_rate() -> None:
    """Whoever comes alone does not wait; of many none waits longer than the most."""
    lane = Lane(per_second=100, at_once=10, most_seconds=0.3)
    waits = [lane.enter(1000.0) for _ in range(100)]
    assert waits[:10] == pytest.approx([0.0] * 10)
    assert waits[10:40] == pytest.approx([step / 100 for step in range(1, 31)])
    assert waits[40:] == pytest.approx([0.3] * 60)
    assert lane.enter(1000.31) == pytest.approx(0.0)


def test_strangers_and_probes_have_their_rates() -> None:
    """After those that are let through at once so many a second go on; none waits longer than is said."""
    for lane, per_second in zip(open_lanes(), (STRANGERS_PER_SECOND, PROBES_PER_SECOND), strict=True):
        waits = [lane.enter(1000.0) for _ in range(10_000)]
        waiting = [seconds for seconds in waits if seconds > 1e-9]
        assert waiting[per_second - 1] == pytest.approx(1.0)
    strangers, _ = open_lanes()
    assert max(strangers.enter(1000.0) for _ in range(10_000)) == STRANGERS_SECONDS
