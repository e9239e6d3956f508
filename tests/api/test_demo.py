"""The demo, as a newcomer meets it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import PATIENCE_SECONDS

DUNNING = str(Path(sys.executable).with_name("dunning"))


class Demo:
    """One `dunning demo` on a data folder."""

    def __init__(self, data: Path) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.process = subprocess.Popen(
            [DUNNING, "demo", "--port", "0"],
            env=environment | {"DUNNING_DATA": str(data)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.commands: list[str] = []
        while len(self.commands) < 3:
            line = self.process.stdout.readline()
            assert line, "the demo ended"
            if line.startswith("curl "):
                self.commands.append(line)

    def ask(self, url: str) -> httpx.Response:
        """Ask as the printed commands do."""
        header = shlex.split(self.commands[0])[3]
        return httpx.get(url, headers=dict([header.split(": ")]), timeout=PATIENCE_SECONDS)

    def address(self, number: int) -> str:
        """The address that a command asks."""
        return shlex.split(self.commands[number])[-1]

    def end(self, kind: signal.Signals) -> int:
        """End it, and answer its exit code."""
        self.process.send_signal(kind)
        code = self.process.wait(PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def start() -> Iterator[Callable[[Path], Demo]]:
    """Start demos; whatever still runs is ended."""
    started: list[Demo] = []

    def make(data: Path) -> Demo:
        started.append(Demo(data))
        return started[-1]

    yield make
    for demo in started:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)


@pytest.mark.slow
def test_the_demo_survives_kill_9(start: Callable[[Path], Demo], tmp_path: Path) -> None:
    """The first command answers with a decision to act; after kill -9 and a second start it can still be read."""
    first = start(tmp_path / "data")
    answer = first.ask(first.address(0))
    decision: dict[str, Any] = answer.json()
    assert decision["outcome"] == "act", decision
    assert decision["rule"]["id"]
    assert decision["reason"]
    assert decision["review_on"]
    assert first.ask(first.address(1)).json()["steps"]
    assert first.ask(first.address(2)).json()["decisions"][0]["decision_id"] == decision["decision_id"]
    first.end(signal.SIGKILL)
    second = start(tmp_path / "data")
    base = re.match(r"http://[^/]+", second.address(0))
    assert base is not None
    logged = second.ask(f"{base[0]}/v1/decisions/{decision['decision_id']}").json()
    assert {key: logged[key] for key in decision} == decision
    assert second.ask(second.address(0)).json()["rule"] == decision["rule"]
    assert second.end(signal.SIGTERM) == 0


@pytest.mark.slow
def test_the_demo_can_try_itself(tmp_path: Path) -> None:
    """With --once the first command's answer is printed, and the demo ends with status 0."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment["DUNNING_DATA"] = str(tmp_path / "data")
    done = subprocess.run(
        [DUNNING, "demo", "--port", "0", "--once"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[done.stdout.index("\n{") :])["outcome"] == "act"
