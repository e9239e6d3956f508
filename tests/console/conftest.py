"""A console on a real store, with an account that something is to be done about, and browsers of several people."""

import contextlib
import functools
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from litestar import Litestar

from api.operation import SCOPES
from api.operation import Scope as ScopeName
from store.checkpoints import Signer
from tests.api.asking import Asking, start
from tests.api.examples import REMINDER

APPROVED = REMINDER.replace("template: nl.reminder", "approval: required")
ORIGIN = "https://dunning.test"
Visit = Callable[..., contextlib.AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(scope="module")
async def asking(database_url: str) -> AsyncIterator[Asking]:
    """A service that asked about an account: a reminder waits for approval; its log was signed, and once not proved."""
    async with start(database_url) as made:
        made.service.signer = Signer.make()
        await made.store.log.sign(made.service.signer)
        begun = await made.store.verifications.begin(actor="other", name="other")
        await made.store.verifications.end(begun, "it could not be read")
        await made.publish(APPROVED)
        await made.put("anna")
        await made.ask_all()
        yield made


@contextlib.asynccontextmanager
async def sign_in(asking: Asking, *scopes: ScopeName) -> AsyncIterator[httpx.AsyncClient]:
    """Make a browser without script, signed in with a token of these scopes; with none of them, signed out."""
    app: Litestar = asking.app
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx's looser types
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as browser:
        if scopes:
            secret = (await asking.store.tokens.create("carla", frozenset(scopes))).secret
            answer = await browser.post("/console/sign-in", data={"token": secret})
            assert answer.status_code == 303, answer.text
        yield browser


@pytest.fixture(scope="module")
def visit(asking: Asking) -> Visit:
    """Make browsers of the service."""
    return functools.partial(sign_in, asking)


@pytest.fixture(scope="module")
async def browser(visit: Visit) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who may do everything."""
    async with visit(*SCOPES) as made:
        yield made
