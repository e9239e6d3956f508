"""A client that keeps its connection and waits for a server that is gone: of the standard library, and so cheap."""

import contextlib
import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

BUSY = {429, 503}
"""The answers after which the same is sent again."""


class Caller:
    """Calls one server."""

    def __init__(self, address: str, token: str) -> None:
        where = urlsplit(address)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Send until it is answered; answers the status and the body."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        named = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, answer = self._ask(method, path, data, named)
                if status not in BUSY:
                    return status, answer
                self.pause()
                continue
            self._connection.close()
            self.pause()

    def insist(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send until it is answered, and see that it was taken."""
        status, answer = self.call(method, path, body, **headers)
        assert status < 300, (method, path, status, answer)
        return answer

    @staticmethod
    def pause() -> None:
        """Leave the machine to others for a moment."""
        time.sleep(0.05)  # noqa: TID251  a load, which waits as clients do

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, Any]:
        self._connection.request(method, path, data, dict(headers))
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}


def read_moment() -> float:
    """Read the machine's clock that only runs forward; it is the same for all processes."""
    return time.monotonic()  # noqa: TID251  what was known when is what is judged
