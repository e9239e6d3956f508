"""Group commit: many requests wait, a few writers commit what waits as one batch, everybody is answered after it."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import asyncpg

from store.clock import TOLERANCE, Clock
from store.database import PASSING, REFUSED, say
from store.decisionrecords import DecisionRecord, columns_of, line_of_decision, prepare
from store.errors import Unavailable, Unstorable, Untimely
from store.grouping import Connector
from store.loglines import encode_line
from store.statements import sql
from store.waiting import Waiting, WaitingLine

_LOGGER = logging.getLogger(__name__)
_COMMIT_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 1.0
_UNTIMELY = "DUN01"  # as dunning.append_decisions says it

Pending = Waiting[tuple[DecisionRecord, ...], None]


class DecisionLog:
    """What one process has to log: a bounded line, and writers with a connection each."""

    def __init__(
        self,
        connector: Connector,
        clock: Clock,
        *,
        writer_count: int = 2,
        queue_limit: int = 5000,
        batch_limit: int = 1000,
        deadline_seconds: float = 5.0,
    ) -> None:
        self._clock = clock
        self._batch_limit = batch_limit
        self._deadline_seconds = deadline_seconds
        self._line: WaitingLine[tuple[DecisionRecord, ...], None] = WaitingLine(
            limit=queue_limit, deadline_seconds=deadline_seconds
        )
        self._desks = [_Desk(connector) for _ in range(writer_count)]
        self._writers = [asyncio.create_task(self._write(desk)) for desk in self._desks]
        for writer in self._writers:
            writer.add_done_callback(self._end)

    async def append(self, record: DecisionRecord) -> None:
        """Log a decision; returns when it is committed.

        Raises Busy or Unavailable when it could not be made sure: it may have been logged all the same; Untimely where
        a clock is wrong, and then it was not. Raises Unstorable when it can never be logged.
        """
        self._clock.check()
        await self._line.join((record,))

    async def append_many(self, records: Sequence[DecisionRecord]) -> None:
        """Log decisions that are answered together; returns when all are committed, as one transaction."""
        self._clock.check()
        if records:
            await self._line.join(tuple(records), len(records))

    @property
    def waiting_count(self) -> int:
        """How many decisions wait for a writer."""
        return self._line.weight

    @property
    def trouble(self) -> str | None:
        """Why nothing can be logged now; a writer that was refused just now says why, a full disk for one.

        What is longer ago than the deadline does not count: nobody asks a server that is not ready, and so nobody
        would find out that it can log again.
        """
        now = asyncio.get_running_loop().time()
        refused = next((desk.trouble for desk in self._desks if now < desk.refused_at + self._deadline_seconds), None)
        return self._line.trouble if refused is None else f"a batch cannot be committed: {refused}"

    async def close(self) -> None:
        """Commit what waits (or give it up after the deadline), then stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._deadline_seconds * 1.5):
                await self._line.drain("the service is stopping")
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def _write(self, desk: "_Desk") -> None:
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
        self.trouble: str | None = None
        self.refused_at = float("-inf")

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
            except (*REFUSED, Untimely) as problem:
                if len(batch) == 1:
                    batch[0].fail(problem if isinstance(problem, Untimely) else Unstorable(str(problem)))
                else:  # one of them spoils it for all: each goes alone
                    for waiting in batch:
                        await self.serve([waiting])
                return True
            except PASSING as problem:
                self.trouble, self.refused_at = say(problem), asyncio.get_running_loop().time()
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
                self.trouble, self.refused_at = None, float("-inf")
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
        rows = _rows_of([record for waiting in batch for record in waiting.item])
        # One statement, so the batch and its place in the tree are one transaction; sending it again is harmless.
        try:
            await self._connection.execute(sql("decisions.append"), *rows, TOLERANCE, timeout=_COMMIT_SECONDS)
        except asyncpg.exceptions.PostgresError as problem:
            if getattr(problem, "sqlstate", None) == _UNTIMELY:
                raise Untimely(str(problem)) from problem
            raise


def _rows_of(records: list[DecisionRecord]) -> tuple[list[tuple[object, ...]], list[bytes]]:
    """Write the rows of a batch, and beside them their lines, which lack only the place."""
    once = {record.id: record for record in reversed(records)}  # of one id the first counts
    decisions = [prepare(record) for record in reversed(once.values())]
    return [columns_of(each) for each in decisions], [encode_line(line_of_decision(each)) for each in decisions]
