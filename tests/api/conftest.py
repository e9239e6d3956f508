"""A real application on a real store, a client without a socket, and a token for everything."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from api.operation import SCOPES
from api.service import Settings
from store.store import Store
from tests.api.examples import REMINDER


@pytest.fixture(scope="module")
async def store(database_url: str) -> AsyncIterator[Store]:
    """Open a store on the module's database."""
    async with await Store.open(database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
async def app(store: Store) -> AsyncIterator[Litestar]:
    """Start the application on the store."""
    made = create_app(Settings(), store)
    async with made.lifespan():
        yield made


@pytest.fixture(scope="module")
async def anonymous(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx's looser types
    async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test") as client:
        yield client


@pytest.fixture(scope="module")
async def secret(store: Store) -> str:
    """The secret of a token with every scope."""
    return (await store.tokens.create("tests", frozenset(SCOPES))).secret


@pytest.fixture(scope="module")
async def client(app: Litestar, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may do everything."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # as above
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test", headers=headers) as made:
        yield made


@pytest.fixture(scope="module")
async def published(client: httpx.AsyncClient) -> dict[str, Any]:
    """A published ruleset."""
    answer = await client.post("/v1/rulesets", content=REMINDER, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 201, answer.text
    version: dict[str, Any] = answer.json()
    return version
