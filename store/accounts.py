"""Account documents: JSON as given, with a revision for If-Match; imported in bulk."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence

import asyncpg
import msgspec

from engine.model.outcome import PROMISE_FACTS
from store.database import Database, connect
from store.errors import FactsBeside, ImportConflict, RevisionMismatch, UnknownAccount, Unstorable
from store.grouping import Connector, GroupedReader, is_storable
from store.history import HistoryEntry
from store.merging import merge_patch
from store.statements import sql

_IMPORT_SECONDS = 120.0
_LONGEST_WORD = 64


class StoredAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account's document as given, and the revision that names this state of it."""

    id: str
    document: bytes
    revision: int


class AccountWithHistory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account and what was executed for it and for its party's other accounts, oldest first.

    `outcomes` are its own as JSON, in the order they were recorded, each with the instant of that.
    """

    account: StoredAccount
    history: tuple[HistoryEntry, ...]
    outcomes: tuple[tuple[bytes, dt.datetime], ...] = ()


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts to list; what is None does not matter. `ruleset_id` answered last, `due_by` is when to ask."""

    prefix: str | None = None
    party: str | None = None
    country: str | None = None
    segment: str | None = None
    ruleset_id: str | None = None
    due_by: dt.datetime | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an account is to be asked about in a track, and the ruleset that answered last."""

    track: str
    ask_at: dt.datetime | None
    ruleset_id: str | None


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account is found by."""

    id: str
    party: str | None
    country: str | None
    segment: str | None
    revision: int
    updated_at: dt.datetime
    asks: tuple[Ask, ...]


class AccountPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some accounts by id, and the cursor that asks for those behind them."""

    accounts: tuple[ListedAccount, ...]
    next_cursor: str | None


class ImportedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One good line of an import."""

    id: str
    document: bytes


class ImportRefusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of an import that was not stored, counted from 1, and why."""

    line: int
    pointer: str
    message: str


class ImportProgress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an import came: lines done, the digest of them, and what of them was refused (the first of it listed)."""

    lines_done: int = 0
    digest: bytes | None = None
    refused_count: int = 0
    refusals: tuple[ImportRefusal, ...] = ()


class ImportStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an import remembers with a batch: from and to which line it goes, and what it refused."""

    import_id: str
    lines_before: int
    lines_done: int
    digest: bytes
    refused_count: int = 0
    refusals: tuple[ImportRefusal, ...] = ()


class ImportCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a batch of an import did; a line whose document was stored already is unchanged."""

    new_count: int
    replaced_count: int
    unchanged_count: int


_LIKE = re.compile(r"[%_\\]")


class _Head(msgspec.Struct, frozen=True):
    """What the store itself reads of a document; of facts those that accounts are found by, or that promises yield."""

    party: str | None = None
    country: object = None
    segment: object = None
    promise_to_pay_in_days: object = None
    broken_promises: object = None

    @property
    def words(self) -> tuple[str | None, str | None, str | None]:
        """What the account is found by: its party, country and segment."""
        return self.party, _word_of(self.country), _word_of(self.segment)

    @property
    def promise_fact(self) -> str | None:
        """Name the first fact of promises that the document gives."""
        return next((name for name in sorted(PROMISE_FACTS) if getattr(self, name) is not None), None)


_HEAD = msgspec.json.Decoder(_Head)


