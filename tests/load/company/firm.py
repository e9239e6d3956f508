"""The company: servers that are killed, two workers that die, and customers who live; a clock that runs ahead."""

import asyncio
import contextlib
import datetime as dt
import itertools
import json
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from store.embedded import EmbeddedServer
from tests.api.running import Running
from tests.folders import make_open_folder
from tests.load.company.calling import Caller, read_moment
from tests.load.company.lives import FIRST_DAY, LAST_DAY, Deed, Life
from tests.load.company.receiving import Endpoint
from tests.waiting import wait_for

WORKERS = ("one", "two")
SERVERS_COUNT = 2
CLERKS = 12
DATABASE = "postgres"
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
EARLIER = RULESET.replace("14..", "12..")
VERSIONS = (RULESET, EARLIER, EARLIER.replace("channel: letter", "channel: [email, letter]"))
# A server whose clock runs so many seconds ahead as a file says, and who looks at once for what is due.
AHEAD = """
import datetime as dt, pathlib
import api.app, api.due
hand, opened = pathlib.Path({hand!r}), api.app.open_service
async def open_ahead(*given):
    service = await opened(*given)
    service.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=int(hand.read_text()))
    return service
api.app.open_service = open_ahead
api.due._IDLE_SECONDS = 0.05
from cli.main import main
main()
"""
_ASKING = "SELECT EXISTS (SELECT FROM dunning.due WHERE ask_at <= $1) OR EXISTS (SELECT FROM dunning.due_marks)"
_TOLD = """
SELECT NOT EXISTS (SELECT FROM dunning.events WHERE sequence IS NULL)
    AND NOT EXISTS (SELECT FROM dunning.deliveries WHERE state = 'waiting')
"""
_MORNING = dt.time(6)
_T = TypeVar("_T")


