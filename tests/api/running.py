"""The server as a process of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from api.operation import SCOPES
from tests.api.examples import ANNA, AS_OF
from tests.waiting import PATIENCE_SECONDS, wait_for

DUNNING = str(Path(sys.executable).with_name("dunning"))
QUESTION = {"account": ANNA, "as_of": AS_OF}


class Running:
    """One `dunning serve`, and a client with every scope."""

    def __init__(self, url: str, folder: Path, *options: str, program: Sequence[str] = (DUNNING,)) -> None:
        """Serve a folder of rulesets; without an address on a PostgreSQL of its own, beside the folder."""
        data = folder.with_name(f"{folder.name}-data")
        self.environment = os.environ | {"DATABASE_URL": url, "DUNNING_DATA": str(data), "COLUMNS": "300"}
        self._said: list[str] = []
        command = [*program, "serve", "--port", "0", "--rulesets", str(folder), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=self.environment, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            address = wait_for(lambda: re.search(r"Listening on (\S+);", self.said) or self.process.poll() is not None)
        except BaseException:
            self.process.kill()  # nobody has it yet who could end it
            raise
        assert isinstance(address, re.Match), self.said
        scopes = [f"--scope={scope}" for scope in SCOPES]
        self.client = httpx.Client(
            base_url=address[1],
            headers={"Authorization": f"Bearer {self.run('token', 'create', '--name=t', *scopes)}"},
            timeout=PATIENCE_SECONDS,
        )

    @property
    def said(self) -> str:
        """What it has written so far."""
        return "".join(self._said)

    def run(self, *arguments: str) -> str:
        """Run another command beside it."""
        done = subprocess.run([DUNNING, *arguments], env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def decide(self) -> dict[str, Any]:
        """Ask for a decision; a server that says that it is not ready yet is asked again."""

        def ask() -> httpx.Response | None:
            answer = self.client.post("/v1/next-action", json=QUESTION)
            return None if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE else answer

        answer: httpx.Response = wait_for(ask)
        assert answer.status_code == 200, answer.text
        decision: dict[str, Any] = answer.json()
        return decision

    def end(self, kind: signal.Signals) -> int:
        """End it, and answer its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(kind)
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr:
            for line in self.process.stderr:
                self._said.append(line)
