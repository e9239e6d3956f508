"""What the books said over time is kept with the document, and figures are drawn from it."""

import asyncio
import datetime as dt
import json

import asyncpg
import pytest

from store.accounts import ImportedLine
from store.outcomes import NewOutcome
from store.recovery import AccountOverTime, open_source
from store.store import Store

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC)


def document(open_: str = "60.00", **facts: object) -> bytes:
    """An account that owes one invoice."""
    invoices = [{"id": "I-1", "due_on": "2026-11-06", "open": open_}]
    return json.dumps({"id": "A-1", "currency": "EUR", "invoices": invoices, **facts}).encode()


async def read(store: Store) -> dict[str, AccountOverTime]:
    """Read all accounts over time."""
    async with open_source(store.database.url) as source:
        return {each.id: each async for page in source.stream() for each in page}


async def said(store: Store, account: str = "A-1") -> list[str]:
    """What the books said was open, over time."""
    return [json.loads(text)["invoices"][0]["open"] for text, _ in (await read(store))[account].books]


async def test_books_are_kept_as_they_change(store: Store) -> None:
    """A document put again, or changed in what no figure reads, adds nothing; digits stay as they are written."""
    for body in (document(), document(), document(vip=True), document("40.50"), document("40.50", segment="smb")):
        await store.accounts.put("A-1", body)
    assert await said(store) == ["60.00", "40.50", "40.50"]
    (found,) = (await read(store)).values()
    assert json.loads(found.books[-1][0])["segment"] == "smb"
    known = [known_at for _, known_at in found.books]
    assert known == sorted(known)


async def test_an_import_and_a_patch_keep_books_too(store: Store) -> None:
    """Whoever writes a document."""
    await store.accounts.import_lines([ImportedLine(id="imported", document=document())])
    await store.accounts.import_lines([ImportedLine(id="imported", document=document("1.00"))])
    await store.accounts.patch("imported", b'{"segment": "smb"}', lambda _: None)
    assert await said(store, "imported") == ["60.00", "1.00", "1.00"]


async def test_what_postgres_cannot_read_is_kept_whole(store: Store) -> None:
    """A NUL in a fact that no figure reads takes nothing away."""
    await store.accounts.put("nul", document(plan="a\0b"))
    (text, _), *_ = (await read(store))["nul"].books
    assert json.loads(text)["plan"] == "a\0b"


async def test_books_are_written_once_and_go_with_their_account(store: Store) -> None:
    """No change, no deletion; an erasure and a merge take them along."""
    for name in ("gone", "merged", "stays"):
        await store.accounts.put(name, document())
    for statement in (
        "UPDATE dunning.books SET document = '{}'",
        "DELETE FROM dunning.books",
        "TRUNCATE dunning.books",
    ):
        with pytest.raises(asyncpg.exceptions.PostgresError, match="refused"):
            await store.database.fetch(statement)
    await store.erasures.erase("gone", actor="test")
    await store.merges.merge("stays", "merged")
    kept = {row["account_id"] for row in await store.database.fetch("SELECT account_id FROM dunning.books")}
    assert kept & {"gone", "merged", "stays"} == {"stays"}


async def test_an_account_from_before_has_the_books_of_then(store: Store) -> None:
    """Until it changes its document says it; from then on what it was is kept as well."""
    await store.database.fetch("ALTER TABLE dunning.accounts DISABLE TRIGGER keep_new_books")
    await store.accounts.put("old", document())
    await store.database.fetch("ALTER TABLE dunning.accounts ENABLE TRIGGER keep_new_books")
    assert await said(store, "old") == ["60.00"]
    await store.accounts.put("old", document("20.00"))
    assert await said(store, "old") == ["60.00", "20.00"]


async def test_history_and_outcomes_stand_beside(store: Store) -> None:
    """In the order they were recorded, each with when it was."""
    await store.accounts.put("A-2", document())
    await store.history.record("A-2", b'{"action": "place_call", "channel": "phone", "at": "2026-11-10"}', at=AT)
    paid = NewOutcome(id="P", type="payment", at=AT, outcome=b'{"id": "P", "type": "payment", "amount": "1.00"}')
    await store.outcomes.record("A-2", lambda _: [paid])
    found = (await read(store))["A-2"]
    assert [each.version for each in found.history] == [None]
    assert [text for text, _ in found.outcomes] == [paid.outcome]
    assert found.ruleset_id is None


def test_accounts_come_page_by_page(empty_database_url: str) -> None:
    """All of them, by id."""

    async def fill() -> list[str]:
        async with await Store.open(empty_database_url) as store:
            lines = [ImportedLine(id=f"A-{number:04}", document=document()) for number in range(2100)]
            await store.accounts.import_lines(lines)
            async with open_source(store.database.url) as source:
                pages = [page async for page in source.stream()]
            return [each.id for page in pages for each in page]

    assert asyncio.run(fill()) == [f"A-{number:04}" for number in range(2100)]
