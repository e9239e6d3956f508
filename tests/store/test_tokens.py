"""Bearer tokens."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from store.clock import Clock
from store.errors import Busy
from store.notices import Notices
from store.store import Store
from store.tokens import Tokens

pytestmark = pytest.mark.anyio


async def test_a_token_is_known_by_its_secret_only(store: Store) -> None:
    """The secret finds the token with its scopes; anything else finds nothing."""
    made = await store.tokens.create("reader", frozenset({"decide", "audit"}))
    assert await store.tokens.verify(made.secret) == made.token
    assert made.token.scopes == {"decide", "audit"}
    for wrong in ("", made.secret + "x", made.secret.upper(), "\0", "\ud800"):
        assert await store.tokens.verify(wrong) is None


async def test_a_secret_is_nowhere_in_the_database(store: Store) -> None:
    """Only a hash is stored."""
    made = await store.tokens.create("hidden", frozenset({"admin"}))
    rows = await store.database.fetch("SELECT t::text FROM dunning.tokens t")
    assert made.secret not in "".join(row[0] for row in rows)


async def test_an_expired_token_is_no_token(store: Store) -> None:
    """A token whose time is over is not valid, one whose time is to come is."""
    over = await store.tokens.create("over", frozenset(), expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    valid = await store.tokens.create("valid", frozenset(), expires_at=dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
    assert await store.tokens.verify(over.secret) is None
    assert await store.tokens.verify(valid.secret) == valid.token


async def test_a_revoked_token_is_no_token_on_any_replica(store: Store, database_url: str) -> None:
    """A revocation counts at once where it was made and as soon as it is heard of elsewhere."""
    made = await store.tokens.create("revoked", frozenset({"decide"}))
    async with await Store.open(database_url) as replica:
        assert await replica.tokens.verify(made.secret) == made.token
        heard = asyncio.Event()

        async def hear() -> None:
            heard.set()

        heard.clear()
        replica.notices.subscribe("tokens", hear)
        await heard.wait()
        heard.clear()
        revoked = await store.tokens.revoke(made.token.id)
        assert revoked is not None
        assert await store.tokens.verify(made.secret) is None
        await heard.wait()
        assert await replica.tokens.verify(made.secret) is None
    assert await store.tokens.revoke(made.token.id) == revoked
    assert await store.tokens.revoke("nonsense") is None
    assert revoked in await store.tokens.list()


async def test_a_token_made_elsewhere_is_valid_at_once(store: Store, database_url: str) -> None:
    """A secret that was never seen is looked up, so a token works before its news arrive."""
    async with await Store.open(database_url) as replica:
        made = await store.tokens.create("fresh", frozenset({"decide"}))
        assert await replica.tokens.verify(made.secret) == made.token


async def test_memory_is_not_trusted_when_the_news_are_stale(store: Store) -> None:
    """Without news a revocation is found by asking the database."""
    deaf = Tokens(store.database, Notices(_never, Clock()))
    made = await deaf.create("stale", frozenset())
    await store.tokens.revoke(made.token.id)
    assert await deaf.verify(made.secret) is None


async def test_a_flood_of_wrong_secrets_is_turned_away(store: Store) -> None:
    """Beyond what may wait for a look-up the caller is told to come again."""
    answers = await asyncio.gather(*(store.tokens.verify(f"wrong-{n}") for n in range(150)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {type(None), Busy}
    assert await store.tokens.verify("wrong") is None


async def _never() -> asyncpg.Connection:
    raise ConnectionRefusedError
