"""Figures that pages show: worked out once for a question, for the page, its pictures and its files alike."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import msgspec
from litestar.types import Scope

from api.experimenting import AskedExperiments, CountedExperiments, count_experiments
from api.problems import ProblemError
from api.recent import Recent
from api.recoverymessages import RecoveryReport
from api.service import Service, find_service
from engine.recovery.report import Asked

_PATIENCE_SECONDS = 5.0
_MOST_KEPT = 8
_MOST_AT_WORK = 4
_KEY = "console_figures"
_REPORT = msgspec.json.Decoder(RecoveryReport)

AskedT = TypeVar("AskedT", bound=Hashable)
FoundT = TypeVar("FoundT")


class Kept(msgspec.Struct, Generic[FoundT], frozen=True, kw_only=True):
    """What was worked out and when it was read, or why there is none; it is kept from its end on."""

    begun_at: dt.datetime
    ended_at: dt.datetime
    found: FoundT | None = None
    trouble: Exception | None = None


class FigureKeeper(Generic[AskedT, FoundT]):
    """Keeps what was worked out for a minute: a page and its pictures say the same, and nobody reads all twice."""

    def __init__(self, service: Service, work_out: Callable[[AskedT], Awaitable[FoundT]]) -> None:
        self._service = service
        self._ask = work_out
        self._kept: Recent[AskedT, Kept[FoundT]] = Recent(_MOST_KEPT)
        self._at_work: dict[AskedT, asyncio.Task[None]] = {}
        self.patience_seconds = _PATIENCE_SECONDS
        self.kept_for = dt.timedelta(minutes=1)

    async def find(self, asked: AskedT) -> tuple[FoundT, dt.datetime] | None:
        """Return the figures and when they were read; None where they are still being worked out, which goes on.

        Raises what was in the way, and ProblemError where too many others are being worked out.
        """
        return await self._wait(asked, self.patience_seconds)

    async def read(self, asked: AskedT) -> tuple[FoundT, dt.datetime]:
        """Return the figures and when they were read, however long it takes; raises as `find` does."""
        while (found := await self._wait(asked, None)) is None:
            pass  # another heard what was in the way
        return found

    async def _wait(self, asked: AskedT, seconds: float | None) -> tuple[FoundT, dt.datetime] | None:
        kept = self._find_fresh(asked)
        if kept is None:
            await asyncio.wait([self._at_work.get(asked) or self._begin(asked)], timeout=seconds)
            kept = self._find_fresh(asked)
        if kept is None:
            return None
        if kept.trouble is not None:
            self._kept.take(asked)
            raise kept.trouble
        return None if kept.found is None else (kept.found, kept.begun_at)

    def _find_fresh(self, asked: AskedT) -> Kept[FoundT] | None:
        kept = self._kept.find(asked)
        return kept if kept is not None and self._service.now() < kept.ended_at + self.kept_for else None

    def _begin(self, asked: AskedT) -> "asyncio.Task[None]":
        if len(self._at_work) >= _MOST_AT_WORK:
            raise ProblemError(
                "too-many-requests", "Enough figures are being worked out already.", headers={"Retry-After": "5"}
            )
        task = self._at_work[asked] = asyncio.create_task(self._work_out(asked))
        return task

    async def _work_out(self, asked: AskedT) -> None:
        begun_at = self._service.now()
        found, trouble = None, None
        try:
            found = await self._ask(asked)
        except Exception as problem:  # noqa: BLE001  it is told to whoever looks
            trouble = problem
        finally:
            del self._at_work[asked]
        kept = Kept(begun_at=begun_at, ended_at=self._service.now(), found=found, trouble=trouble)
        self._kept.keep(asked, kept)


class Keepers:
    """What keeps the figures of this process: the recovery, and what is counted of experiments."""

    def __init__(self, service: Service) -> None:
        turn = asyncio.Lock()

        async def recover(asked: Asked) -> RecoveryReport:
            return _REPORT.decode(await service.recoverer.recover(service.store.database.url, asked))

        async def count(asked: AskedExperiments) -> CountedExperiments:
            async with turn:
                return await count_experiments(service.store.database.url, asked)

        self.recovery = FigureKeeper(service, recover)
        self.experiments = FigureKeeper(service, count)


def find_keepers(scope: Scope) -> Keepers:
    """Find what keeps the figures of this process."""
    state = scope["litestar_app"].state
    if _KEY not in state:
        state[_KEY] = Keepers(find_service(scope))
    keepers: Keepers = state[_KEY]
    return keepers
