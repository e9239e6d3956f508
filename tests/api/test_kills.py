"""Killed at any moment: nothing that was answered is missing, and the log is one whole tree at every restart.

DUNNING_AUDIT_FULL=1 kills as often as the issue asks for.
"""

import asyncio
import datetime as dt
import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from store.checkpoints import Checkpoint
from store.decisions import DecisionFilter
from store.embedded import EmbeddedServer
from store.store import Store
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.ledger import check_ledger
from tests.api.running import QUESTION, Running
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.slow

IS_FULL = bool(os.environ.get("DUNNING_AUDIT_FULL"))
SERVER_KILLS_COUNT, POSTGRES_KILLS_COUNT = (50, 10) if IS_FULL else (2, 1)
CALLERS_COUNT = 8


class Load:
    """Clients that ask a server as fast as they can, until it is gone or they are told to stop."""

    def __init__(self, running: Running, ask: Callable[[httpx.Client], httpx.Response]) -> None:
        self.answered: list[dict[str, Any]] = []
        self._running = running
        self._ask = ask
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._go) for _ in range(CALLERS_COUNT)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        """Wait until so many more were answered."""
        enough = len(self.answered) + count
        wait_for(lambda: len(self.answered) >= enough)

    def stop(self) -> list[dict[str, Any]]:
        """Stop asking, and return all that was answered."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        return self.answered

    def _go(self) -> None:
        client = self._running.client
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=PATIENCE_SECONDS) as caller:
            while not self._is_over.is_set():
                try:
                    answer = self._ask(caller)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.answered.append(answer.json())


def ask(client: httpx.Client) -> httpx.Response:
    """Ask one question."""
    return client.post("/v1/next-action", json=QUESTION)


class Collector:
    """Asks, and every second time about an account of its own, for which it records what was decided as carried out."""

    def __init__(self) -> None:
        self.executed: list[str] = []
        self._numbers = itertools.count()

    def ask(self, client: httpx.Client) -> httpx.Response:
        """Ask one question, and record what is to be done."""
        number = next(self._numbers)
        if number % 2:
            return ask(client)
        name = f"killed-{number}"
        path = f"/v1/accounts/{name}"
        client.put(path, json=ANNA | {"id": name})
        answer = client.get(f"{path}/next-action", params={"as_of": AS_OF})
        if answer.status_code == 200:
            decision_id = answer.json()["decision_id"]
            if client.post(f"{path}/history", json={"decision_id": decision_id, "at": AS_OF}).status_code == 201:
                self.executed.append(decision_id)
        return answer


def ids_of(answered: Iterable[dict[str, Any]]) -> list[str]:
    """Name the decisions that were answered."""
    return [decision["decision_id"] for decision in answered]


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """A folder with one ruleset, where a PostgreSQL of its own may stand beside it."""
    folder = open_folder / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    yield folder
    EmbeddedServer.start(find_postgres(folder)).release()


def find_postgres(folder: Path) -> Path:
    """Where the PostgreSQL beside a folder of rulesets is."""
    return folder.with_name(f"{folder.name}-data") / "postgres"


def test_a_killed_server_has_lost_nothing_it_answered(folder: Path) -> None:
    """Kill -9 of the server under load, again and again: at every restart all is there, what was executed too."""
    kept: list[Checkpoint] = []
    answered: list[dict[str, Any]] = []
    collector = Collector()
    for _ in range(SERVER_KILLS_COUNT):
        running = Running("", folder)
        load = Load(running, collector.ask)
        load.wait_for(200)
        running.end(signal.SIGKILL)
        answered += load.stop()
        server = EmbeddedServer.start(find_postgres(folder))
        check_ledger(server.url("dunning"), ids_of(answered), collector.executed, kept)
        server.release()
    assert len(collector.executed) > SERVER_KILLS_COUNT


def test_a_killed_postgresql_has_lost_nothing_that_was_answered(folder: Path) -> None:
    """Kill -9 of all of PostgreSQL under load: the server brings it back and goes on, and the log is whole."""
    kept: list[Checkpoint] = []
    running = Running("", folder)
    collector = Collector()
    load = Load(running, collector.ask)
    data = find_postgres(folder) / "data"
    for _ in range(POSTGRES_KILLS_COUNT):
        load.wait_for(200)
        parent = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        for number in (parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())):
            os.kill(number, signal.SIGKILL)
        load.wait_for(100)
        server = EmbeddedServer.start(find_postgres(folder))
        executed = list(collector.executed)
        check_ledger(server.url("dunning"), ids_of(list(load.answered)), executed, kept)
        server.release()
    load.stop()
    running.end(signal.SIGTERM)
    assert len(collector.executed) > POSTGRES_KILLS_COUNT


def test_two_servers_that_publish_while_they_decide_make_one_log(empty_database_url: str, folder: Path) -> None:
    """Every decision names the highest version in force on its day, published before it; one tree holds them all."""
    servers = [Running(empty_database_url, folder) for _ in range(2)]
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=37 * number) for number in range(30)]

    def ask_any_day(client: httpx.Client) -> httpx.Response:
        day = days[next(numbers) % len(days)]
        return client.post("/v1/next-action", json={"account": ANNA, "as_of": day.isoformat()})

    numbers = itertools.count()
    loads = [Load(server, ask_any_day) for server in servers]
    for number in range(12):
        start = days[number * 2]
        period = f"effective: {{from: {start}}}" if number % 3 else f"effective: {{from: {start}, until: {days[-4]}}}"
        text = REMINDER.replace("effective: {from: 2026-01-01}", period).replace("Dutch", f"Dutch {number}")
        answer = servers[number % 2].client.post("/v1/rulesets", content=text, headers={"Content-Type": "text/yaml"})
        assert answer.status_code == 201, answer.text
        if number % 4 == 3:
            path = f"/v1/rulesets/nl-consumer/versions/{answer.json()['version']}/retire"
            assert servers[0].client.post(path, json={}).status_code == 200
        for load in loads:
            load.wait_for(20)
    answered = [decision for load in loads for decision in load.stop()]
    for server in servers:
        assert server.end(signal.SIGTERM) == 0
    verification = check_ledger(empty_database_url, ids_of(answered))
    logged = asyncio.run(read_log(empty_database_url))
    assert verification.decisions_count == len(logged) >= len(answered)
    assert len({each.version for each in logged}) > 3
    for each in logged:
        in_force = [number for number in each.asked if each.versions[number].covers(each.on)]
        assert each.version == max(in_force, default=None), each
        if each.version is not None:
            assert each.versions[each.version].published_at < each.at + dt.timedelta(milliseconds=1), (
                each
            )  # an id's grain


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A version's effective period, and when it was published."""

    effective_from: dt.date
    effective_until: dt.date
    published_at: dt.datetime

    def covers(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return self.effective_from <= day < self.effective_until


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A logged decision: when and for which day it was made, the versions that were asked, the one that decided."""

    at: dt.datetime
    on: dt.date
    asked: list[int]
    version: int | None
    versions: dict[int, Period]


async def read_log(url: str) -> list[Logged]:
    """Read every logged decision, with the versions there are."""
    async with await Store.open(url) as store:
        versions = {
            head.number: Period(
                effective_from=head.effective_from or dt.date.min,
                effective_until=head.effective_until or dt.date.max,
                published_at=head.published_at,
            )
            for head in await store.rulesets.list_versions("nl-consumer")
        }
        found = []
        async for page in store.decisions.stream(DecisionFilter()):
            for each in page:
                assert each.answer is not None
                assert each.input is not None
                on = dt.datetime.fromisoformat(msgspec.json.decode(each.answer)["as_of"]).date()
                asked = [number for _, number in msgspec.json.decode(each.input)["rulesets"]]
                found.append(Logged(at=each.at, on=on, asked=asked, version=each.version, versions=versions))
        return found