class Accounts:
    """The stored accounts. Documents are JSON bytes that the caller has checked; only their head is read here."""

    def __init__(self, database: Database, *, connector: Connector | None = None) -> None:
        self._database = database
        make = connector or (lambda: connect(database.url))
        self._documents: GroupedReader[StoredAccount] = GroupedReader(make, _read_accounts)
        self._with_history: GroupedReader[AccountWithHistory] = GroupedReader(make, read_with_history)

    async def read(self, account_id: str) -> StoredAccount | None:
        """Read an account; many at once share one statement."""
        return await self._documents.read(account_id)

    async def read_with_history(self, account_id: str) -> AccountWithHistory | None:
        """Read an account with its history and its party's; many at once share one statement."""
        return await self._with_history.read(account_id)

    async def list(self, wanted: AccountFilter, *, cursor: str | None = None, limit: int = 100) -> AccountPage:
        """List a page of accounts by id, behind a cursor."""
        words = (wanted.prefix and _LIKE.sub(r"\\\g<0>", wanted.prefix) + "%", wanted.party, wanted.country)
        arguments = (*words, wanted.segment, wanted.ruleset_id, wanted.due_by, cursor, limit + 1)
        if not all(is_storable(each) for each in arguments if isinstance(each, str)):
            return AccountPage(accounts=(), next_cursor=None)
        rows = await self._database.fetch(sql("accounts.list"), *arguments)
        found = tuple(map(_listed_of, rows[:limit]))
        return AccountPage(accounts=found, next_cursor=found[-1].id if len(rows) > limit else None)

    async def put(self, account_id: str, document: bytes, *, expected_revision: int | None = None) -> tuple[int, bool]:
        """Store or replace an account; answers its revision and whether it is new.

        With `expected_revision` only the account at that revision is replaced, and 0 means "not stored yet"; else
        RevisionMismatch. The same document again keeps its revision. Raises FactsBeside.
        """
        text, head = _storable(account_id, document)
        async with self._database.transaction() as connection:
            if expected_revision is None:
                row = await connection.fetchrow(sql("accounts.put"), account_id, *head.words, text)
                await _refuse_beside(connection, account_id, head)
                return row["revision"], row["is_new"]
            if expected_revision == 0:
                revision = await connection.fetchval(sql("accounts.insert"), account_id, *head.words, text)
            else:
                arguments = (account_id, *head.words, text, expected_revision)
                revision = await connection.fetchval(sql("accounts.replace"), *arguments)
            if revision is None:
                found = await connection.fetchrow(sql("accounts.read"), account_id)
                raise RevisionMismatch(account_id, expected=expected_revision, found=found and found["revision"])
            await _refuse_beside(connection, account_id, head)
            return revision, expected_revision == 0

    async def patch(
        self,
        account_id: str,
        patch: bytes,
        check: Callable[[bytes], None],
        *,
        expected_revision: int | None = None,
    ) -> StoredAccount:
        """Merge a JSON merge patch into an account; what `check` raises about the merged document undoes it.

        Raises UnknownAccount, RevisionMismatch, FactsBeside, and msgspec.DecodeError for a patch that is not JSON.
        """
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("accounts.lock"), account_id)
            if row is None:
                raise UnknownAccount(f"no account {account_id!r} is stored")
            if expected_revision not in {None, row["revision"]}:
                raise RevisionMismatch(account_id, expected=expected_revision or 0, found=row["revision"])
            merged = merge_patch(row["document"].encode(), patch)
            check(merged)
            text, head = _storable(account_id, merged)
            stored = await connection.fetchrow(sql("accounts.put"), account_id, *head.words, text)
            await _refuse_beside(connection, account_id, head)
            return StoredAccount(id=account_id, document=merged, revision=stored["revision"])

    async def begin_import(self, import_id: str) -> ImportProgress:
        """Begin an import, or take one up again: answers how far it came."""
        known = await self.read_import(import_id)
        if known is None:
            await self._database.fetch(sql("accounts.begin_import"), import_id)
        return known or ImportProgress()

    async def read_import(self, import_id: str) -> ImportProgress | None:
        """Answer how far an import came, or None where it is unknown."""
        row = await self._database.fetchrow(sql("accounts.read_import"), import_id)
        if row is None:
            return None
        refusals = await self._database.fetch(sql("accounts.list_refusals"), import_id)
        return ImportProgress(**row, refusals=tuple(ImportRefusal(**refusal) for refusal in refusals))

    async def find_beside(self, lines: Sequence[ImportedLine]) -> Mapping[int, str]:
        """Find the lines, by their place, that give a fact that promises yield of an account that has promises."""
        facts = [_HEAD.decode(line.document).promise_fact for line in lines]
        asked = [line.id for line, fact in zip(lines, facts, strict=True) if fact is not None]
        if not asked:
            return {}
        promised = {row["id"] for row in await self._database.fetch(sql("outcomes.list_promised"), asked)}
        return {n: fact for n, fact in enumerate(facts) if fact is not None and lines[n].id in promised}

    async def import_lines(self, lines: Sequence[ImportedLine], *, step: ImportStep | None = None) -> ImportCount:
        """Store a batch by COPY, all or nothing, and with it how far the import came; the last line of an id wins.

        Raises ImportConflict where another request of the same import was faster.
        """
        rows = []
        for number, line in enumerate(lines):
            text, head = _storable(line.id, line.document)
            rows.append((number, line.id, *head.words, text))
        async with self._database.transaction(_IMPORT_SECONDS) as connection:
            await connection.execute(sql("accounts.prepare_import"))
            await connection.copy_records_to_table("staged_accounts", records=rows, schema_name="pg_temp")
            count = await connection.fetchrow(sql("accounts.merge_import"))
            if step is not None:
                await _advance(connection, step)
        new_count, replaced_count = count["new_count"], count["replaced_count"]
        unchanged_count = len(rows) - new_count - replaced_count
        return ImportCount(new_count=new_count, replaced_count=replaced_count, unchanged_count=unchanged_count)

    @property
    def trouble(self) -> str | None:
        """Why accounts cannot be read now."""
        return self._documents.trouble or self._with_history.trouble

    async def close(self) -> None:
        """Stop reading."""
        await self._documents.close()
        await self._with_history.close()


