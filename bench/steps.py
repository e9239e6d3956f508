"""(steps) What each step of a request takes, from the body to the committed row of the log.

The application answers in this process, without a socket, on a PostgreSQL of its own, 64 requests at a time. Steps are
functions that wait for nothing; the rest is Litestar, the event loop, and the watch itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import process_time
from typing import Any

from litestar import Litestar

import api.deciding
import api.routes.next_action
import store.decisionlog
from api.app import create_app
from api.service import Settings
from bench.http import prepared, write_bodies
from bench.load import CONNECTIONS_COUNT
from bench.watching import Part, watching
from engine.evaluation import decide, routing
from store.store import Store

STEPS: tuple[Part, ...] = (
    ("read the body as JSON, and the question in it", api.routes.next_action, "_read_request"),
    ("find the ruleset that covers the account", decide, "Route"),
    ("find the ruleset that covers the account", routing.Route, "covering"),
    ("read facts, invoices and history by types", routing.Candidate, "read"),
    ("decide: coordinates, index, durable_rules", decide, "judge"),
    ("look ahead", decide, "look_ahead"),
    ("carry out: channel, money, moment", decide, "carry_out"),
    ("carry out: channel, money, moment", decide, "claim_of"),
    ("say why", decide, "reason_of"),
    ("write the answer", api.deciding, "encode_decision"),
    ("write the log's input and record", api.deciding, "_write_input"),
    ("write the log's input and record", api.deciding, "_record"),
    ("write the log's row and line, and hash them", store.decisionlog, "_rows_of"),
)
ROUNDS = 10
READY_SECONDS = 60


def main() -> None:
    """Print the microseconds of each step."""
    with prepared() as (_folder, url, token):
        asyncio.run(_report(url, token))


async def _report(url: str, token: str) -> None:
    seconds: defaultdict[str, float] = defaultdict(float)
    bodies = write_bodies()
    async with await Store.open(url) as opened:
        app = create_app(Settings(), opened)
        async with app.lifespan():
            ask = _Asker(app, token)
            await ask.until_ready(bodies)
            begun = process_time()
            await ask.all(bodies, ROUNDS)
            unwatched = process_time() - begun
            begun = process_time()
            with watching(STEPS, seconds):
                await ask.all(bodies, ROUNDS)
            whole = process_time() - begun
    count = len(bodies) * ROUNDS
    print(f"steps: a request without its socket takes {unwatched / count * 1e6:.0f} microseconds of the processor")
    for step in dict.fromkeys(step for step, _, _ in STEPS):
        print(f"{step:<46}{seconds[step] / count * 1e6:>8.1f}")
    rest = whole - sum(seconds.values())
    print(f"{'Litestar, the event loop, asyncpg, the watch':<46}{rest / count * 1e6:>8.1f}")
    print()


class _Asker:
    """Asks an application as a server does."""

    def __init__(self, app: Litestar, token: str) -> None:
        self._app = app
        self._headers = [
            (b"host", b"bench"),
            (b"authorization", b"Bearer " + token.encode()),
            (b"content-type", b"application/json"),
        ]

    async def all(self, bodies: Sequence[bytes], rounds: int) -> None:
        """Ask all questions so many times, as many at a time as there are connections."""
        asked = [body for _ in range(rounds) for body in bodies]
        await asyncio.gather(*(self._ask_all(asked[start::CONNECTIONS_COUNT]) for start in range(CONNECTIONS_COUNT)))

    async def until_ready(self, bodies: Sequence[bytes]) -> None:
        """Ask until all is answered: rulesets are made ready after a server has begun to answer."""
        for _ in range(READY_SECONDS):
            if all([await self._ask(body) == 200 for body in bodies]):
                return
            await asyncio.sleep(1)
        raise SystemExit("the rulesets were not ready in time")

    async def _ask_all(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            if await self._ask(body) != 200:
                raise SystemExit("a question was refused")

    async def _ask(self, body: bytes) -> int:
        answered: list[Any] = []

        async def receive() -> Any:  # noqa: ANN401 - an ASGI message
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - as above
            answered.append(message)

        path = "/v1/next-action"
        scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [*self._headers, (b"content-length", str(len(body)).encode())],
            "client": ("127.0.0.1", 1),
            "server": ("bench", 80),
        }
        await self._app(scope, receive, send)
        return int(answered[0]["status"])
