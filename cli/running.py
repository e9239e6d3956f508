"""Running the service: a store kept open beside the server, work done before it starts, and a clean end."""

import asyncio
import contextlib
import logging.config
import os
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import rich_click as click

from api import server
from api.ending import leave
from api.logs import configure_logging
from api.service import Settings
from api.tracing import TracingUnusable, find_exporter
from cli.options import LogOptions, ServerOptions
from cli.users import find_user, name_actor
from store.checkpoints import KeyInvalid, Signer
from store.errors import StoreError
from store.logkey import find_signer
from store.store import Store

_log = logging.getLogger("dunning.running")
POSTGRES_FOLDER = "postgres"

Prepare = Callable[[Store, Path], Awaitable[None]]
Keep = Callable[[Store, Path, asyncio.Event], Awaitable[None]]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run; ``prepare`` ends before the first request, ``keep`` goes on beside the server."""

    options: ServerOptions
    port: int
    prepare: Prepare
    keep: Keep
    on_ready: Callable[[str], None]


async def open_store(database_url: str | None, data: Path) -> Store:
    """Open the store that the options name."""
    return await Store.open(database_url, data / POSTGRES_FOLDER)


def find_log_key(options: LogOptions) -> Signer | None:
    """Find the key of the log; one that cannot be used is said on stderr and ends with status 1."""
    try:
        return find_signer(
            key=options.log_key,
            key_file=options.log_key_file,
            home=None if options.database_url else options.data,
        )
    except KeyInvalid as problem:
        raise click.ClickException(f"The log's key cannot be used: {problem}.") from None


def run(service: Service) -> None:
    """Run until SIGINT or SIGTERM; what cannot be is said on stderr and ends with status 1."""
    options = service.options
    logging.config.dictConfig(configure_logging(options.log_format))
    try:
        find_exporter(os.environ)
    except TracingUnusable as problem:
        raise click.ClickException(f"Traces cannot be made: {problem}.") from None
    find_log_key(options)  # a key that cannot be used is said before anything else
    try:
        listening = server.bind(options.host, service.port)
    except OSError as problem:
        raise click.ClickException(
            f"{options.host}:{service.port} cannot be listened on: {problem.strerror}."
        ) from None
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    with listening, tempfile.TemporaryDirectory(prefix="dunning-", ignore_cleanup_errors=True) as runtime:
        folder = Path(runtime)
        status = folder / "watch-status"
        settings = Settings(
            database_url=options.database_url,
            data_folder=options.data / POSTGRES_FOLDER,
            watch_status=status,
            metrics_folder=folder if options.workers > 1 else None,
            turns_folder=folder,
            stale_after_seconds=options.stale_after,
            four_eyes=options.four_eyes,
            due=options.due == "on",
            log_format=options.log_format,
            log_key=options.log_key,
            log_key_file=options.log_key_file,
        )
        with _beside(service, status):
            has_started = server.serve(
                settings,
                listening,
                workers_count=options.workers,
                on_ready=lambda: service.on_ready(address),
            )
    if not has_started:
        raise click.ClickException("The server could not start; what is written above says why.")
    leave()


@contextlib.contextmanager
def _beside(service: Service, status: Path) -> Iterator[None]:
    """Prepare, then keep working in a thread of its own for as long as the server runs."""
    keeper = _Keeper(service, status)
    thread = threading.Thread(target=keeper.run, name="keeper", daemon=True)
    thread.start()
    try:
        keeper.wait_until_prepared()
        yield
    finally:
        keeper.stop()
        thread.join()


class _Keeper:
    """The work beside the server, on an event loop of its own."""

    def __init__(self, service: Service, status: Path) -> None:
        self._service = service
        self._status = status
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._prepared = threading.Event()
        self._problem: Exception | None = None

    def run(self) -> None:
        """Work until stopped."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._work())
            except Exception as problem:  # noqa: BLE001  raised again in the thread that waits
                self._problem = problem
            finally:
                self._prepared.set()

    def wait_until_prepared(self) -> None:
        """Wait for the preparation, and raise what it failed with."""
        self._prepared.wait()
        if isinstance(self._problem, StoreError):
            raise click.ClickException(f"{self._problem}") from self._problem
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Tell the work to end."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it ended by itself
            self._loop.call_soon_threadsafe(self._stop.set)

    async def _work(self) -> None:
        service = self._service
        async with await open_store(service.options.database_url, service.options.data) as store:
            if service.options.four_eyes:
                await store.rulesets.switch_four_eyes(is_on=True, actor=name_actor(), name=find_user())
            await service.prepare(store, self._status)
            self._prepared.set()
            keeping = asyncio.ensure_future(service.keep(store, self._status, self._stop))
            keeping.add_done_callback(_note_end)
            await self._stop.wait()
            keeping.cancel()  # whatever it is at
            await asyncio.gather(keeping, return_exceptions=True)


def _note_end(keeping: asyncio.Future[None]) -> None:
    """Say it when the work beside the server ends by a fault: the server goes on without it."""
    if not keeping.cancelled() and (problem := keeping.exception()) is not None:
        _log.error("The work beside the server has ended", exc_info=problem)
