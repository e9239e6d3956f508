"""What a process does beside answering, for as long as it runs."""

import asyncio
import contextlib
import datetime as dt
import os
import signal

from api.routes.health import take_figures
from api.service import Service
from store.errors import StoreError
from store.store import Store

_SHARING_SECONDS = 1.0
_FORGETTING_SECONDS = 60.0
_SEALING_SECONDS = 60.0
_EVENTS_KEPT_FOR = dt.timedelta(days=30)


async def share_figures(service: Service) -> None:
    """Leave this process's figures for the other workers, every second."""
    while service.shared_figures is not None:
        await asyncio.to_thread(service.shared_figures.leave, take_figures(service))
        await asyncio.sleep(_SHARING_SECONDS)


async def forget_answers(store: Store) -> None:
    """Forget the answers kept for Idempotency-Keys whose day is over."""
    while True:
        with contextlib.suppress(StoreError):
            await store.idempotency.forget_expired()
        await asyncio.sleep(_FORGETTING_SECONDS)


async def seal_accesses(store: Store) -> None:
    """Put into the log, every minute, what was written down of readings of personal data."""
    while True:
        await asyncio.sleep(_SEALING_SECONDS)
        with contextlib.suppress(StoreError):
            await store.accesses.seal()


async def forget_events(store: Store) -> None:
    """Forget the events that are older than a month."""
    while True:
        with contextlib.suppress(StoreError):
            await store.outbox.forget(dt.datetime.now(dt.UTC) - _EVENTS_KEPT_FOR)
        await asyncio.sleep(_FORGETTING_SECONDS)


async def leave_with_parent(parent_process: int | None) -> None:
    """End this worker when its parent is gone: an orphan would keep the port and answer with old settings."""
    if parent_process is None:
        return
    while os.getppid() == parent_process:  # noqa: ASYNC110  the end of a process is no event of ours
        await asyncio.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


async def stop(task: asyncio.Task[None]) -> None:
    """Stop a chore, and wait until it has stopped."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
