"""Running the application: one uvicorn, in this process or with workers, ended gracefully."""

import functools
import os
import signal
import socket
from collections.abc import Callable

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.logs import configure_logging
from api.protocol import GuardedProtocol
from api.service import Settings

_GRACE_SECONDS = 10
_BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Take a port (0: any free one), so that it is known and ours before anything slow begins. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except BaseException:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound


def serve(
    settings: Settings, listening: socket.socket, *, workers_count: int = 1, on_ready: Callable[[], None]
) -> bool:
    """Serve until told to stop by SIGINT or SIGTERM; answers whether the service could start."""
    if workers_count > 1:
        return _serve_with_workers(settings, listening, workers_count, on_ready)
    server = _Server(_configure(settings, workers_count=1), on_ready)
    # uvicorn sends itself the signal again once all is closed: by then it must not end the process under us.
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: None)
    try:
        server.run([listening])
    except SystemExit:
        return False
    return server.started


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


class _Workers(Multiprocess):
    """Workers that are started again when they die, and the news when the first of them answers."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], on_ready: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._on_ready = on_ready
        self.has_started = False

    def init_processes(self) -> None:
        """Start all, and wait for the first."""
        super().init_processes()
        self.has_started = self.processes[0].wait_until_ready(60.0)
        if self.has_started:
            self._on_ready()


def _serve_with_workers(
    settings: Settings, listening: socket.socket, workers_count: int, on_ready: Callable[[], None]
) -> bool:
    worker_settings = msgspec.structs.replace(settings, parent_process=os.getpid())
    config = _configure(worker_settings, workers_count=workers_count)
    config.configure_logging()
    workers = _Workers(config, [listening], on_ready)
    workers.run()
    return workers.has_started


def _configure(settings: Settings, *, workers_count: int) -> uvicorn.Config:
    return uvicorn.Config(
        functools.partial(create_app, settings),
        factory=True,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        workers=workers_count,
        access_log=False,
        log_config=configure_logging(settings.log_format),
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
