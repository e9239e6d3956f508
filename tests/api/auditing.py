"""A service of one's own with a key for its log, and clients of several tokens."""

import contextlib
from collections.abc import AsyncIterator

import httpx
import msgspec

from api.app import create_app
from api.operation import SCOPES
from api.service import Settings
from store.checkpoints import Signer
from store.store import Store, StoreSettings

SIGNER = Signer.make("example.org/dunning")


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """A running application, its store, and two clients that may do everything, as two people."""

    store: Store
    ann: httpx.AsyncClient
    bob: httpx.AsyncClient


@contextlib.asynccontextmanager
async def start(
    database_url: str, *, four_eyes: bool = False, has_key: bool = True, store_settings: StoreSettings | None = None
) -> AsyncIterator[Bench]:
    """Start an application on a database."""
    settings = Settings(four_eyes=four_eyes, log_key=SIGNER.write() if has_key else None)
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(await Store.open(database_url, settings=store_settings))
        app = create_app(settings, store)
        await stack.enter_async_context(app.lifespan())
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx's looser types
        clients = []
        for name in ("ann", "bob"):
            secret = (await store.tokens.create(name, frozenset(SCOPES))).secret
            client = httpx.AsyncClient(
                transport=transport, base_url="http://dunning.test", headers={"Authorization": f"Bearer {secret}"}
            )
            clients.append(await stack.enter_async_context(client))
        yield Bench(store=store, ann=clients[0], bob=clients[1])
