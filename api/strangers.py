"""Who shows no token waits for others who show none: nobody else waits for them."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

FIRST = "dunning.first"
"""The extension of a scope that says whether its request is the first of its connection."""
STRANGERS_PER_SECOND, PROBES_PER_SECOND = 200, 50
STRANGERS_SECONDS = 10
"""After so long the last of many strangers is answered all the same: what waits is bounded too."""
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class Lane:
    """Lets some through at once and then so many a second, in the order of coming, none after more than a while.

    However many connections a stranger opens, they make as much work as the rate allows.
    """

    def __init__(self, *, per_second: float, at_once: int, most_seconds: float) -> None:
        self._pause = 1 / per_second
        self._credit = at_once / per_second
        self._most_seconds = most_seconds
        self._due = float("-inf")

    def enter(self, now: float) -> float:
        """Take the next place; return the seconds until its turn comes, none where it is there."""
        self._due = min(max(self._due, now - self._credit) + self._pause, now + self._most_seconds)
        return max(0.0, self._due - now)

    async def wait(self) -> None:
        """Wait for one's turn."""
        seconds = self.enter(asyncio.get_running_loop().time())
        if seconds:
            await asyncio.sleep(seconds)


def open_lanes() -> tuple[Lane, Lane]:
    """Open the lane of strangers, and that of probes on connections that are kept."""
    strangers = Lane(per_second=STRANGERS_PER_SECOND, at_once=100, most_seconds=STRANGERS_SECONDS)
    return strangers, Lane(per_second=PROBES_PER_SECOND, at_once=50, most_seconds=5)


def pace(app: ASGIApp) -> ASGIApp:
    """Hold back the answers to requests without a valid token, where there are very many.

    A probe is answered at once when it is the first of its connection, as those of orchestrators are.
    """
    strangers, probes = open_lanes()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        told = cast("dict[str, Any]", scope)
        is_probe = told["path"] in _PROBES
        if is_probe and not _is_first(told):
            await probes.wait()

        async def send_paced(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_probe and told.get("auth") is None:
                await strangers.wait()
            await send(message)

        await app(scope, receive, send_paced)

    return answer


def _is_first(scope: Mapping[str, Any]) -> bool:
    told: dict[str, dict[str, bool]] = scope.get("extensions") or {}
    return told.get(FIRST, {}).get("is_so", False)
