"""HTTP from whoever connects: a bounded head, no endless waiting, and one shape of refusal.

httptools alone reads a head of any size into memory and waits for the rest of a request for ever.
"""

import asyncio
from typing import Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, ProblemError

MOST_HEAD_BYTES = 64 << 10
PATIENCE_SECONDS = 30.0


class GuardedProtocol(HttpToolsProtocol):
    """One client's connection; looked at once a while, so that a request costs nothing more."""

    patience_seconds = PATIENCE_SECONDS
    _awaited: Literal["head", "body", "answer"] = "head"
    _head_bytes = 0
    _head_looks = 0
    _was_heard = True
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to listen, and to look after the client."""
        super().connection_made(transport)
        self._look = self.loop.call_later(self.patience_seconds, self._look_after)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking after the client."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too long."""
        self._was_heard = True
        super().data_received(data)
        if self._awaited == "head":
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response(f"The head of a request has at most {MOST_HEAD_BYTES:,} bytes.")

    def on_message_begin(self) -> None:
        """Await a head."""
        self._awaited = "head"
        self._head_bytes = self._head_looks = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Await a body."""
        self._awaited = "body"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Owe an answer: from here on it is not the client who is slow."""
        self._awaited = "answer"
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, in the one shape of every error."""
        body = ProblemError("bad-request", msg).body
        head = {b"content-type": MEDIA_TYPE.encode(), b"content-length": b"%d" % len(body), b"connection": b"close"}
        lines = [b"%b: %b\r\n" % line for line in (*self.server_state.default_headers, *head.items())]
        self.transport.write(b"".join((b"HTTP/1.1 400 Bad Request\r\n", *lines, b"\r\n", body)))
        self.transport.close()

    def _look_after(self) -> None:
        """Let a client go that sent nothing since the last look, or that cannot finish a head."""
        self._head_looks += self._awaited == "head"
        is_slow = not self._was_heard or self._head_looks > 1
        if self._awaited != "answer" and is_slow and not self.flow.read_paused:
            self.transport.close()
            return
        self._was_heard = False
        self._look = self.loop.call_later(self.patience_seconds, self._look_after)
