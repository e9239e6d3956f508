"""HTTP from whoever connects: a bounded head, bodies that come at all, no endless waiting, and one shape of refusal.

httptools alone reads a head or a trailer of any size into memory and waits for the rest of a request for ever.
"""

import asyncio
from typing import Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, ProblemError
from api.strangers import FIRST

MOST_HEAD_BYTES = 64 << 10
MOST_WASTED_BYTES = 1 << 20
LEAST_BODY_BYTES = 16 << 10
PATIENCE_SECONDS = 30.0


class GuardedProtocol(HttpToolsProtocol):
    """One client's connection; looked at once a while, so that a request costs nothing more."""

    patience_seconds = PATIENCE_SECONDS
    _awaited: Literal["head", "body", "answer"] = "head"
    _head_bytes = 0
    _framing_bytes = 0
    _wasted_bytes = 0
    _body_bytes = 0
    _looks = 0
    _was_heard = True
    _has_body = False
    _was_held_up = False
    _is_first = True
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
        """Read on, unless the head or what stands around a body has become too long."""
        self._was_heard = True
        self._has_body = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._awaited == "head":
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.send_400_response(f"The head of a request has at most {MOST_HEAD_BYTES:,} bytes.")
        elif self._awaited == "body":
            self._check_body(len(data))

    def on_message_begin(self) -> None:
        """Await a head."""
        self._awaited = "head"
        self._head_bytes = self._body_bytes = self._looks = 0
        super().on_message_begin()
        self.scope["extensions"] = {FIRST: {"is_so": self._is_first}}
        self._is_first = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a field of a trailer, after the body, is nobody's."""
        if self._awaited == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Await a body."""
        self._awaited = "body"
        self._framing_bytes = self._wasted_bytes = self._body_bytes = self._looks = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._has_body = True
        self._body_bytes += len(body)
        super().on_body(body)
        self._was_held_up = self._was_held_up or self.flow.read_paused

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

    def _check_body(self, size: int) -> None:
        """Let a client go that sends much around its body, or much of a body that was refused."""
        self._framing_bytes = 0 if self._has_body else self._framing_bytes + size
        if self.cycle.response_started:
            self._wasted_bytes += size
            if max(self._wasted_bytes, self._framing_bytes) > MOST_WASTED_BYTES:
                self.transport.close()
        elif self._framing_bytes > MOST_HEAD_BYTES:
            self.send_400_response(f"What stands around a body has at most {MOST_HEAD_BYTES:,} bytes.")

    def _look_after(self) -> None:
        """Let a client go that sent nothing since the last look, cannot finish a head, or trickles its body."""
        is_for_nothing = self._awaited == "body" and self.cycle.response_complete
        is_trickle = self._looks > 0 and (is_for_nothing or self._body_bytes < LEAST_BODY_BYTES)
        is_slow = not self._was_heard or is_trickle
        if self._awaited != "answer" and is_slow and not self._was_held_up and not self.flow.read_paused:
            self.transport.close()
            return
        self._looks += 1
        self._body_bytes = 0
        self._was_heard = self._was_held_up = False
        self._look = self.loop.call_later(self.patience_seconds, self._look_after)
