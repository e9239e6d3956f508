"""A worker of the company: takes what is due, confirms, sends, records, for ever; it dies where its seed says.

What it sends goes to the end of a file. It takes under an Idempotency-Key and writes down what it is about to do, so
that who comes back after it finds the same leases, records what was sent, and does the rest.
"""

import json
import os
import random
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from tests.load.company.calling import Caller, read_moment

HANDS = 8
_AT_ONCE = 100
_LEASE_SECONDS = 3600
_PATIENCE = 20
_ITEM = ("account_id", "promised", "broken_promises", "taken_at")


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was sent: between which moments it was confirmed, and what was known of it.

    `taken` is the decision that was taken, `decision_id` the one that was carried out, `confirmed` the last about it.
    """

    account_id: str
    taken: str
    decision_id: str
    rule: str
    episode: str
    promised: dict[str, str] | None
    broken_promises: int
    at: str
    taken_at: float
    asked_at: float
    answered_at: float
    confirmed: str
    version: int
    channel: str
    claim: str
    invoices: list[str]

    @property
    def day(self) -> str:
        """The date on which it was sent."""
        return self.at[:10]


def main() -> None:
    """Work until killed: `worker FOLDER NAME SEED ADDRESS TOKEN CRASHES`."""
    folder, name, seed, address, token, crashes = sys.argv[1:]
    worker = _Worker(Path(folder), name, random.Random(seed), float(crashes), (address, token))
    worker.come_back()
    while True:
        if not worker.work():
            Caller.pause()


class _Worker:
    def __init__(self, folder: Path, name: str, chance: random.Random, crashes: float, server: tuple[str, str]) -> None:
        self._folder = folder
        self._mailbox = folder / f"mailbox-{name}"
        self._recorded = folder / f"recorded-{name}"
        self._dropped = folder / f"dropped-{name}"
        self._journal = folder / f"journal-{name}"
        self._status = folder / f"status-{name}"
        self._name = name
        self._chance = chance
        self._crashes = crashes
        self._server = server
        self._caller = Caller(*server)
        self._own = threading.local()
        self._hands = ThreadPoolExecutor(HANDS)

    def come_back(self) -> None:
        """Go on with what was begun before it died."""
        planned = _read(self._journal)
        if planned:
            sent = {each["taken"]: each for each in _read(self._mailbox)}
            recorded = {each["decision_id"] for each in _read(self._recorded)}
            done = {taken for taken, letter in sent.items() if letter["decision_id"] in recorded}
            self._begin(planned[0], sent, done)
        self._say(is_busy=False)

    def work(self) -> bool:
        """Take some items and carry them out, if there are any."""
        if not self._caller.insist("GET", "/v1/worklist?state=ready&limit=1")["items"]:
            return False
        self._say(is_busy=True)
        plan = {"key": f"{self._name}-{self._chance.random()}", "taken_at": read_moment()}
        _append(self._journal, plan)
        self._begin(plan, {}, set())
        self._say(is_busy=False)
        return True

    def _begin(self, plan: Mapping[str, Any], sent: Mapping[str, Any], done: set[str]) -> None:
        items = self._take(plan["key"])
        self._may_die()
        left = [item | {"taken_at": plan["taken_at"]} for item in items if item["decision_id"] not in done]
        for _ in self._hands.map(lambda item: self._carry_out(item, sent.get(item["decision_id"])), left):
            pass
        self._journal.unlink()

    def _take(self, key: str) -> list[dict[str, Any]]:
        """Take items; what was leased to nobody, when the server was killed at it, is another's after its lease."""
        body = {"most": _AT_ONCE, "for_seconds": _LEASE_SECONDS}
        for _ in range(_PATIENCE):
            status, answer = self._caller.call("POST", "/v1/worklist/take", body, Idempotency_Key=key)
            if status == 200:
                items: list[dict[str, Any]] = answer["items"]
                return items
            Caller.pause()  # the first request is still being answered, or will never be
        return []

    def _carry_out(self, item: Mapping[str, Any], sent: Mapping[str, Any] | None) -> None:
        """Do one item, unless it was sent already: then only record it."""
        letter = sent or self._confirm(item)
        if letter is not None:
            if sent is None:
                self._may_die()
                _append(self._mailbox, letter)
                self._may_die()
            body = {"decision_id": letter["decision_id"], "at": letter["at"]}
            self._find_caller().insist("POST", f"/v1/accounts/{letter['account_id']}/history", body)
            self._may_die()
            _append(self._recorded, body)

    def _confirm(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """Ask whether an item is still right, and where it is another now, whether that is; answers what to send."""
        at = (self._folder / "today").read_text()
        held = item["decision_id"]
        while True:
            asked_at = read_moment()
            path = f"/v1/decisions/{held}/confirm"
            status, answer = self._find_caller().call("POST", path, {"lease": item["lease"]})
            if status == 409:
                return None  # its lease has ended
            decision = answer["decision"]
            if answer["result"] == "valid":
                break
            if decision["outcome"] != "act" or "approval" in answer["changes"]:
                dropped = {"account_id": item["account_id"], "day": at[:10], "changes": answer["changes"]}
                _append(self._dropped, dropped)
                return None
            held = decision["decision_id"]
        return {name: item[name] for name in _ITEM} | {
            "taken": item["decision_id"],
            "decision_id": held,
            "rule": decision["rule"]["id"],
            "episode": decision["episode"],
            "at": at,
            "asked_at": asked_at,
            "answered_at": read_moment(),
            "confirmed": decision["decision_id"],
            "version": decision["ruleset"]["version"],
            "channel": decision["action"]["channel"],
            "claim": decision["claim"]["amount"]["amount"],
            "invoices": decision["claim"]["invoices"],
        }

    def _find_caller(self) -> Caller:
        """Return the caller of this thread."""
        if not hasattr(self._own, "caller"):
            self._own.caller = Caller(*self._server)
        caller: Caller = self._own.caller
        return caller

    def _say(self, *, is_busy: bool) -> None:
        _append(self._status, {"is_busy": is_busy})

    def _may_die(self) -> None:
        if self._chance.random() < self._crashes:
            os.kill(os.getpid(), signal.SIGKILL)


def _append(path: Path, said: object) -> None:
    """Add a line in one piece: who is killed has written all of it or nothing."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, json.dumps(said).encode() + b"\n")
    finally:
        os.close(file)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    main()
