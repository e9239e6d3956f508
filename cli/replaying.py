"""Replaying many decisions, a page at a time, in as many processes as there are cores."""

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence

import msgspec

from api.replaying import FactsErased, Remembered, Replay, remember, replay
from api.shelf import Shelf
from cli.changes import Matrix
from engine.evaluation.program import Compiled
from store.database import Database
from store.decisionrecords import LoggedDecision
from store.rulesets import Rulesets

MOST_SHOWN = 100

Target = tuple[str, int]
Page = tuple[LoggedDecision, ...]


class Outcome(msgspec.Struct, kw_only=True):
    """What came of replaying; `erased_count` could not be made again, their facts being gone.

    `earlier_counts` are those that differ and were made under an earlier edition of the language, by edition.
    """

    equal_count: int = 0
    different_count: int = 0
    erased_count: int = 0
    earlier_counts: Counter[int] = msgspec.field(default_factory=Counter)
    shown: list[Replay]
    matrix: Matrix

    @property
    def compared_count(self) -> int:
        """How many were made again."""
        return self.equal_count + self.different_count + self.earlier_counts.total()

    def merge(self, other: "Outcome") -> None:
        """Add what came of others."""
        self.equal_count += other.equal_count
        self.different_count += other.different_count
        self.erased_count += other.erased_count
        self.earlier_counts.update(other.earlier_counts)
        self.shown += other.shown[: MOST_SHOWN - len(self.shown)]
        self.matrix.merge(other.matrix)


async def replay_page(shelf: Shelf, page: Page, target: Target | None) -> Outcome:
    """Decide again what is on a page, with the target in the place of its ruleset's version where one is given."""
    outcome = Outcome(shown=[], matrix=Matrix())
    for logged in page:
        try:
            remembered = remember(logged)
        except FactsErased:
            outcome.erased_count += 1
            continue
        again = replay(remembered, await _find_rulesets(shelf, remembered, target))
        if target is not None:
            becomes = None if again.answer is None else msgspec.json.decode(again.answer)
            outcome.matrix.add(msgspec.json.decode(remembered.answer), becomes)
        if again.is_equal:
            outcome.equal_count += 1
            continue
        if target is None and again.is_of_earlier_edition:
            outcome.earlier_counts[again.language_edition] += 1
            continue
        outcome.different_count += 1
        if target is None and len(outcome.shown) < MOST_SHOWN:
            outcome.shown.append(again)
    return outcome


async def replay_pages(
    url: str, pages: AsyncIterator[Page], target: Target | None, *, workers_count: int
) -> AsyncIterator[tuple[int, Outcome]]:
    """Decide again what is on pages; yields how many decisions a page had, and what came of them, in order."""
    if workers_count == 1:
        async with _open_shelf(url) as shelf:
            async for page in pages:
                yield len(page), await replay_page(shelf, page, target)
        return
    started = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        workers_count, mp_context=started, initializer=_Worker.start, initargs=(url, target)
    ) as workers:
        waiting: deque[tuple[int, asyncio.Future[Outcome]]] = deque()
        loop = asyncio.get_running_loop()
        async for page in pages:
            waiting.append((len(page), loop.run_in_executor(workers, _Worker.replay, page)))
            if len(waiting) > 2 * workers_count:  # a few pages ahead, and no more of them in memory
                count, outcome = waiting.popleft()
                yield count, await outcome
        for count, outcome in waiting:
            yield count, await outcome


class _Worker:
    """What one process of the pool keeps from page to page: its loop, its versions, its connection."""

    _runner: asyncio.Runner
    _shelf: Shelf
    _target: Target | None

    @classmethod
    def start(cls, url: str, target: Target | None) -> None:
        """Begin."""
        cls._runner = asyncio.Runner()
        cls._target = target
        cls._shelf = cls._runner.run(_make_shelf(url))

    @classmethod
    def replay(cls, page: Page) -> Outcome:
        """Replay one page."""
        return cls._runner.run(replay_page(cls._shelf, page, cls._target))


async def _make_shelf(url: str) -> Shelf:
    return Shelf(Rulesets(await Database.open(url, pool_size=1)))


@contextlib.asynccontextmanager
async def _open_shelf(url: str) -> AsyncIterator[Shelf]:
    database = await Database.open(url, pool_size=1)
    shelf = Shelf(Rulesets(database))
    try:
        yield shelf
    finally:
        shelf.close()
        await database.close()


async def _find_rulesets(shelf: Shelf, remembered: Remembered, target: Target | None) -> Sequence[Compiled]:
    keys = list(remembered.rulesets)
    if target is not None and any(name == target[0] for name, _ in keys):
        keys = [*(key for key in keys if key[0] != target[0]), target]
    return await shelf.take(keys)
