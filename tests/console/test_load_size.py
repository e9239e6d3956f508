"""What a page and all that it loads come to over the line, the first time that one opens it."""

from html import unescape

import httpx
import pytest

from tests.console.reading import Reader
from tests.console.test_console import PAGES

pytestmark = pytest.mark.anyio
MOST_BYTES = 250_000


async def weigh(browser: httpx.AsyncClient, address: str) -> int:
    """The bytes that an address is answered with, as they are sent."""
    answer = await browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, answer.text
    return answer.num_bytes_downloaded


@pytest.mark.parametrize("path", PAGES)
async def test_a_first_load_is_small(browser: httpx.AsyncClient, path: str) -> None:
    """A page with its style, script and pictures is under 250 kB."""
    page = Reader((await browser.get(f"/console{path}")).text)
    named = {each.get("href") or each.get("src") for tag, each in page.found if tag in {"link", "img", "script"}}
    loaded = [unescape(address) for address in named if address and address.startswith("/console/")]
    assert loaded
    assert sum([await weigh(browser, address) for address in (f"/console{path}", *loaded)]) < MOST_BYTES
