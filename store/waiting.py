"""Requests that wait to be served together: bounded, each with a future of its own and a deadline."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from store.errors import Busy, Unavailable

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_LATE = "PostgreSQL did not answer in time; ask again in a moment"


class Waiting(Generic[ItemT, AnswerT]):
    """One request: what it asks, how much it weighs, since when it waits, and the future its caller awaits."""

    __slots__ = ("answer", "item", "since", "weight")

    def __init__(self, item: ItemT, weight: int, since: float, answer: asyncio.Future[AnswerT]) -> None:
        self.item = item
        self.weight = weight
        self.since = since
        self.answer = answer

    def resolve(self, answer: AnswerT) -> None:
        """Answer, unless the caller went away or was told to come again."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, problem: Exception) -> None:
        """Fail, unless the caller went away or was told to come again."""
        if not self.answer.done():
            self.answer.set_exception(problem)


class WaitingLine(Generic[ItemT, AnswerT]):
    """Callers join; a task takes what waits as one batch. What waits too long is refused, also while it is served."""

    def __init__(self, *, limit: int, deadline_seconds: float) -> None:
        self._limit = limit
        self._deadline_seconds = deadline_seconds
        self._waiting: deque[Waiting[ItemT, AnswerT]] = deque()
        self._weight = 0
        self._served: list[Sequence[Waiting[ItemT, AnswerT]]] = []
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_stalled = False
        self._stalled_at = float("-inf")
        self._closed_because: str | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def weight(self) -> int:
        """How much waits to be taken."""
        return self._weight

    @property
    def trouble(self) -> str | None:
        """Why nobody may join now; a stall of which nothing was seen since is not held against PostgreSQL for ever."""
        if self._closed_because is not None:
            return self._closed_because
        if self._is_stalled and (self._served or self._loop.time() < self._stalled_at + self._deadline_seconds):
            return "PostgreSQL does not answer in time"
        return "too much waits for PostgreSQL" if self._weight >= self._limit else None

    def join(self, item: ItemT, weight: int = 1) -> asyncio.Future[AnswerT]:
        """Wait in line, or be refused at once: when the line is full, stalled or closed."""
        if self._closed_because is not None:
            raise Unavailable(self._closed_because)
        # A stalled line still takes one at a time: the one that finds out that PostgreSQL is back.
        if self._is_stalled and self._weight + len(self._served) > 0:
            raise Busy("PostgreSQL does not answer in time; ask again in a moment")
        if self._weight and self._weight + weight > self._limit:
            raise Busy("too much waits for PostgreSQL; ask again in a moment")
        answer: asyncio.Future[AnswerT] = self._loop.create_future()
        self._waiting.append(Waiting(item, weight, self._loop.time(), answer))
        self._weight += weight
        self._filled.set()
        self._emptied.clear()
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(self._deadline_seconds / 4, self._sweep)
        return answer

    async def take(self, most: int) -> list[Waiting[ItemT, AnswerT]]:
        """Wait until somebody waits, then take up to `most` by weight (a heavier single one alone)."""
        batch: list[Waiting[ItemT, AnswerT]] = []
        while not batch:
            await self._filled.wait()
            self._fill(batch, most)
        self._served.append(batch)
        return batch

    def finish(self, batch: list[Waiting[ItemT, AnswerT]], *, is_served: bool) -> None:
        """Say that a taken batch is over: served, or given up."""
        self._served = [other for other in self._served if other is not batch]
        if is_served:
            self._is_stalled = False
        self._note_emptied()

    async def drain(self, reason: str) -> None:
        """Let nobody join any more and wait until all that wait were served or refused."""
        self._closed_because = reason
        await self._emptied.wait()

    def close(self, reason: str) -> None:
        """Let nobody join any more and refuse all that wait."""
        self._closed_because = reason
        for waiting in [*self._waiting, *(waiting for batch in self._served for waiting in batch)]:
            waiting.fail(Unavailable(reason))
        self._waiting.clear()
        self._weight = 0
        self._served.clear()
        self._note_emptied()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _fill(self, batch: list[Waiting[ItemT, AnswerT]], most: int) -> None:
        room = most
        while self._waiting and (self._waiting[0].weight <= room or not batch):
            waiting = self._waiting.popleft()
            self._weight -= waiting.weight
            if not waiting.answer.done():  # else its caller went away or was refused: nobody would know of it
                batch.append(waiting)
                room -= waiting.weight
        if not self._waiting:
            self._filled.clear()
            if not batch:
                self._note_emptied()

    def _note_emptied(self) -> None:
        if not self._waiting and not self._served:
            self._emptied.set()

    def _sweep(self) -> None:
        due = self._loop.time() - self._deadline_seconds
        for batch in self._served:
            for waiting in batch:
                if waiting.since <= due:
                    self._is_stalled = True
                    self._stalled_at = self._loop.time()
                    waiting.fail(Busy(_LATE))
        while self._waiting and self._waiting[0].since <= due:  # they stand in the order of their coming
            waiting = self._waiting.popleft()
            self._weight -= waiting.weight
            waiting.fail(Busy(_LATE))
        self._note_emptied()
        is_idle = self._emptied.is_set()
        self._sweeper = None if is_idle else self._loop.call_later(self._deadline_seconds / 4, self._sweep)
