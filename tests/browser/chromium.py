"""Debian's chromium, driven by Playwright, neither of which has to be there."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

# As root there is no sandbox of its own; and it asks nothing of the network but our own server.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Missing(Exception):
    """There is no browser to look with; the message says what is not installed."""


@contextlib.contextmanager
def open_chromium() -> Iterator[Any]:
    """Start the browser. Raises Missing; where CI is set and there is a chromium, nothing else may be missing."""
    path = shutil.which("chromium")
    if path is None:
        raise Missing("chromium is not installed on this machine")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  a group of its own
    except ModuleNotFoundError:
        assert "CI" not in os.environ, "Playwright is needed here: `make browser` adds it"
        raise Missing("Playwright is not installed (`make browser` adds it)") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        try:
            yield browser
        finally:
            browser.close()


def sign_in(chromium: Any, address: str, secret: str) -> Any:
    """Sign in by keyboard alone; returns what the browser keeps of it."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/console")
    page.keyboard.type(secret)  # the field has the focus
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/console*")
    page.get_by_role("button", name="Sign out").wait_for()
    kept = context.storage_state()
    context.close()
    return kept
