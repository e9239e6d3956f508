"""Group commit: many requests wait, a few writers commit what waits as one batch, everybody is answered after it."""

import asyncio
import contextlib
import datetime as dt
import logging
import os
from collections.abc import AsyncIterator, Sequence

import asyncpg
from msgspec import UNSET, UnsetType

from store.database import PASSING, REFUSED, Database, say
from store.decisions import (
    DecisionFilter,
    DecisionPage,
    DecisionRecord,
    DecisionsCount,
    Evidence,
    LoggedDecision,
    count_decisions,
    list_decisions,
    read_decision,
    read_evidence,
    sample_decisions,
    stream_decisions,
    stream_evidence,
    summarise_decisions,
)
from store.errors import Unavailable, Unstorable
from store.grouping import Connector
from store.identifiers import instant_of
from store.loglines import DecisionLine, RelatedLine, commit_to, commit_to_related, encode_line
from store.statements import sql
from store.waiting import Waiting, WaitingLine

_LOGGER = logging.getLogger(__name__)
_COMMIT_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 1.0
_SALT_BYTES = 16

Pending = Waiting[tuple[DecisionRecord, ...], None]


class DecisionLog:
    """The decision log of one process: a bounded line, and writers with a connection each."""

    def __init__(
        self,
        database: Database,
        connector: Connector,
        *,
        writer_count: int = 2,
        queue_limit: int = 5000,
        batch_limit: int = 1000,
        deadline_seconds: float = 5.0,
    ) -> None:
        self._database = database
        self._connector = connector
        self._batch_limit = batch_limit
        self._deadline_seconds = deadline_seconds
        self._line: WaitingLine[tuple[DecisionRecord, ...], None] = WaitingLine(
            limit=queue_limit, deadline_seconds=deadline_seconds
        )
        self._writers = [asyncio.create_task(self._write()) for _ in range(writer_count)]
        for writer in self._writers:
            writer.add_done_callback(self._end)

    async def append(self, record: DecisionRecord) -> None:
        """Log a decision; returns when it is committed.

        Raises Busy or Unavailable when it could not be made sure: it may have been logged all the same. Raises
        Unstorable when it can never be logged.
        """
        await self._line.join((record,))

    async def append_many(self, records: Sequence[DecisionRecord]) -> None:
        """Log decisions that are answered together; returns when all are committed, as one transaction."""
        if records:
            await self._line.join(tuple(records), len(records))

    async def read(self, decision_id: str) -> LoggedDecision | None:
        """Read a logged decision; None also for what is no id."""
        return await read_decision(self._database, decision_id)

    async def list(self, wanted: DecisionFilter, *, cursor: str | None = None, limit: int = 100) -> DecisionPage:
        """List a page of logged decisions, newest first; raises ValueError for a cursor that is none."""
        return await list_decisions(self._database, wanted, cursor=cursor, limit=limit)

    async def read_evidence(self, decision_id: str) -> Evidence | None:
        """Read a decision with what proves it."""
        return await read_evidence(self._database, decision_id)

    def stream(self, wanted: DecisionFilter) -> AsyncIterator[tuple[LoggedDecision, ...]]:
        """Read all decisions of a kind, oldest first, some at a time."""
        return stream_decisions(self._database, wanted)

    def stream_evidence(self, wanted: DecisionFilter) -> AsyncIterator[tuple[Evidence, ...]]:
        """Read all decisions of a kind with what proves them, oldest first, some at a time."""
        return stream_evidence(self._database, wanted)

    async def count(self, wanted: DecisionFilter) -> int:
        """Count the decisions of a kind."""
        return await count_decisions(self._database, wanted)

    async def summarise(
        self, *, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> tuple[DecisionsCount, ...]:
        """Count what was decided in a period, by version, rule, outcome and action."""
        return await summarise_decisions(self._database, since=since, until=until)

    async def sample(
        self, count: int, *, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> tuple[str, ...]:
        """Choose decisions of a period that nobody can pick, by their ids."""
        return await sample_decisions(self._database, count, since=since, until=until)

    @property
    def waiting_count(self) -> int:
        """How many decisions wait for a writer."""
        return self._line.weight

    @property
    def trouble(self) -> str | None:
        """Why nothing can be logged now."""
        return self._line.trouble

    async def close(self) -> None:
        """Commit what waits (or give it up after the deadline), then stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._deadline_seconds * 1.5):
                await self._line.drain("the service is stopping")
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def _write(self) -> None:
        desk = _Desk(self._connector)
        try:
            await desk.open()
            while True:
                batch = await self._line.take(self._batch_limit)
                is_served = False
                try:
                    is_served = await desk.serve(batch)
                finally:
                    self._line.finish(batch, is_served=is_served)
        finally:
            desk.drop()

    def _end(self, writer: asyncio.Task[None]) -> None:
        """Refuse everybody once a writer is gone: a hang would be worse, and readiness shows it."""
        if not writer.cancelled() and (problem := writer.exception()) is not None:
            _LOGGER.error("A writer of the decision log died", exc_info=problem)
            self._line.close("a writer of the decision log died; the service must be restarted")
        else:
            self._line.close("the service is stopping")


class _Desk:
    """One writer's connection, made again whenever it is lost."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._connection: asyncpg.Connection | None = None

    async def open(self) -> None:
        """Connect ahead of the first batch, if that is possible now."""
        with contextlib.suppress(*PASSING, asyncpg.exceptions.PostgresError):
            self._connection = await self._connector()

    async def serve(self, batch: list[Pending]) -> bool:
        """Commit a batch and answer it; sends it again after a lost connection as long as somebody waits for it."""
        pause = 0.02
        while any(not waiting.answer.done() for waiting in batch):
            try:
                await self._insert(batch)
            except REFUSED as problem:
                if len(batch) == 1:
                    batch[0].fail(Unstorable(str(problem)))
                else:  # one of them spoils it for all: each goes alone
                    for waiting in batch:
                        await self.serve([waiting])
                return True
            except PASSING as problem:
                _LOGGER.warning("A batch of decisions will be sent again: %s", say(problem))
                self.drop()
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            except asyncpg.exceptions.PostgresError as problem:
                _LOGGER.exception("A batch of decisions was refused by PostgreSQL")
                for waiting in batch:
                    waiting.fail(Unavailable(f"the decision could not be logged: {problem}"))
                return False
            else:
                for waiting in batch:
                    waiting.resolve(None)
                return True
        return False

    def drop(self) -> None:
        """Let go of the connection at once."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.terminate()
            self._connection = None

    async def _insert(self, batch: list[Pending]) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connector()
        columns = _columns_of([record for waiting in batch for record in waiting.item])
        # One statement, so the batch and its place in the tree are one transaction; sending it again is harmless.
        await self._connection.execute(sql("decisions.append"), *columns, timeout=_COMMIT_SECONDS)


def _columns_of(records: list[DecisionRecord]) -> list[list[object]]:
    once = {record.id: record for record in reversed(records)}  # of one id the first counts
    rows = [_row_of(record) for record in reversed(once.values())]
    return [list(column) for column in zip(*rows, strict=True)]


def _row_of(record: DecisionRecord) -> tuple[object, ...]:
    salt = os.urandom(_SALT_BYTES)
    commitment = commit_to(salt, record.answer, record.input)
    at = instant_of(record.id)
    related_salt = related_commitment = None
    related_line: RelatedLine | UnsetType = UNSET
    if record.related is not None:
        related_salt = os.urandom(_SALT_BYTES)
        related_commitment = commit_to_related(related_salt, record.related)
        related_line = RelatedLine(accounts=record.related_accounts, commitment=related_commitment.hex())
    line = DecisionLine(
        id=record.id,
        at=at,
        account_id=record.account_id,
        track=record.track,
        ruleset=record.ruleset_id,
        version=record.version,
        digest=record.digest,
        rule=record.rule,
        outcome=record.outcome,
        action=record.action,
        channel=record.channel,
        as_of=record.as_of.astimezone(dt.UTC),
        commitment=commitment.hex(),
        known_erasures=record.known_erasures,
        related=related_line,
    )
    return (
        record.id,
        at,
        record.account_id,
        record.track,
        record.ruleset_id,
        record.version,
        record.digest,
        record.rule,
        record.outcome,
        record.action,
        record.channel,
        record.as_of,
        commitment,
        record.answer.decode(),
        record.input.decode(),
        salt,
        None if record.related is None else record.related.decode(),
        related_salt,
        related_commitment,
        None if record.related is None else _write_array(record.related_accounts),
        encode_line(line),
        record.known_erasures,
    )


def _write_array(words: Sequence[str]) -> str:
    """Write words as PostgreSQL writes an array: several arrays of unlike length cannot be sent as one."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"
