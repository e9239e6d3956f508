"""Search: accounts, decisions and rules in use, as far as one's rights go, from a field on every page."""

import re

import httpx
import pytest

from tests.api.asking import Asking
from tests.console.conftest import Visit
from tests.console.reading import Reader

pytestmark = pytest.mark.anyio


async def search(browser: httpx.AsyncClient, words: str) -> httpx.Response:
    """Look for something by the field of the header."""
    page = await browser.get("/console/search")
    (action,) = re.findall(r'<form class="search" method="get" action="([^"]+)"', page.text)
    return await browser.get(action, params={"q": words})


async def test_an_id_written_whole_leads_there(browser: httpx.AsyncClient, asking: Asking) -> None:
    """To the account, and to the decision."""
    assert (await search(browser, " anna ")).headers["location"] == "/console/accounts/anna"
    decisions = await asking.client.get("/v1/decisions?account=anna")
    decision_id = decisions.json()["decisions"][0]["decision_id"]
    assert (await search(browser, decision_id)).headers["location"] == f"/console/decisions/{decision_id}"


async def test_beginnings_and_words_are_found(browser: httpx.AsyncClient) -> None:
    """Accounts by the beginning of their id, rules by words of their title, each with its line."""
    page = await search(browser, "ann")
    assert 'href="/console/accounts/anna"' in page.text
    page = await search(browser, "FRIENDLY rem")
    address, line = re.findall(r'href="([^"]+/versions/1)#(L\d+)">Friendly reminder<', page.text)[0]
    assert f'id="{line}"' in (await browser.get(address)).text
    said = Reader((await search(browser, "nothing at all")).text).said
    assert "No account has an id that begins so" in said
    assert "No rule in use is called so" in said


async def test_nobody_finds_what_they_may_not_see(visit: Visit, asking: Asking) -> None:
    """Neither in lists nor by where an id leads."""
    decisions = await asking.client.get("/v1/decisions?account=anna")
    decision_id = decisions.json()["decisions"][0]["decision_id"]
    async with visit("accounts") as browser:
        assert (await search(browser, decision_id)).status_code == 200
        page = await search(browser, "ann")
        assert "Accounts" in page.text
        assert not any(word in page.text for word in ("Rules in use", "<h2>Decisions</h2>"))
    async with visit("audit") as browser:
        page = await search(browser, "anna")
        assert page.status_code == 200
        assert f"/console/decisions/{decision_id}" in page.text
        assert "/console/accounts/anna" not in page.text
    async with visit("events") as browser:
        page = await search(browser, "anna")
        assert not any(word in page.text for word in ("<h2>", decision_id))
    async with visit() as browser:
        assert (await browser.get("/console/search?q=anna")).headers["location"].startswith("/console/sign-in")


async def test_what_was_looked_for_is_noted(browser: httpx.AsyncClient, asking: Asking) -> None:
    """An id tells as much as a page."""
    await search(browser, "ann")
    assert any("/console/search?q=ann" in each.what for each in (await asking.store.accesses.list()).accesses)
