"""A real application on a real store for each page whose requests are sent."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.operation import SCOPES
from api.service import Settings
from store.store import Store
from tests.docs.pages import ROOT

PUBLISHED = ROOT / "rulesets" / "nl-consumer-subscription.yaml"


@pytest.fixture
async def client(empty_database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a fresh service with the Dutch example published; its token may do everything."""
    async with await Store.open(empty_database_url) as store:
        app = create_app(Settings(), store)
        async with app.lifespan():
            secret = (await store.tokens.create("documents", frozenset(SCOPES))).secret
            transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx's looser types
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as made:
                made.headers["Authorization"] = f"Bearer {secret}"
                facts = (ROOT / "rulesets" / "facts.yaml").read_text(encoding="utf-8")
                body = {"text": PUBLISHED.read_text(encoding="utf-8"), "facts": facts, "file": PUBLISHED.name}
                (await made.post("/v1/rulesets", json=body)).raise_for_status()
                yield made
