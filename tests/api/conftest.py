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

REMINDER = """\
ruleset: nl-consumer
title: Dutch consumers
currency: EUR
timezone: Europe/Amsterdam
effective: {from: 2026-01-01}
applies_to: {country: NL}
blocks:
  - {id: open-dispute, when: {disputed: true}, reason: The debt is disputed.}
rules:
  - id: friendly-reminder
    title: Friendly reminder
    level: 1
    when: {days_overdue: 3..}
    then: {action: send_reminder, channel: [preferred, email, sms], template: nl.reminder}
  - id: notice
    level: 2
    when: {days_overdue: 14..}
    then: {action: send_dunning_notice, channel: [letter, email], pay_within_days: 14}
"""
ANNA: dict[str, Any] = {
    "id": "anna",
    "currency": "EUR",
    "country": "NL",
    "channels": ["email"],
    "invoices": [{"id": "I-1", "due_on": "2026-11-01", "open": 49.95}],
}
AS_OF = "2026-11-06T09:00:00+01:00"


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
