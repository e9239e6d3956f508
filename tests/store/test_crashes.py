"""Kill and stall: no answered decision is lost, and nobody waits for ever."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from store.embedded import EmbeddedServer

ROOT = Path(__file__).parents[2]


class Logger:
    """The process of crashing.py on a folder."""

    def __init__(self, folder: Path) -> None:
        program = [sys.executable, str(Path(__file__).with_name("crashing.py")), str(folder)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment)
        self.logged: list[str] = []

    def read_until(self, wanted: str, count: int = 1) -> None:
        """Read what the process prints until `count` lines say what is wanted."""
        assert self.process.stdout is not None
        while count:
            line = self.process.stdout.readline()
            assert line, "the process ended"
            word, _, rest = line.strip().partition(" ")
            if word == "logged":
                self.logged.append(rest)
            count -= line.startswith(wanted)

    def kill(self) -> None:
        """Kill the process as the kernel does it, and read what it had said by then."""
        self.process.kill()
        assert self.process.stdout is not None
        for line in self.process.stdout.read().splitlines(keepends=True):
            if line.startswith("logged ") and line.endswith("\n"):
                self.logged.append(line.split()[1])
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """Name a data folder, and stop its server afterwards."""
    yield open_folder / "postgres"
    EmbeddedServer.start(open_folder / "postgres").release()


def missing(folder: Path, ids: list[str]) -> list[str]:
    """Name those of the ids that are not in the decision log."""

    async def fetch() -> list[str]:
        connection = await asyncpg.connect(server.url("dunning"))
        try:
            found = await connection.fetch("SELECT id::text FROM dunning.decisions")
            return sorted(set(ids) - {row[0] for row in found})
        finally:
            await connection.close()

    server = EmbeddedServer.start(folder)
    try:
        return asyncio.run(fetch())
    finally:
        server.release()


def processes(folder: Path) -> list[int]:
    """List the server's processes, the postmaster first."""
    parent = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def test_a_killed_service_has_lost_nothing_it_answered(folder: Path) -> None:
    """Kill -9 of the service, again and again on the same data: every answered decision is in the log."""
    ids: list[str] = []
    for _ in range(3):
        logger = Logger(folder)
        logger.read_until("logged", 300)
        logger.kill()
        ids += logger.logged
        assert missing(folder, ids) == []


def test_a_killed_postgresql_comes_back_under_the_running_service(folder: Path) -> None:
    """Kill -9 of all of PostgreSQL under load: the service starts it again, goes on, and nothing answered is lost."""
    logger = Logger(folder)
    logger.read_until("logged", 300)
    for process in processes(folder):
        os.kill(process, signal.SIGKILL)
    logger.read_until("logged", 300)
    os.kill(processes(folder)[0], signal.SIGKILL)  # the postmaster alone: its children find out by themselves
    logger.read_until("logged", 300)
    logger.kill()
    assert missing(folder, logger.logged) == []


def test_a_stalled_postgresql_is_answered_with_busy_until_it_is_back(folder: Path) -> None:
    """While PostgreSQL is stopped callers are refused within the deadline; afterwards they are served again."""
    logger = Logger(folder)
    logger.read_until("logged", 100)
    stopped = processes(folder)
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        logger.read_until("refused Busy", 100)
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    logger.read_until("logged", 100)
    logger.kill()
    assert missing(folder, logger.logged) == []
