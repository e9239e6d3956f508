"""Roles: what each may see and do in the console, the whole table; whatever is not in it is refused."""

import re
from collections.abc import AsyncIterator
from typing import get_args

import httpx
import pytest

from api.operation import ROLES, SCOPES, Role
from tests.api.asking import Asking, start
from tests.console.conftest import ORIGIN, sign_in
from tests.console.test_console import every_screen

pytestmark = pytest.mark.anyio

DECIDING, READING = "approver collector", "author approver auditor operator"
TABLE = {
    "GET /": DECIDING,
    "POST /work/{}/approve": "approver",
    "POST /work/{}/refuse": "approver",
    "POST /work/{}/snooze": DECIDING,
    "POST /work/{}/assign": DECIDING,
    "GET /runs": DECIDING,
    "POST /runs": DECIDING,
    "GET /runs/{}": DECIDING,
    "POST /runs/{}/approve": "approver",
    "POST /runs/{}/release": "approver",
    "POST /runs/{}/cancel": DECIDING,
    "POST /runs/{}/exclude": DECIDING,
    "POST /runs/{}/hold": DECIDING,
    "POST /runs/{}/approve-all": "approver",
    "GET /runs/{}/days.svg": DECIDING,
    "GET /accounts": "collector",
    "GET /accounts/{}": "collector",
    "GET /accounts/{}/course.svg": "collector",
    "GET /decisions": READING,
    "GET /decisions/{}": READING,
    "POST /decisions/{}/replay": READING,
    "GET /decisions/{}/proof.json": READING,
    "GET /rulesets": READING,
    "GET /rulesets/{}/versions/{}": READING,
    "GET /rulesets/{}/versions/{}/ladder.svg": READING,
    "GET /sandbox": READING,
    "POST /sandbox": READING,
    "POST /sandbox/account": "",  # an author who is a collector as well
    "POST /sandbox/file": READING,
    "POST /sandbox/publish": "author approver",
    "GET /figures": READING,
    "GET /figures/pictures/{}/{}": READING,
    "GET /figures/tables/{}": READING,
    "GET /figures/experiments": READING,
    "GET /figures/experiments/sizes.svg": READING,
    "GET /figures/experiments/differences.svg": READING,
    "GET /figures/shadows": READING,
    "GET /audit": READING,
    "POST /audit/checkpoints": READING,
    "GET /audit/checkpoint.txt": READING,
    "POST /audit/verifications": READING,
    "GET /audit/verifications/{}": READING,
    "GET /audit/evidence.zip": READING,
    "GET /audit/erasures": READING,
    "GET /audit/accesses": "operator",
    "GET /audit/events": "operator",
    "GET /audit/webhooks/{}": "operator",
    "POST /audit/webhooks/{}/again": "operator",
    "POST /audit/webhooks/{}/resume": "operator",
}


@pytest.fixture(scope="module")
async def asking(database_url: str) -> AsyncIterator[Asking]:
    """A service that holds nothing: a right is asked before anything is looked up."""
    async with start(database_url) as made:
        yield made


@pytest.fixture(scope="module")
async def browsers(asking: Asking) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A browser of somebody in each role."""
    async with (
        sign_in(asking, *ROLES["author"]) as author,
        sign_in(asking, *ROLES["approver"]) as approver,
        sign_in(asking, *ROLES["collector"]) as collector,
        sign_in(asking, *ROLES["auditor"]) as auditor,
        sign_in(asking, *ROLES["operator"]) as operator,
    ):
        yield {
            "author": author,
            "approver": approver,
            "collector": collector,
            "auditor": auditor,
            "operator": operator,
        }


def list_screens() -> list[str]:
    """List every page and action of the console that asks for a right, as the table writes them."""
    return [
        f"{method} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/console')) or '/'}"
        for method, path, screen in every_screen()
        if screen.scope is not None
    ]


def test_the_table_holds_every_page_and_action() -> None:
    """And nothing that is not there any more."""
    assert sorted(TABLE) == sorted(list_screens())


def test_each_scope_is_of_a_role_and_each_role_has_some() -> None:
    """Nothing can be done by nobody."""
    assert {scope for scopes in ROLES.values() for scope in scopes} == set(SCOPES)
    assert tuple(ROLES) == get_args(Role)


@pytest.mark.parametrize("screen", sorted(TABLE))
async def test_a_role_may_what_the_table_says(browsers: dict[str, httpx.AsyncClient], screen: str) -> None:
    """Whoever may not is told which right it takes; whoever may is answered, if only that nothing is there."""
    method, _, path = screen.partition(" ")
    address = "/console" + path.rstrip("/").replace("versions/{}", "versions/1").replace("{}", "none")
    told = {"checkpoint": "none"} if method == "POST" else None
    allowed = set()
    for role, browser in browsers.items():
        answer = await browser.request(method, address, data=told, headers={"Origin": ORIGIN})
        assert answer.status_code < 500 or answer.status_code in {501, 503}, answer.text
        if answer.status_code != 403:
            allowed.add(role)
        else:
            assert "This needs a token with the right" in answer.text
    assert allowed == set(TABLE[screen].split())
