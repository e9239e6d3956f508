"""Figures that pages show: worked out once for a question, for the page, its pictures and its files alike."""

import asyncio
import datetime as dt

import msgspec
from litestar.types import Scope

from api.problems import ProblemError
from api.recent import Recent
from api.recoverymessages import RecoveryReport
from api.service import Service, find_service
from engine.recovery.report import Asked
from store.errors import Unavailable

_PATIENCE_SECONDS = 5.0
_MOST_KEPT = 8
_MOST_AT_WORK = 4
_KEY = "console_figures"
_REPORT = msgspec.json.Decoder(RecoveryReport)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A report and when it was read, or why there is none; it is kept from its end on."""

    begun_at: dt.datetime
    ended_at: dt.datetime
    report: RecoveryReport | None = None
    trouble: Exception | None = None


class FigureKeeper:
    """Keeps what was worked out for a minute: a page and its pictures say the same, and nobody reads all twice."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: Recent[Asked, Kept] = Recent(_MOST_KEPT)
        self._at_work: dict[Asked, asyncio.Task[None]] = {}
        self.patience_seconds = _PATIENCE_SECONDS
        self.kept_for = dt.timedelta(minutes=1)

    async def find(self, asked: Asked) -> tuple[RecoveryReport, dt.datetime] | None:
        """Return the figures and when they were read; None where they are still being worked out, which goes on.

        Raises Unavailable, and ProblemError where too many others are being worked out.
        """
        kept = self._find_fresh(asked)
        if kept is None:
            await asyncio.wait([self._at_work.get(asked) or self._begin(asked)], timeout=self.patience_seconds)
            kept = self._find_fresh(asked)
        if kept is None:
            return None
        if kept.trouble is not None:
            self._kept.take(asked)
            raise kept.trouble
        return None if kept.report is None else (kept.report, kept.begun_at)

    def _find_fresh(self, asked: Asked) -> Kept | None:
        kept = self._kept.find(asked)
        return kept if kept is not None and self._service.now() < kept.ended_at + self.kept_for else None

    def _begin(self, asked: Asked) -> "asyncio.Task[None]":
        if len(self._at_work) >= _MOST_AT_WORK:
            raise ProblemError(
                "too-many-requests", "Enough figures are being worked out already.", headers={"Retry-After": "5"}
            )
        task = self._at_work[asked] = asyncio.create_task(self._work_out(asked))
        return task

    async def _work_out(self, asked: Asked) -> None:
        begun_at = self._service.now()
        report, trouble = None, None
        try:
            body = await self._service.recoverer.recover(self._service.store.database.url, asked)
            report = _REPORT.decode(body)
        except (Unavailable, RuntimeError) as problem:
            trouble = problem
        finally:
            del self._at_work[asked]
        kept = Kept(begun_at=begun_at, ended_at=self._service.now(), report=report, trouble=trouble)
        self._kept.keep(asked, kept)


def find_keeper(scope: Scope) -> FigureKeeper:
    """Find the keeper of this process."""
    state = scope["litestar_app"].state
    if _KEY not in state:
        state[_KEY] = FigureKeeper(find_service(scope))
    keeper: FigureKeeper = state[_KEY]
    return keeper
