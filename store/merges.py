"""Merging customers: what was executed for one account, and what came of it, goes over to another."""

import datetime as dt
import os

import asyncpg
import msgspec

from store.accounts import promise_fact_of
from store.auditlog import append_line
from store.database import Database
from store.errors import FactsBeside, MergeConflict, UnknownAccount
from store.grouping import is_storable
from store.history import line_of_entry
from store.loglines import SERVICE, ExecutedLine, MergeLine, OutcomeLine
from store.outcomes import NewOutcome, insert_outcome, line_of_outcome
from store.statements import sql

_MERGE_SECONDS = 30.0
_SALT_BYTES = 16
_LONGEST_ID = 256


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much went over, and when."""

    entries_count: int
    outcomes_count: int
    merged_at: dt.datetime


class _Currency(msgspec.Struct, frozen=True):
    currency: str | None = None


class Merges:
    """Accounts that went over to others; each is a line of the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def merge(self, account_id: str, from_id: str, *, actor: str = SERVICE, name: str | None = None) -> Merge:
        """Take over the history and the outcomes of another account, which is no longer stored afterwards.

        Where that was done before it is answered again. An outcome whose id is taken goes by `<from>/<id>`. Raises
        UnknownAccount, MergeConflict, FactsBeside.
        """
        for each in (account_id, from_id):
            if not is_storable(each):
                raise UnknownAccount(f"no account {each!r} is stored")
        async with self._database.transaction(_MERGE_SECONDS) as connection:
            rows = await connection.fetch(sql("merges.hold"), [account_id, from_id])
            held = {row["id"]: row["document"].encode() for row in rows}
            if account_id not in held:
                raise UnknownAccount(f"no account {account_id!r} is stored")
            if from_id not in held:
                return await _find_earlier(connection, account_id, from_id)
            _check_currencies(held[account_id], held[from_id])
            entries = await connection.fetch(sql("merges.list_history"), from_id)
            outcomes = await _rename(connection, account_id, from_id)
            fact = promise_fact_of(held[account_id])
            if fact is not None and any(new.type == "promise" for _, new, _ in outcomes):
                raise FactsBeside(fact)
            told = {row["promise"] for row in await connection.fetch(sql("noticed.list_broken"), from_id)}
            await connection.execute(sql("erasure.announce"), from_id)
            await connection.execute(sql("erasure.erase_history"), from_id)
            await connection.execute(sql("erasure.erase_outcomes"), from_id)
            await connection.execute(sql("erasure.erase_books"), from_id)
            await connection.execute(sql("erasure.erase_account"), from_id)
            lines: list[ExecutedLine | OutcomeLine] = [
                await _move_entry(connection, account_id, entry, actor=actor, name=name) for entry in entries
            ]
            for _, new, recorded_at in outcomes:
                row, salt = await insert_outcome(connection, account_id, new, recorded_at=recorded_at)
                lines.append(line_of_outcome(row, salt, new, actor=actor, name=name))
            names = [new.id for old, new, _ in outcomes if old in told]  # their end was told, and is told once
            await connection.fetch(sql("noticed.keep_broken"), [account_id] * len(names), names)
            now: dt.datetime = (await connection.fetchrow(sql("log.hold")))["now"]
            for line in lines:  # the log's end is taken last
                await append_line(connection, msgspec.structs.replace(line, at=now))
            merged = MergeLine(
                at=now,
                subject=account_id,
                account_id=from_id,
                entries_count=len(entries),
                outcomes_count=len(outcomes),
                actor=actor,
                name=name,
            )
            await append_line(connection, merged)
            return _merge_of(merged)


async def _find_earlier(connection: asyncpg.Connection, account_id: str, from_id: str) -> Merge:
    text = await connection.fetchval(sql("merges.find"), account_id, from_id)
    if text is None:
        raise UnknownAccount(f"no account {from_id!r} is stored")
    return _merge_of(msgspec.json.decode("{" + text[1:], type=MergeLine))


def _merge_of(line: MergeLine) -> Merge:
    return Merge(entries_count=line.entries_count, outcomes_count=line.outcomes_count, merged_at=line.at)


def _check_currencies(document: bytes, other: bytes) -> None:
    """Refuse to take over amounts of another currency: they would be read as this one's."""
    one, two = (msgspec.json.decode(each, type=_Currency).currency for each in (document, other))
    if one != two:
        raise MergeConflict(f"the account is in {one}, and the one that would be merged in {two}")


async def _move_entry(
    connection: asyncpg.Connection, account_id: str, entry: asyncpg.Record, *, actor: str, name: str | None
) -> ExecutedLine:
    salt = os.urandom(_SALT_BYTES)
    arguments = (account_id, entry["decision_id"], entry["at"], entry["entry"], salt, entry["recorded_at"])
    row = await connection.fetchrow(sql("merges.record_entry"), *arguments)
    return line_of_entry(row, salt, actor=actor, name=name)


async def _rename(
    connection: asyncpg.Connection, account_id: str, from_id: str
) -> list[tuple[str, NewOutcome, dt.datetime]]:
    """Return the outcomes that go over, each with its old id; where that is taken under another, as what names it."""
    taken = {row["id"] for row in await connection.fetch(sql("outcomes.list"), account_id)}
    rows = await connection.fetch(sql("outcomes.list"), from_id)
    names = {row["id"]: f"{from_id}/{row['id']}" if row["id"] in taken else row["id"] for row in rows}
    is_twice = len(set(names.values())) < len(names) or any(
        name != old and name in taken for old, name in names.items()
    )
    if is_twice or any(len(name) > _LONGEST_ID for name in names.values()):
        raise MergeConflict("outcomes of both accounts have one id, and cannot be renamed")
    found = []
    for row in rows:
        said = msgspec.json.decode(row["outcome"])
        renamed = {key: names.get(said[key], said[key]) for key in ("id", "promise", "dispute") if key in said}
        is_same = all(said[key] == value for key, value in renamed.items())
        new = NewOutcome(
            id=names[row["id"]],
            type=row["type"],
            at=row["at"],
            outcome=row["outcome"].encode() if is_same else msgspec.json.encode(said | renamed),
            is_amount_drawn=row["is_amount_drawn"],
        )
        found.append((row["id"], new, row["recorded_at"]))
    return found
