"""Try `make demo` as a newcomer would: run the first command it prints, kill -9 it, start it again, read the decision.

It relies on what `dunning demo` promises: three commands, each on a line of its own that begins with `curl`, the first
of which answers with a decision to act.
"""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
READY_WITHIN_SECONDS = 300
COMMANDS_PROMISED = 3
NEEDED_KEYS = ("decision_id", "rule", "ruleset", "reason", "review_on")


class Demo:
    """One `make demo` in a process group of its own, so that it can be killed as a whole."""

    def __init__(self, folder: Path, port: int) -> None:
        self.log = folder / f"demo-{time.monotonic_ns()}.log"
        environment = os.environ | {"DUNNING_DATA": str(folder / "data"), "DUNNING_PORT": str(port)}
        environment.pop("DATABASE_URL", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "demo"], cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def commands(self) -> list[str]:
        """The commands it prints for a newcomer to try, once it is ready."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            printed = self.log.read_text(encoding="utf-8")
            commands = [line.strip() for line in printed.splitlines() if line.lstrip().startswith("curl ")]
            if len(commands) >= COMMANDS_PROMISED:
                return commands
            time.sleep(0.2)
        sys.exit(f"demo_check: no commands to try were printed:\n{self.log.read_text(encoding='utf-8')}")

    def end(self, kind: signal.Signals) -> None:
        """Send the signal to the whole group and wait for the end."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, kind)
            self.process.wait(timeout=READY_WITHIN_SECONDS)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def first_decision(command: str) -> dict[str, Any]:
    """The decision that the first printed command answers with, seen to be whole and one to act on."""
    done = subprocess.run(shlex.split(command), check=True, capture_output=True)
    decision: dict[str, Any] = json.loads(done.stdout)
    missing = [key for key in NEEDED_KEYS if key not in decision]
    if decision.get("outcome") != "act" or missing or not decision["ruleset"].get("digest"):
        sys.exit(f"demo_check: not a whole decision to act (missing: {missing}): {decision}")
    return decision


def logged_decision(command: str, decision_id: str) -> dict[str, Any]:
    """The logged decision of that id, read with the address and token that the printed command uses."""
    address = re.search(r"http://[^/\s'\"]+", command)
    token = re.search(r"Bearer ([^\s'\"]+)", command)
    if address is None or token is None:
        sys.exit(f"demo_check: no address and token in: {command}")
    request = urllib.request.Request(
        f"{address[0]}/v1/decisions/{decision_id}", headers={"Authorization": f"Bearer {token[1]}"}
    )
    with urllib.request.urlopen(request, timeout=READY_WITHIN_SECONDS) as answer:
        logged: dict[str, Any] = json.load(answer)
        return logged


def main() -> None:
    """Start, ask, kill, start again, read back."""
    with tempfile.TemporaryDirectory(prefix="dunning-demo-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        first = Demo(Path(folder), port)
        try:
            command = first.commands()[0]
            decision = first_decision(command)
            before = logged_decision(command, decision["decision_id"])
        finally:
            first.end(signal.SIGKILL)
        second = Demo(Path(folder), port)
        try:
            after = logged_decision(second.commands()[0], decision["decision_id"])
        finally:
            second.end(signal.SIGTERM)
        if before != after:
            sys.exit("demo_check: the decision read back after kill -9 is not the one before")
    print(f"demo_check: decision {decision['decision_id']} was answered, survived kill -9 and was read back")


if __name__ == "__main__":
    main()
