"""A `dunning demo` in a process of its own, as a newcomer has it after a minute."""

import os
import re
import signal
import subprocess
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.waiting import PATIENCE_SECONDS, wait_for

DUNNING = str(Path(sys.executable).with_name("dunning"))


class Demo:
    """A `dunning demo` that has asked about every account."""

    def __init__(self, data: Path) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self._said = data / "said"
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [DUNNING, "demo", "--port", "0"],
                env=environment | {"DUNNING_DATA": str(data)},
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        try:
            printed = self._read_until("token: ")
            (self.secret,) = re.findall(r"^token: (\S+)$", printed, re.MULTILINE)
            (self.address,) = re.findall(r"^(http://\S+)/console$", printed, re.MULTILINE)
            wait_for(self._has_asked)
        except BaseException:
            self.end()
            raise

    def ask(self, path: str) -> Any:
        """Ask the API, as the demo's token may."""
        return self._get(path).json()

    def end(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read_until(self, line: str) -> str:
        assert self._process.stdout is not None
        said = ""
        while line not in said:
            came = self._process.stdout.readline()
            assert came, f"the demo ended: {self._said.read_text()}"
            said += came
        return said

    def _has_asked(self) -> bool:
        """Tell whether nothing is due by the server's own clock, nor marked to be asked again."""
        ready = self._get("/readyz")
        now = parsedate_to_datetime(ready.headers["date"]).isoformat()
        is_due = bool(self.ask(f"/v1/accounts?due_by={quote(now)}&limit=1")["accounts"])
        return not is_due and ready.json()["due_lag_seconds"] == 0

    def _get(self, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secret}"}
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=PATIENCE_SECONDS).raise_for_status()
