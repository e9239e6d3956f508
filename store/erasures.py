"""Erasure: an account's personal facts, or all that are old enough, go; the log's lines stay and say so."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator

import asyncpg
from msgspec import UNSET

from store.auditlog import append_line
from store.database import Database, announce
from store.errors import RevisionMismatch
from store.grouping import is_storable
from store.identifiers import first_id_at
from store.loglines import ErasureLine, RetentionLine
from store.notices import Notices
from store.statements import sql

TOPIC = "erasures"
_ERASURE_SECONDS = 120.0
_BATCH = 2000


class Erasures:
    """Erases, and knows which erasures this process has heard of."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._known = 0
        notices.subscribe(TOPIC, self.refresh)

    @property
    def known(self) -> int:
        """How long the log was after the last erasure heard of.

        Noted with a decision before its account is read: the log then keeps no facts of an account erased in between.
        """
        return self._known

    async def refresh(self) -> None:
        """Hear of the last erasure."""
        latest: int = await self._database.fetchval(sql("erasure.find_latest"))
        self._known = max(self._known, latest)

    async def erase(
        self, account_id: str, *, actor: str, name: str | None = None, expected_revision: int | None = None
    ) -> bool:
        """Take away an account, its history, outcomes and books, and its facts in the decision log; answers whether.

        Those of accounts that went over to it go too. What was logged stays as a line without personal facts, and so
        does the note that this was done.
        """
        if not is_storable(account_id):
            return False
        async with self._database.transaction(_ERASURE_SECONDS) as connection:
            row = await connection.fetchrow(sql("accounts.lock"), account_id)
            found = row and row["revision"]
            if expected_revision not in {None, found}:
                raise RevisionMismatch(account_id, expected=expected_revision or 0, found=found)
            merged = [each["account_id"] for each in await connection.fetch(sql("merges.list_merged"), account_id)]
            await connection.execute(sql("erasure.announce"), account_id)
            entries_count = _count_of(await connection.execute(sql("erasure.erase_history"), account_id))
            entries_count += _count_of(await connection.execute(sql("erasure.erase_outcomes"), account_id))
            await connection.execute(sql("erasure.erase_books"), account_id)
            await connection.execute(sql("erasure.erase_account"), account_id)
            decisions_count = await _erase_facts(connection, account_id, *merged)
            if row is None and not entries_count and not decisions_count:
                return False
            # The bulk is done; from here on nobody logs and no answer is kept, so that nothing slips by.
            await connection.execute(sql("erasure.hold_answers"))
            for each in (account_id, *merged):
                await connection.execute(sql("erasure.erase_answers"), each)
            await connection.fetchval(sql("log.hold"))
            decisions_count += await _erase_facts(connection, account_id, *merged)
            for each in (
                account_id,
                *merged,
            ):  # whoever records one of a decision holds it, and has come or sees no facts
                await connection.execute(sql("erasure.erase_shadows"), each)
            now = await _read_clock(connection)
            for each, count in ((account_id, decisions_count), *((other, 0) for other in merged)):
                line = ErasureLine(at=now, account_id=each, actor=actor, decisions_count=count, name=name or UNSET)
                place = await append_line(connection, line)
            await announce(connection, TOPIC)
        self._known = max(self._known, place + 1)
        return True

    async def erase_older(
        self, before: dt.datetime, *, actor: str, name: str | None = None
    ) -> AsyncIterator[tuple[int, int]]:
        """Take the facts out of all decisions made before an instant; yields how many were looked at and had some.

        Logged first, so that a run that was cut short can be taken up again and never leaves facts missing unexplained.
        """
        end = first_id_at(before)
        if not await self._database.fetchval(sql("erasure.find_aged"), end):
            return
        async with self._database.transaction() as connection:
            now = await _read_clock(connection)
            await append_line(connection, RetentionLine(at=now, before=before, actor=actor, name=name or UNSET))
        await self._erase_aged_shadows(before)  # while decisions still have facts, by which a run is taken up again
        last = str(uuid.UUID(int=0))
        while True:
            async with self._database.transaction(_ERASURE_SECONDS) as connection:
                row = await connection.fetchrow(sql("erasure.erase_aged"), last, end, _BATCH)
            if row["last_id"] is None:
                return
            yield row["seen_count"], row["erased_count"]
            last = row["last_id"]

    async def _erase_aged_shadows(self, before: dt.datetime) -> None:
        count = _BATCH
        while count == _BATCH:
            async with self._database.transaction(_ERASURE_SECONDS) as connection:
                count = await connection.fetchval(sql("erasure.erase_aged_shadows"), before, _BATCH)


async def _erase_facts(connection: asyncpg.Connection, *account_ids: str) -> int:
    """Take accounts' facts out of every decision about them, and their entries out of those about their parties."""
    count = 0
    for each in account_ids:
        count += _count_of(await connection.execute(sql("erasure.erase_decisions"), each))
        count += _count_of(await connection.execute(sql("erasure.erase_related"), each))
    return count


async def _read_clock(connection: asyncpg.Connection) -> dt.datetime:
    now: dt.datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


def _count_of(command_tag: str) -> int:
    return int(command_tag.rpartition(" ")[2])
