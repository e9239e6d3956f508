"""A service that asks about stored accounts when a test tells it to, by a clock that the test sets."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
from litestar import Litestar

from api.app import create_app
from api.due import take_turn
from api.operation import SCOPES
from api.service import STATE_KEY, Service, Settings
from store.due import DueAnswer
from store.store import Store
from tests.api.examples import ANNA, REMINDER

# What is written now is due now: the clock of these tests stands where that is long ago.
ASKED_AT = dt.datetime(2090, 11, 6, 8, tzinfo=dt.UTC)
ANNA_THEN = ANNA | {"invoices": [{"id": "I-1", "due_on": "2090-11-01", "open": 49.95}]}
LATER = [{"id": "I-1", "due_on": "2090-11-05", "open": 49.95}]


class Asking:
    """A service whose clock stands where a test puts it, and who asks only when told to."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self.service: Service = app.state[STATE_KEY]
        self.store = self.service.store
        self.client: httpx.AsyncClient
        self.now = ASKED_AT
        self.service.now = lambda: self.now

    @contextlib.asynccontextmanager
    async def connect(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """Make a client of somebody's who may do everything."""
        secret = (await self.store.tokens.create(name, frozenset(SCOPES))).secret
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx's looser types
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://dunning.test", headers=headers) as made:
            yield made

    async def publish(self, text: str = REMINDER) -> None:
        """Publish a ruleset."""
        answer = await self.client.post("/v1/rulesets", content=text, headers={"Content-Type": "application/yaml"})
        assert answer.status_code == 201, answer.text

    async def put(self, name: str = "anna", **facts: Any) -> None:
        """Store an account."""
        answer = await self.client.put(f"/v1/accounts/{quote(name, safe='')}", json=ANNA_THEN | {"id": name} | facts)
        assert answer.is_success, answer.text

    async def ask_all(self) -> None:
        """Ask until nothing is due."""
        while await take_turn(self.service):
            pass

    async def read(self, name: str = "anna") -> DueAnswer:
        """Read what is kept of an account's answer."""
        answer: DueAnswer | None = await self.store.due.read(name, "dunning")
        assert answer is not None
        return answer


@contextlib.asynccontextmanager
async def start(url: str, *, due: bool = False) -> AsyncIterator[Asking]:
    """Start a service on a database."""
    async with await Store.open(url) as store:
        app = create_app(Settings(due=due), store)
        async with app.lifespan():
            asking = Asking(app)
            async with asking.connect("ann") as asking.client:
                yield asking
