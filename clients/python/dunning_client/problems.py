"""Every refusal of the service as an exception: problem details (RFC 9457)."""

from typing import Any

import httpx
import msgspec


class Problem(Exception):
    """What a request was refused with; `type` stays, whatever becomes of the words, so compare that."""

    def __init__(self, status: int, details: dict[str, Any], request_id: str | None = None) -> None:
        self.status = status
        self.details = details
        self.request_id = request_id
        super().__init__(f"{status}: {self.detail or self.title}")

    @property
    def type(self) -> str:
        """Which problem it is, `urn:dunning:problem:…`."""
        return str(self.details.get("type", "about:blank"))

    @property
    def title(self) -> str:
        """The same in words."""
        return str(self.details.get("title", ""))

    @property
    def detail(self) -> str:
        """What it was this time."""
        return str(self.details.get("detail", ""))

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Each place that is wrong: `pointer`, `parameter` or `header`, and the `message`."""
        listed = self.details.get("problems")
        return listed if isinstance(listed, list) else []


def read_problem(response: httpx.Response) -> Problem:
    """Read an answer that is no success; also one that something between here and the service wrote."""
    try:
        details = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        details = None
    if not isinstance(details, dict):
        details = {
            "title": response.reason_phrase,
            "detail": f"{response.request.url.host} answered no problem details",
        }
    return Problem(response.status_code, details, response.headers.get("X-Request-Id"))
