"""A stranger without a token, with a thousand connections, beside a client whose decisions must not wait for it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.strangers import Lane
from tests.api import stranger
from tests.api.examples import REMINDER
from tests.api.running import Running

SECONDS = float(os.environ.get("DUNNING_STRANGER_SECONDS", "10"))
CONNECTIONS = 1000
MOST_SECONDS = 0.25


@pytest.fixture
def running(empty_database_url: str, tmp_path: Path) -> Iterator[Running]:
    """A server with one worker."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    server = Running(empty_database_url, folder)
    yield server
    server.end(signal.SIGTERM)


def measure(running: Running, seconds: float) -> float:
    """Ask for decisions one after the other, and answer what 99 of 100 took at most."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        running.decide()
        taken.append(time.monotonic() - begun)
    return sorted(taken)[len(taken) * 99 // 100]


@contextlib.contextmanager
def attacking(port: int | None) -> Iterator[None]:
    """Let a stranger at a port, in a process of its own."""
    command = [sys.executable, stranger.__file__, str(port), str(CONNECTIONS), str(SECONDS + 60)]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.mark.slow
def test_a_stranger_makes_nobody_wait(running: Running) -> None:
    """Decisions take at most a quarter of a second longer at the 99th percentile; the long form runs ten minutes."""
    running.client.timeout = 30.0
    quiet = measure(running, 3)
    with attacking(running.client.base_url.port):
        measure(running, 3)  # while it opens its connections
        beside = measure(running, SECONDS)
    print(f"p99 {quiet * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside {CONNECTIONS} connections")  # noqa: T201
    assert beside - quiet < MOST_SECONDS
    assert running.client.get("/healthz").status_code == 200


def test_a_lane_lets_some_through_at_once_and_the_others_at_its_rate() -> None:
    """Whoever comes alone does not wait; of many none waits longer than the most."""
    lane = Lane(per_second=100, at_once=10, most_seconds=0.3)
    waits = [lane.enter(1000.0) for _ in range(100)]
    assert waits[:10] == pytest.approx([0.0] * 10)
    assert waits[10:40] == pytest.approx([step / 100 for step in range(1, 31)])
    assert waits[40:] == pytest.approx([0.3] * 60)
    assert lane.enter(1000.31) == pytest.approx(0.0)
