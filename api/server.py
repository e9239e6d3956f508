"""Running the application: one uvicorn, in this process or in several, ended gracefully and in time."""

import asyncio
import functools
import logging.config
import signal
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType

import uvicorn

from api.app import create_app
from api.ending import GRACE_SECONDS, Threads, end_in_time, leave
from api.logs import configure_logging
from api.protocol import GuardedProtocol
from api.service import Settings
from api.supervising import Supervisor

_THREADS_COUNT = 8
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
        return Supervisor(work, settings, listening, count=workers_count).run(on_ready)
    return _run(settings, listening, on_ready)


def work(settings: Settings, listening: socket.socket, line: Connection) -> None:
    """Serve as one of several, in a process of its own; says over the line when it answers."""
    logging.config.dictConfig(configure_logging(settings.log_format))
    has_started = _run(settings, listening, lambda: line.send_bytes(b"ready"))
    leave(0 if has_started else 1)
    if not has_started:
        raise SystemExit(1)


def _run(settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> bool:
    server = _Server(_configure(settings), on_ready)
    # uvicorn sends itself the signal again once all is closed: by then it must not end the process under us.
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: None)
    try:
        server.run([listening])
    except SystemExit:
        return False
    return server.started


class _Server(uvicorn.Server):
    """A server that says when it answers, and that ends in time."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        asyncio.get_running_loop().set_default_executor(Threads(_THREADS_COUNT, thread_name_prefix="beside"))
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, and make sure that it comes to an end."""
        if not self.should_exit:
            end_in_time()
        super().handle_exit(sig, frame)


def _configure(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        functools.partial(create_app, settings),
        factory=True,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=configure_logging(settings.log_format),
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