async def _advance(connection: asyncpg.Connection, step: ImportStep) -> None:
    """Remember how far an import came, and what it refused on the way."""
    arguments = (step.import_id, step.lines_before, step.lines_done, step.digest, step.refused_count)
    if await connection.fetchval(sql("accounts.advance_import"), *arguments) is None:
        raise ImportConflict("another request goes on with this import")
    refusals = step.refusals
    columns = ([r.line for r in refusals], [r.pointer for r in refusals], [r.message for r in refusals])
    await connection.execute(sql("accounts.keep_refusals"), step.import_id, *columns)


def promise_fact_of(document: bytes) -> str | None:
    """Name the first fact of promises that a document gives."""
    return _HEAD.decode(document).promise_fact


async def _refuse_beside(connection: asyncpg.Connection, account_id: str, head: _Head) -> None:
    """Refuse a document that gives what promises yield, where promises are recorded."""
    fact = head.promise_fact
    if fact is not None and await connection.fetch(sql("outcomes.list_promised"), [account_id]):
        raise FactsBeside(fact)


def _word_of(value: object) -> str | None:
    """Return a fact that accounts are found by; what is no word is refused by the ruleset that reads it."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_WORD and is_storable(value) else None


def _storable(account_id: str, document: bytes) -> tuple[str, _Head]:
    """Read a document as text, and its head."""
    head = _HEAD.decode(document)
    if not is_storable(account_id) or not is_storable(head.party or ""):
        raise Unstorable("an account's id and party may not hold a NUL character or half a surrogate pair")
    return document.decode(), head


async def _read_accounts(connection: asyncpg.Connection, ids: list[str]) -> Mapping[str, StoredAccount]:
    rows = await connection.fetch(sql("accounts.read_many"), ids)
    return {row["id"]: _account_of(row) for row in rows}


async def read_with_history(connection: asyncpg.Connection, ids: list[str]) -> Mapping[str, AccountWithHistory]:
    """Read accounts by their ids, each with its history and its outcomes."""
    rows = await connection.fetch(sql("accounts.read_many_with_history"), ids)
    return {
        row["id"]: AccountWithHistory(account=_account_of(row), history=_history_of(row), outcomes=_outcomes_of(row))
        for row in rows
    }


def _listed_of(row: asyncpg.Record) -> ListedAccount:
    asks = zip(row["tracks"] or (), row["asks"] or (), row["rulesets"] or (), strict=True)
    names = ("id", "party", "country", "segment", "revision", "updated_at")
    return ListedAccount(
        **{name: row[name] for name in names},
        asks=tuple(Ask(track=track, ask_at=ask_at, ruleset_id=ruleset_id) for track, ask_at, ruleset_id in asks),
    )


def _account_of(row: asyncpg.Record) -> StoredAccount:
    return StoredAccount(id=row["id"], document=row["document"].encode(), revision=row["revision"])


def _outcomes_of(row: asyncpg.Record) -> tuple[tuple[bytes, dt.datetime], ...]:
    if row["outcomes"] is None:
        return ()
    pairs = zip(row["outcomes"], row["outcomes_recorded"], strict=True)
    return tuple((outcome.encode(), recorded_at) for outcome, recorded_at in pairs)


def _history_of(row: asyncpg.Record) -> tuple[HistoryEntry, ...]:
    if row["entries"] is None:
        return ()
    names = ("account_ids", "decision_ids", "instants", "recorded", "entries")
    return tuple(
        HistoryEntry(
            account_id=account_id, decision_id=decision_id, at=at, recorded_at=recorded_at, entry=entry.encode()
        )
        for account_id, decision_id, at, recorded_at, entry in zip(*(row[name] for name in names), strict=True)
    )
