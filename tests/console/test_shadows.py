"""Shadows on their page: from which step to which, how many accounts, and for whom first."""

import httpx
import pytest

from tests.api.asking import Asking
from tests.api.test_shadows import CHALLENGER, CHAMPION, ask, begin
from tests.console.reading import read

pytestmark = pytest.mark.anyio

ABROAD = "country: BE"


async def test_who_has_no_shadow_is_told_what_one_is(browser: httpx.AsyncClient) -> None:
    """Before any is begun."""
    assert "No version is asked beside what is in use" in (await read(browser, "/figures/shadows")).said


async def test_a_shadow_is_a_matrix_from_step_to_step(browser: httpx.AsyncClient, asking: Asking) -> None:
    """What is the same is grey, what is not is counted with its money, and the first accounts are named."""
    await asking.publish(CHALLENGER.replace("country: NL", ABROAD))
    await asking.publish(CHAMPION.replace("country: NL", ABROAD))
    shadows = await begin(asking, percent=100)
    assert "No account was asked about yet." in (await read(browser, "/figures/shadows")).said
    await ask(asking, "<large>", country="BE", customer_value=900)
    for name in ("small", "smaller"):
        await ask(asking, name, country="BE", customer_value=20)
    await shadows.drain()
    page = await read(browser, "/figures/shadows?ruleset=demo")
    for words in (
        "Of 3 accounts that were asked about, something else would have been done for 1.",
        "remind · send reminder · email call · place call · phone 1 1 40.00 EUR",
        "remind · send reminder · email remind · send reminder · email 2 0 80.00 EUR",
        "<large>",
    ):
        assert words in page.said.replace("\N{NARROW NO-BREAK SPACE}", " "), page.said
    fields = [each["class"] or "" for tag, each in page.found if tag == "td" and "heat" in (each.get("class") or "")]
    assert [("same" in each, "heat-5" in each) for each in fields] == [(False, True)]
    for name, first in (("steps", "call · place call · phone,1,1,40.00,EUR"), ("first", "<large>,")):
        answer = await browser.get(f"/console/figures/shadows?csv={name}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert first in answer.text