class Company:
    """The company, its servers and its workers; what it knows of its own life is judged by `judging`."""

    def __init__(
        self, folder: Path, *, customers_count: int, stride: int, seed: int, crashes: float, servers_count: int
    ) -> None:
        self.folder = folder
        self.stride = stride
        self._crashes = crashes
        self._chance = random.Random(seed)
        self._rulesets = folder / "rulesets"
        self._rulesets.mkdir()
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  the server's clock runs ahead of this one
        self.begun_on = now.date() + dt.timedelta(days=1)  # always ahead: what was recorded is known
        self._ahead = dt.datetime.combine(self.begun_on, _MORNING, dt.UTC) - now.replace(microsecond=0)
        self.lives = [Life(number, self._chance, self.begun_on, stride) for number in range(customers_count)]
        self.kills: Counter[str] = Counter()
        self.killed_on: set[int] = set()
        self.published_on: dict[int, int] = {}
        self.approved: dict[str, float] = {}
        self.endpoint = Endpoint()
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._callers: list[Caller] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._await(self.endpoint.open())
        self._clerks = ThreadPoolExecutor(CLERKS)
        self._own = threading.local()
        self._database = EmbeddedServer.start(folder / "postgres")
        self.url = self._database.url(DATABASE)
        self._set_day(FIRST_DAY)
        self._write_version(1)
        self._servers = [self._start("0") for _ in range(servers_count)]
        self._addresses = itertools.cycle([str(each.client.base_url) for each in self._servers])
        self._token = self._servers[0].client.headers["Authorization"].removeprefix("Bearer ")
        self.connection: asyncpg.Connection = self._await(asyncpg.connect(self.url))
        self.caller = self._make_caller()
        hook = {"url": f"http://127.0.0.1:{self.endpoint.port}/hook", "allow_private": True}
        self.caller.insist("POST", "/v1/webhooks", hook)

    def live(self, *, kill_server_every: int) -> Iterator[int]:
        """Live through all days, and yield each when it is done."""
        self._import()
        days = range(FIRST_DAY, LAST_DAY + 1, self.stride)
        by_day: dict[int, list[tuple[Life, list[Deed]]]] = {day: [] for day in days}
        for life in self.lives:
            for day in sorted({deed.day for deed in life.deeds if deed.known_at is None}):
                by_day[day].append((life, [deed for deed in life.deeds if deed.day == day and deed.known_at is None]))
        for turn, day in enumerate(days):
            self._set_day(day)
            number, is_time = divmod(turn, -(-len(days) // len(VERSIONS)))
            if not is_time and number:
                self._publish(number + 1, day)
            self._do(by_day[day])
            if kill_server_every and turn % kill_server_every == kill_server_every - 1:
                self._kill_server(day)
            wait_for(self._is_quiet)
            yield day
        with contextlib.suppress(AssertionError):  # what failed twice, killed and refused, waits for five minutes
            wait_for(self._is_told)
        wait_for(self._is_told)

    def end(self) -> None:
        """End workers, servers and PostgreSQL."""
        for worker in self._workers.values():
            worker.kill()
            worker.wait()
        for server in self._servers:
            server.end(signal.SIGTERM)
        self._await(self.connection.close())
        self._await(self.endpoint.close())
        self._clerks.shutdown()
        for caller in self._callers:
            caller.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._database.release()

    def fetch(self, query: str) -> list[asyncpg.Record]:
        """Read out of the database."""
        return self._await(self.connection.fetch(query))

    def read_lines(self, name: str) -> list[dict[str, Any]]:
        """Read what the workers wrote down."""
        paths = [path for worker in WORKERS if (path := self.folder / f"{name}-{worker}").exists()]
        return [json.loads(line) for path in paths for line in path.read_text().splitlines()]

    def _import(self) -> None:
        """Become known to the service, all at once."""
        first = [life.deeds[0] for life in self.lives]
        body = b"\n".join(json.dumps(deed.body).encode() for deed in first)
        sent_at = read_moment()
        answer = self.caller.insist("POST", "/v1/accounts:import", body, Content_Type="application/x-ndjson")
        assert answer["new_count"] == len(first), answer
        for deed in first:
            deed.sent_at, deed.known_at = sent_at, read_moment()

    def _do(self, deeds: Iterable[tuple[Life, list[Deed]]]) -> None:
        """Do what the day asks of the customers; of each in order."""
        for number, _ in enumerate(self._clerks.map(self._serve, deeds)):
            if number % 50 == 0:
                self._keep_working()

    def _serve(self, work: tuple[Life, Sequence[Deed]]) -> None:
        life, deeds = work
        if not hasattr(self._own, "caller"):
            self._own.caller = self._make_caller()
        path = f"/v1/accounts/{life.name}"
        for deed in deeds:
            deed.sent_at = read_moment()
            if deed.kind == "document":
                self._own.caller.insist("PUT", path, deed.body)
            else:
                self._own.caller.insist("POST", f"{path}/outcomes", deed.body)
            deed.known_at = read_moment()

    def _is_quiet(self) -> bool:
        """Tell whether all that is due was asked, taken, carried out and recorded."""
        self._keep_working()
        before = self._read_statuses()
        if any(is_busy for _, is_busy in before):
            return False
        if self._await(self.connection.fetchval(_ASKING, self._read_clock())):
            return False
        if self._approve() or self.caller.insist("GET", "/v1/worklist?state=ready&limit=1")["items"]:
            return False
        return self._read_statuses() == before

    def _is_told(self) -> bool:
        """Tell whether every event was delivered."""
        is_told: bool = self._await(self.connection.fetchval(_TOLD))
        return is_told

    def _read_statuses(self) -> list[tuple[int, bool]]:
        """Read of each worker how often it began or ended something, and whether it is at it."""
        found = []
        for worker in WORKERS:
            path = self.folder / f"status-{worker}"
            lines = path.read_text().splitlines() if path.exists() else []
            found.append((len(lines), not lines or json.loads(lines[-1])["is_busy"]))
        return found

    def _keep_working(self) -> None:
        """Start workers that died anew."""
        for name in WORKERS:
            worker = self._workers.get(name)
            if worker is None or worker.poll() is not None:
                self.kills["worker"] += worker is not None
                address = next(self._addresses)
                arguments = (self.folder, name, self._chance.random(), address, self._token, self._crashes)
                program = (sys.executable, "-m", "tests.load.company.worker", *map(str, arguments))
                with (self.folder / f"said-{name}").open("ab") as said:
                    self._workers[name] = subprocess.Popen(program, stderr=said)

    def _approve(self) -> bool:
        """Approve what waits for a person; tells whether anything did."""
        items = self.caller.insist("GET", "/v1/worklist?state=approval&limit=1000")["items"]
        for item in items:
            sent_at = read_moment()
            status, _ = self.caller.call("POST", f"/v1/worklist/{item['decision_id']}/approve", {})
            if status == 200:  # else another answer has taken its place
                self.approved.setdefault(item["decision_id"], sent_at)
        return bool(items)

    def _kill_server(self, day: int) -> None:
        number = self._chance.randrange(len(self._servers))
        killed = self._servers[number]
        killed.end(signal.SIGKILL)
        self.kills["server"] += 1
        self.killed_on.add(day)
        self._servers[number] = self._start(f"{killed.client.base_url.port}")

    def _start(self, port: str) -> Running:
        program = (sys.executable, "-c", AHEAD.format(hand=str(self.folder / "hand")))
        return Running(self.url, self._rulesets, "--port", port, program=program)

    def _make_caller(self) -> Caller:
        made = Caller(next(self._addresses), self._token)
        self._callers.append(made)
        return made

    def _set_day(self, day: int) -> None:
        self._day = dt.timedelta(days=day)
        hand = f"{int((self._ahead + self._day).total_seconds())}"
        for name, text in (("hand", hand), ("today", f"{self.begun_on + self._day}T05:00:00Z")):
            fresh = self.folder / f"{name}.new"
            fresh.write_text(text)
            fresh.replace(self.folder / name)

    def _read_clock(self) -> dt.datetime:
        """Read the server's clock."""
        return dt.datetime.now(dt.UTC) + self._ahead + self._day  # noqa: TID251  it runs so far ahead

    def _publish(self, number: int, day: int) -> None:
        self._write_version(number)
        wait_for(lambda: self.caller.call("GET", f"/v1/rulesets/company/versions/{number}")[0] == 200)
        self.published_on[number] = day

    def _write_version(self, number: int) -> None:
        fresh = self.folder / "fresh"
        fresh.write_text(VERSIONS[number - 1])
        fresh.replace(self._rulesets / "company.yaml")

    def _await(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextlib.contextmanager
def founded(
    *, customers_count: int, stride: int, seed: int, crashes: float, servers_count: int = SERVERS_COUNT
) -> Iterator[Company]:
    """A company that is wound up at the end."""
    with make_open_folder() as folder:
        company = Company(
            folder,
            customers_count=customers_count,
            stride=stride,
            seed=seed,
            crashes=crashes,
            servers_count=servers_count,
        )
        try:
            yield company
        finally:
            company.end()
