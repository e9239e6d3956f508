"""A company lives 120 days: `make company`, or `python -m tests.load.company --help`.

Invoices fall due, are paid, promised and disputed; the ruleset has three versions; two workers take what is due,
confirm it and carry it out, and die at random, and so does the server. At the end nobody got a letter twice, nothing
was done after a payment was known, every promise is judged right, every event is told once, and the log is whole.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from store.embedded import EmbeddedServer
from tests.api.ledger import check_ledger
from tests.api.running import Running
from tests.folders import make_open_folder
from tests.load.chaos import say
from tests.waiting import wait_for

DAYS = 120
WORKERS = ("one", "two")
RULESET = """\
ruleset: company
title: A company's customers
currency: EUR
timezone: UTC
blocks:
  - {id: open-dispute, when: {disputed: true}, reason: The debt is disputed.}
  - {id: promised, when: {promise_to_pay_in_days: -2..}, reason: A payment is promised.}
rules:
  - {id: reminder, level: 1, when: {days_overdue: 3..}, then: {action: send_reminder, channel: email}}
  - {id: notice, level: 2, when: {days_overdue: 14..}, then: {action: send_dunning_notice, channel: letter}}
  - {id: call, level: 3, when: {days_overdue: 30..}, then: {action: place_call, channel: phone, approval: required}}
"""
VERSIONS = (RULESET, RULESET.replace("14..", "12.."), RULESET.replace("channel: letter", "channel: [email, letter]"))
# A server whose clock runs so many days ahead as a file says, and who looks at once for what is due.
AHEAD = """
import datetime as dt, pathlib
import api.app, api.due
hand, opened = pathlib.Path({hand!r}), api.app.open_service
async def open_ahead(*given):
    service = await opened(*given)
    service.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=int(hand.read_text()))
    return service
