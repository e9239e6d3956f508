"""A store open on the module's database, and records to put into it."""

from collections.abc import AsyncIterator

import pytest

from store.store import Store


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Open a store on the module's database."""
    async with await Store.open(database_url) as opened:
        yield opened
