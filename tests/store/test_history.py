"""Executed entries."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from store.errors import UnknownAccount
from store.identifiers import make_id
from store.store import Store

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


async def test_entries_at_one_instant_keep_the_order_given(store: Store) -> None:
    """Entries come back oldest first, and those of one instant in the order in which they were recorded."""
    await store.accounts.put("order", b"{}")
    for number, at in ((3, AT), (1, AT - dt.timedelta(days=1)), (2, AT - dt.timedelta(days=1)), (4, AT)):
        await store.history.record("order", b"%d" % number, at=at)
    assert [entry.entry for entry in await store.history.list_for_account("order")] == [b"1", b"2", b"3", b"4"]


async def test_a_decision_is_executed_once(store: Store) -> None:
    """Recording for the same decision again, also at once, answers the first entry and stores no second."""
    await store.accounts.put("once", b"{}")
    decision_id = make_id()
    calls = [store.history.record("once", b"%d" % n, at=AT, decision_id=decision_id) for n in range(8)]
    answers = await asyncio.gather(*calls)
    assert sum(answer.is_new for answer in answers) == 1
    (stored,) = await store.history.list_for_account("once")
    assert {answer.entry for answer in answers} == {stored}
    assert stored.decision_id == decision_id


async def test_an_unknown_account_has_no_history(store: Store) -> None:
    """Nothing can be recorded for an account that is not stored."""
    with pytest.raises(UnknownAccount):
        await store.history.record("nobody", b"{}", at=AT)
    assert await store.history.list_for_account("nobody") == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dunning.history SET entry = 'other'",
        "DELETE FROM dunning.history",
        "TRUNCATE dunning.history",
    ],
)
async def test_history_cannot_be_changed_by_the_tables_owner(store: Store, statement: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    await store.accounts.put("kept", b"{}")
    await store.history.record("kept", b"{}", at=AT)
    with pytest.raises(asyncpg.RestrictViolationError):
        await store.database.fetch(statement)