api.app.open_service = open_ahead
api.due._IDLE_SECONDS = 0.05
from cli.main import main
main()
"""


class Customer:
    """Somebody who owes one invoice, and what will become of it."""

    def __init__(self, number: int, chance: random.Random, today: dt.date) -> None:
        self.name = f"C-{number}"
        self.kind = chance.choice(("pays", "promises", "breaks", "disputes", "never"))
        self.due_on = today + dt.timedelta(days=chance.randrange(40))
        self.paid_on = self.due_on + dt.timedelta(days=chance.randrange(60))
        self.amount = f"{chance.randrange(20, 500)}.{chance.randrange(100):02}"
        self.known_paid_at: float | None = None
        self.document: dict[str, Any] = {
            "id": self.name,
            "currency": "EUR",
            "channels": ["email", "letter", "phone"],
            "invoices": [{"id": f"I-{number}", "due_on": f"{self.due_on}", "open": self.amount}],
        }
        self.promised = False

    def live(self, client: httpx.Client, today: dt.date, stride: int) -> None:
        """Do what the day asks of a customer."""
        overdue = (today - self.due_on).days
        if self.kind in {"promises", "breaks"} and not self.promised and overdue >= 5:
            by = today + dt.timedelta(days=max(stride, 6))
            promise = {"id": "P-1", "type": "promise", "at": f"{today}", "by": f"{by}", "amount": self.amount}
            if _send(client, "POST", f"/v1/accounts/{self.name}/outcomes", promise):
                self.promised = True
                self.paid_on = by
        if self.kind == "disputes" and overdue >= 4:
            self._store(client, disputed=overdue < 30)
        is_payer = self.kind in {"pays", "promises"} and (self.kind == "pays" or self.promised)
        if is_payer and today >= self.paid_on and self.known_paid_at is None:
            payment = {"id": "M-1", "type": "payment", "at": f"{today}", "amount": self.amount}
            _send(client, "POST", f"/v1/accounts/{self.name}/outcomes", payment)
            self.document["invoices"][0]["open"] = 0
            self._store(client)
            self.known_paid_at = time.monotonic()  # noqa: TID251  what is asked later must show it

    def _store(self, client: httpx.Client, **facts: object) -> None:
        if any(self.document.get(name) != value for name, value in facts.items()) or not facts:
            self.document |= facts
            _send(client, "PUT", f"/v1/accounts/{self.name}", self.document)

    def store(self, client: httpx.Client) -> None:
        """Become a customer."""
        self._store(client)


def _send(client: httpx.Client, method: str, path: str, body: object) -> bool:
    """Send until it was taken: each of these may be sent again."""

    def send() -> httpx.Response | None:
        with contextlib.suppress(httpx.TransportError):
            answer = client.request(method, path, json=body)
            return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer
        return None

    answer: httpx.Response = wait_for(send)
    assert answer.is_success, answer.text
    return True


class Company:
    """The company, its server and its workers."""

    def __init__(self, folder: Path, *, customers_count: int, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._rulesets = folder / "rulesets"
        self._rulesets.mkdir()
        self._hand = folder / "days"
        self._begun_on = dt.datetime.now(dt.UTC).date()  # noqa: TID251  the server's clock runs ahead of this one
        for name in ("mailbox", "recorded"):
            (folder / name).write_text("")
        self.customers = [Customer(number, self._chance, self._begun_on) for number in range(customers_count)]
        self.kills: Counter[str] = Counter()
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._set_day(0)
        self._publish(VERSIONS[0])
        self.running = self._start()
        for customer in self.customers:
            customer.store(self.running.client)

    def live(self, *, stride: int, kill_server_every: int) -> None:
        """Live through all days, some at a time."""
        days = range(0, DAYS + 1, stride)
        for turn, day in enumerate(days):
            self._set_day(day)
            number, is_time = divmod(turn, len(days) // len(VERSIONS))
            if not is_time and 0 < number < len(VERSIONS):
                self._publish(VERSIONS[number])
                self._await_version(number + 1)
            for customer in self.customers:
                customer.live(self.running.client, self._begun_on + dt.timedelta(days=day), stride)
                self._keep_working()
            if kill_server_every and turn % kill_server_every == kill_server_every - 1:
                self._kill_server()
            wait_for(self._is_quiet)

    def end(self) -> None:
        """End workers, server and PostgreSQL."""
        for worker in self._workers.values():
            worker.kill()
            worker.wait()
        self.running.end(signal.SIGTERM)

    def check(self) -> int:
        """Hold what was done against what was known; returns how many letters were sent."""
        letters = self._read("mailbox")
        steps = Counter((letter["account_id"], letter["rule"], letter["episode"]) for letter in letters)
        assert [step for step, count in steps.items() if count > 1] == [], "a letter was sent twice"
        paid_at = {each.name: each.known_paid_at for each in self.customers if each.known_paid_at is not None}
        late = [one for one in letters if paid_at.get(one["account_id"], one["asked_at"]) < one["asked_at"]]
        assert late == [], "something was done after the payment was known"
        server = EmbeddedServer.start(self._folder / "rulesets-data" / "postgres")
        try:
            url = server.url("dunning")
            check_ledger(url, [letter["decision_id"] for letter in letters], self._recorded())
            asyncio.run(self._check_tables(url, letters))
        finally:
            server.release()
        return len(letters)

    async def _check_tables(self, url: str, letters: list[dict[str, Any]]) -> None:
        connection = await asyncpg.connect(url)
        try:
            held = await connection.fetch("SELECT FROM dunning.due WHERE taken_until > now() + interval '121 days'")
            assert held == [], "a lease is held for ever"
            events = await connection.fetch("SELECT type, account_id FROM dunning.events")
            broken = Counter(row["account_id"] for row in events if row["type"] == "promise.broken")
            assert broken == {each.name: 1 for each in self.customers if each.kind == "breaks" and each.promised}
            executed = Counter(row["account_id"] for row in events if row["type"] == "action.executed")
            assert executed == Counter(letter["account_id"] for letter in letters)
        finally:
            await connection.close()

    def _is_quiet(self) -> bool:
        """Tell whether all that is due was asked, taken, carried out and recorded."""
        self._keep_working()
        self._approve()
        with contextlib.suppress(httpx.TransportError, KeyError):
            now = self._read_clock().isoformat()
            if self.running.client.get("/v1/accounts", params={"due_by": now, "limit": 1}).json()["accounts"]:
                return False
            waiting = self.running.client.get("/v1/worklist").json()["items"]
            is_done = not [item for item in waiting if item["state"] in {"ready", "approval"}]
            return is_done and not any(self._folder.glob("busy-*"))
        return False

    def _keep_working(self) -> None:
        """Start workers that died anew."""
        for name in WORKERS:
            worker = self._workers.get(name)
            if worker is None or worker.poll() is not None:
                self.kills["worker"] += worker is not None
                self._workers[name] = self._hire(name)

    def _hire(self, name: str) -> subprocess.Popen[bytes]:
        client = self.running.client
        token = client.headers["Authorization"].removeprefix("Bearer ")
        seed = f"{self._chance.random()}"
        arguments = (f"{self._folder}", name, seed, f"{client.base_url}", token)
        program = (sys.executable, "-m", "tests.load.companyworker")
        return subprocess.Popen([*program, *arguments], stderr=subprocess.DEVNULL)

    def _approve(self) -> None:
        """Approve what waits for a person."""
        with contextlib.suppress(httpx.TransportError):
            answer = self.running.client.get("/v1/worklist", params={"state": "approval", "limit": 1000})
            for item in answer.json()["items"] if answer.is_success else ():
                self.running.client.post(f"/v1/worklist/{item['decision_id']}/approve", json={})

    def _kill_server(self) -> None:
        self.running.end(signal.SIGKILL)
        self.kills["server"] += 1
        self.running = self._start()
        for worker in self._workers.values():  # they knew the old address
            worker.kill()
            worker.wait()

    def _start(self) -> Running:
        return Running("", self._rulesets, program=(sys.executable, "-c", AHEAD.format(hand=str(self._hand))))

    def _set_day(self, day: int) -> None:
        self._day = day
        today = self._read_clock()
        for path, text in ((self._hand, f"{day}"), (self._folder / "today", today.isoformat(timespec="seconds"))):
            fresh = path.with_suffix(".new")
            fresh.write_text(text)
            fresh.replace(path)

    def _read_clock(self) -> dt.datetime:
        """Read the server's clock."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=self._day)  # noqa: TID251  it runs so many days ahead

    def _publish(self, text: str) -> None:
        fresh = self._folder / "fresh"
        fresh.write_text(text)
        fresh.replace(self._rulesets / "company.yaml")

    def _await_version(self, number: int) -> None:
        wait_for(lambda: self.running.client.get(f"/v1/rulesets/company/versions/{number}").is_success)

    def _recorded(self) -> list[str]:
        return [each["decision_id"] for each in self._read("recorded")]

    def _read(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self._folder / name).read_text().splitlines()]


@contextlib.contextmanager
def founded(*, customers_count: int, seed: int) -> Iterator[Company]:
    """A company that is wound up at the end."""
    with make_open_folder() as folder:
        company = Company(folder, customers_count=customers_count, seed=seed)
        try:
            yield company
        finally:
            company.end()


def main() -> None:
    """Live, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.company", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=20_000, help="how many customers")
    parser.add_argument("--stride", type=int, default=1, help="days that pass at once")
    parser.add_argument("--seed", type=int, default=1, help="another life")
    chosen = parser.parse_args()
    with founded(customers_count=chosen.customers, seed=chosen.seed) as company:
        company.live(stride=chosen.stride, kill_server_every=10)
        company.end()
        letters = company.check()
    kills = ", ".join(f"{count} of {name}s" for name, count in company.kills.items())
    say(f"{letters:,} actions for {len(company.customers):,} customers in {DAYS} days; kills: {kills}.")


if __name__ == "__main__":
    main()
