"""A worker of the company: takes what is due, confirms, sends, records, for ever; it dies where its seed says.

What it sends goes to the end of a file. It writes down what it is about to send, and when it comes back it first
records what it had sent: so no lease that ends meanwhile makes a second letter of it.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

_CRASHES = 0.03  # at each of four places in an item
_BUSY = 500


def main() -> None:
    """Work until killed: `companyworker FOLDER NAME SEED URL TOKEN`."""
    folder, name, seed, url, token = sys.argv[1:]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        worker = _Worker(Path(folder), name, random.Random(seed), client)
        worker.come_back()
        while True:
            if not worker.work():
                time.sleep(0.02)  # noqa: TID251  nothing is due


class _Worker:
    def __init__(self, folder: Path, name: str, chance: random.Random, client: httpx.Client) -> None:
        self._mailbox = folder / "mailbox"
        self._journal = folder / f"journal-{name}"
        self._busy = folder / f"busy-{name}"
        self._folder = folder
        self._chance = chance
        self._client = client

    def come_back(self) -> None:
        """Record what was sent before it died."""
        if self._journal.exists():
            sent = {json.loads(line)["decision_id"] for line in self._mailbox.read_text().splitlines()}
            for line in self._journal.read_text().splitlines():
                planned = json.loads(line)
                if planned["decision_id"] in sent:
                    self._record(planned)
            self._journal.unlink()
        self._busy.unlink(missing_ok=True)

    def work(self) -> bool:
        """Take one item and carry it out, if there is one."""
        self._busy.touch()
        taken = self._client.post("/v1/worklist/take", json={"most": 1, "for_seconds": 3600})
        items = taken.json()["items"] if taken.status_code == httpx.codes.OK else []
        for item in items:
            self._may_die()
            asked_at = time.monotonic()  # noqa: TID251  what was known by then must show
            path = f"/v1/decisions/{item['decision_id']}/confirm"
            answer = self._client.post(path, json={"lease": item["lease"]})
            if answer.status_code != httpx.codes.OK or answer.json()["result"] != "valid":
                continue
            self._may_die()
            self._carry_out(item | {"claim": answer.json()["decision"]["claim"], "asked_at": asked_at})
        self._busy.unlink()
        return bool(items)

    def _carry_out(self, item: Mapping[str, Any]) -> None:
        planned = {"account_id": item["account_id"], "decision_id": item["decision_id"], "at": self._read_today()}
        _append(self._journal, planned)
        self._may_die()
        names = ("account_id", "decision_id", "ruleset", "rule", "episode", "claim", "asked_at")
        _append(self._mailbox, {name: item[name] for name in names})
        self._may_die()
        self._record(planned)
        self._journal.unlink()

    def _record(self, planned: Mapping[str, str]) -> None:
        body = {"decision_id": planned["decision_id"], "at": planned["at"]}
        while True:
            answer = self._client.post(f"/v1/accounts/{planned['account_id']}/history", json=body)
            if answer.status_code < _BUSY:
                break
        if answer.is_success:
            _append(self._folder / "recorded", {"decision_id": planned["decision_id"]})

    def _read_today(self) -> str:
        return (self._folder / "today").read_text()

    def _may_die(self) -> None:
        if self._chance.random() < _CRASHES:
            os.kill(os.getpid(), signal.SIGKILL)


def _append(path: Path, said: object) -> None:
    with path.open("a") as file:
        file.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
