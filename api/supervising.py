"""Several processes on one port: started again when they die, however busy the machine is, and ended together."""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import msgspec

from api import metrics
from api.metrics import Figures, SharedFolder
from api.service import Settings

_LONGEST_PAUSE_SECONDS = 5.0
_SHORTEST_PAUSE_SECONDS = 0.1
_END_SECONDS = 9.5
_spawn = multiprocessing.get_context("spawn")
_log = logging.getLogger("dunning.server")

Work = Callable[[Settings, socket.socket, Connection], None]


class Worker(msgspec.Struct):
    """One process, and the line over which it says that it answers."""

    process: SpawnProcess
    line: Connection
    is_ready: bool = False


class Supervisor:
    """Nothing but the end of a process counts as its death: a busy one is left alone."""

    def __init__(self, work: Work, settings: Settings, listening: socket.socket, *, count: int) -> None:
        self._work = work
        self._settings = msgspec.structs.replace(settings, parent_process=os.getpid())
        self._listening = listening
        self._count = count
        self._workers: list[Worker] = []
        self._deaths_count = 0
        self._pause_seconds = 0.0
        self._start_at = 0.0
        self._stopping = threading.Event()
        self._woken, self._waker = os.pipe()

    def run(self, on_ready: Callable[[], None]) -> bool:
        """Run until SIGINT or SIGTERM; answers whether any worker could start."""
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, self._stop)
        self._start_missing()
        has_started = False
        while not self._stopping.is_set() and (self._workers or has_started):
            self._wait()
            if not has_started and any(worker.is_ready for worker in self._workers):
                has_started = True
                on_ready()
            self._bury(has_started=has_started)
            if has_started and not self._stopping.is_set() and time.monotonic() >= self._start_at:
                self._start_missing()
        self._end()
        return has_started

    def _stop(self, *_: object) -> None:
        self._stopping.set()
        os.write(self._waker, b".")

    def _start_missing(self) -> None:
        while len(self._workers) < self._count:
            line, theirs = _spawn.Pipe(duplex=False)
            process = _spawn.Process(target=self._work, args=(self._settings, self._listening, theirs))
            process.start()
            theirs.close()
            self._workers.append(Worker(process=process, line=line))

    def _wait(self) -> None:
        """Wait until a worker says something or dies, until one is due, or until told to stop."""
        lines = [worker.line for worker in self._workers if not worker.is_ready]
        deaths = [worker.process.sentinel for worker in self._workers]
        is_one_due = len(self._workers) < self._count
        timeout = max(self._start_at - time.monotonic(), 0.0) if is_one_due else None
        spoken = connection.wait([*lines, *deaths, self._woken], timeout)
        for worker in self._workers:
            if worker.line in spoken and worker.process.exitcode is None:
                worker.is_ready = True
                self._pause_seconds = 0.0

    def _bury(self, *, has_started: bool) -> None:
        """Say which workers have died, and when the next may start: at once, later if they die again and again."""
        for worker in [worker for worker in self._workers if worker.process.exitcode is not None]:
            self._workers.remove(worker)
            worker.line.close()
            if self._stopping.is_set() or not has_started:
                continue
            self._deaths_count += 1
            self._start_at = time.monotonic() + self._pause_seconds
            next_pause = max(2 * self._pause_seconds, _SHORTEST_PAUSE_SECONDS)
            self._pause_seconds = min(next_pause, _LONGEST_PAUSE_SECONDS)
            _log.error("Worker %d died (exit code %d); another is started", worker.process.pid, worker.process.exitcode)
            self._leave_figures()

    def _leave_figures(self) -> None:
        if self._settings.metrics_folder is not None:
            figures = Figures()
            figures.set(metrics.WORKER_DEATHS, self._deaths_count)
            SharedFolder(self._settings.metrics_folder, "supervisor").leave(figures)

    def _end(self) -> None:
        """Tell all to end, and end by force who does not."""
        give_up_at = time.monotonic() + _END_SECONDS
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(max(give_up_at - time.monotonic(), 0.0))
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
