"""A window of the browser that notices whatever a page was not allowed to do, or asked for elsewhere."""

from typing import Any
from urllib.parse import urlsplit

from tests.waiting import PATIENCE_SECONDS, wait_for

_NOTICE = """
addEventListener("securitypolicyviolation", event =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Visitor:
    """Somebody with a window; ``troubles`` are what should not have been."""

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.troubles: list[str] = []
        self._host = urlsplit(address).netloc
        context.add_init_script(_NOTICE)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._see)

    def go(self, path: str) -> Any:
        """Go to a page of the console, and wait until its pictures are there, and until it loads itself no more."""
        return wait_for(lambda: self._load(path))

    def _load(self, path: str) -> Any:
        answer = self.page.goto(f"/console{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return None if "refresh" in answer.headers else self.page

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"{self.page.url}: {message.text}")

    def _see(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != self._host:
            self.troubles.append(f"{self.page.url} asks for {request.url}")
