"""Everything that goes wrong, one after the other, under load: `make chaos`, or `python -m tests.load.chaos --help`.

Clients ask for decisions and record what they carried out, and write down what they were answered. Meanwhile the server
and PostgreSQL are killed, PostgreSQL stalls, its disk is full, and the clock of the server is set, in an order that the
seed says. At the end all that was answered is there, and the log is one whole tree. Each trouble lasts until it was
seen and is followed by so many more decisions, so nothing hangs on how fast the machine is.
"""

import argparse
import asyncio
import collections
import contextlib
import os
import random
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import httpx

from store.embedded import EmbeddedServer
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.ledger import check_ledger
from tests.api.running import QUESTION, Running
from tests.folders import make_open_folder
from tests.waiting import PATIENCE_SECONDS, wait_for

USUAL_ROUNDS, USUAL_CLIENTS = 10, 500
ANSWERS = {200, 201, 429, 503}
# A server whose clock is set where nobody may set the machine's.
SHAKEN = """
import pathlib, time
hand, wall, wall_ns = pathlib.Path({hand!r}), time.time, time.time_ns
time.time = lambda: wall() + float(hand.read_text() or 0)
time.time_ns = lambda: wall_ns() + int(hand.read_text() or 0) * 1_000_000_000
from cli.main import main
main()
"""
FILL = """
CREATE FUNCTION dunning.fill() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION ''no space left on device'' USING ERRCODE = ''disk_full''; END';
CREATE TRIGGER fill BEFORE INSERT ON dunning.decisions FOR EACH STATEMENT EXECUTE FUNCTION dunning.fill()
"""
CLEAR = "DROP FUNCTION dunning.fill CASCADE"


class Clients:
    """Many who ask at once, in a thread of their own, wherever the server is just now."""

    def __init__(self, count: int) -> None:
        self.decided: list[str] = []
        self.executed: list[str] = []
        self.answers: collections.Counter[int] = collections.Counter()
        self.server: httpx.Client | None = None
        self._count = count
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask_all()))
        self._thread.start()

    def stop(self) -> None:
        """Let nobody ask any more."""
        self._is_over.set()
        self._thread.join()

    async def _ask_all(self) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits) as client, asyncio.TaskGroup() as group:
            for number in range(self._count):
                group.create_task(self._ask(client, f"client-{number}"))

    async def _ask(self, client: httpx.AsyncClient, name: str) -> None:
        turn = 0
        while not self._is_over.is_set():
            turn += 1
            with contextlib.suppress(httpx.TransportError):  # the server was killed: what it had answered counts
                if await self._take_turn(client, f"/v1/accounts/{name}-{turn}", records=turn % 3 == 0):
                    continue
            await asyncio.sleep(0.05)  # noqa: TID251  a client that asks again in a moment

    async def _take_turn(self, client: httpx.AsyncClient, path: str, *, records: bool) -> bool:
        """Ask, or ask about an account of its own and record that it was carried out; tells whether it was decided."""
        if not records:
            return await self._decide(client, "POST", "/v1/next-action", QUESTION) is not None
        account = ANNA | {"id": path.rpartition("/")[2]}
        if (await self._send(client, "PUT", path, account)).status_code != httpx.codes.CREATED:
            return False
        decided = await self._decide(client, "GET", f"{path}/next-action?as_of={AS_OF[:10]}")
        if decided is None:
            return False
        entry = {"decision_id": decided, "at": AS_OF}
        if (await self._send(client, "POST", f"{path}/history", entry)).status_code == httpx.codes.CREATED:
            self.executed.append(decided)
        return True

    async def _decide(
        self, client: httpx.AsyncClient, method: str, path: str, content: object | None = None
    ) -> str | None:
        answer = await self._send(client, method, path, content)
        if answer.status_code != httpx.codes.OK:
            return None
        decided: str = answer.json()["decision_id"]
        self.decided.append(decided)
        return decided

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, content: object | None = None
    ) -> httpx.Response:
        server = self.server
        if server is None:
            raise httpx.ConnectError("the server was killed")
        headers = {"Authorization": server.headers["Authorization"]}
        url = str(server.base_url).rstrip("/") + path
        answer = await client.request(method, url, json=content, headers=headers)
        self.answers[answer.status_code] += 1
        return answer


_BEFORE = 500  # characters that say what was being done
# asyncpg gives a connection back in a task of its own, for which nobody waits where PostgreSQL is stalled or killed.
_GIVEN_BACK = re.compile(
    r"Task exception was never retrieved\nfuture: [^\n]*PoolConnectionHolder\.release.*?(?=\n\d{4}-\d\d-\d\d |\Z)",
    re.DOTALL,
)


class Storm:
    """A server with a PostgreSQL of its own under the load of clients, and what can go wrong with it."""

    def __init__(self, folder: Path, *, clients_count: int) -> None:
        self._rulesets = folder / "rulesets"
        self._rulesets.mkdir()
        (self._rulesets / "nl.yaml").write_text(REMINDER)
        self._postgres = folder / "rulesets-data" / "postgres"
        self._hand = folder / "clock"
        self._hand.write_text("")
        self.clients = Clients(clients_count)
        self.running = self._start()

    def end(self) -> None:
        """End clients, server and PostgreSQL."""
        self.clients.stop()
        self.running.end(signal.SIGTERM)

    def check(self) -> int:
        """Hold what was answered against what is there; returns how many lines the log has."""
        assert set(self.clients.answers) <= ANSWERS, self.clients.answers
        said = _GIVEN_BACK.sub("", self.running.said)
        assert "Traceback" not in said, said[max(said.index("Traceback") - _BEFORE, 0) :]
        server = EmbeddedServer.start(self._postgres)
        try:
            return check_ledger(server.url("dunning"), self.clients.decided, self.clients.executed).size
        finally:
            server.release()

    def await_decisions(self, count: int) -> None:
        """Wait until so many more were decided, and one more was carried out."""
        decided, executed = len(self.clients.decided) + count, len(self.clients.executed)
        wait_for(lambda: len(self.clients.decided) >= decided and len(self.clients.executed) > executed)

    def kill_server(self) -> None:
        """Kill -9 of the server; another is started."""
        self.clients.server = None
        self.running.end(signal.SIGKILL)
        self.running = self._start()

    def kill_postgresql(self) -> None:
        """Kill -9 of all of PostgreSQL; the server starts it again."""
        self._signal_postgresql(signal.SIGKILL)

    def stall_postgresql(self) -> None:
        """Stop PostgreSQL until somebody was refused for it, then let it go on."""
        refused = self.clients.answers[503]
        stopped = self._signal_postgresql(signal.SIGSTOP)
        wait_for(lambda: self.clients.answers[503] > refused)
        for process in stopped:
            os.kill(process, signal.SIGCONT)

    def fill_disk(self) -> None:
        """Have PostgreSQL find no room for a decision until /readyz says so."""
        self._execute(FILL)
        self._await_readiness("no space left on device")
        self._execute(CLEAR)

    def set_clock_forward(self) -> None:
        """Set the server's clock an hour forward until /readyz says so, then right."""
        self._set_clock(3600)

    def set_clock_back(self) -> None:
        """Set the server's clock an hour back until /readyz says so, then right."""
        self._set_clock(-3600)

    def _set_clock(self, seconds: int) -> None:
        self._write_clock(f"{seconds}")
        self._await_readiness("the clock of this machine")
        self._write_clock("")

    def _write_clock(self, seconds: str) -> None:
        fresh = self._hand.with_suffix(".new")
        fresh.write_text(seconds)
        fresh.replace(self._hand)

    def _await_readiness(self, trouble: str) -> None:
        wait_for(lambda: trouble in str(self.running.client.get("/readyz").json()["problems"]))

    def _start(self) -> Running:
        running = Running("", self._rulesets, program=(sys.executable, "-c", SHAKEN.format(hand=str(self._hand))))
        self.clients.server = running.client
        return running

    def _signal_postgresql(self, kind: signal.Signals) -> list[int]:
        parent = int((self._postgres / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        signalled = [parent, *map(int, children)]
        for process in signalled:
            with contextlib.suppress(ProcessLookupError):  # a session that has just ended
                os.kill(process, kind)
        return signalled

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(server.url("dunning"))
            await connection.execute(statement)
            await connection.close()

        server = EmbeddedServer.start(self._postgres)
        try:
            asyncio.run(execute())
        finally:
            server.release()


TROUBLES: tuple[Callable[[Storm], None], ...] = (
    Storm.kill_server,
    Storm.kill_postgresql,
    Storm.stall_postgresql,
    Storm.fill_disk,
    Storm.set_clock_forward,
    Storm.set_clock_back,
)


@contextlib.contextmanager
def raging(*, clients_count: int) -> Iterator[Storm]:
    """A storm that is over at the end."""
    with make_open_folder() as folder:
        storm = Storm(folder, clients_count=clients_count)
        try:
            yield storm
        finally:
            storm.end()


def rage(storm: Storm, *, rounds: int, seed: int, between: int) -> Iterator[str]:
    """Let everything go wrong, each once a round and in another order; names what was got over."""
    chance = random.Random(seed)
    storm.await_decisions(between)
    for _ in range(rounds):
        for trouble in chance.sample(TROUBLES, len(TROUBLES)):
            trouble(storm)
            storm.await_decisions(between)
            yield trouble.__name__


def main() -> None:
    """Rage, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=USUAL_ROUNDS, help="how often each thing goes wrong")
    parser.add_argument("--clients", type=int, default=USUAL_CLIENTS, help="how many ask at once")
    parser.add_argument("--seed", type=int, default=1, help="another order")
    chosen = parser.parse_args()
    with raging(clients_count=chosen.clients) as storm:
        for name in rage(storm, rounds=chosen.rounds, seed=chosen.seed, between=2 * chosen.clients):
            clients = storm.clients
            say(f"{name}: {len(clients.decided):,} decided, {len(clients.executed):,} carried out by now")
        storm.end()
        lines = storm.check()
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(storm.clients.answers.items()))
    say(f"All of it is there, in a log of {lines:,} lines that is whole. Answers {told}.")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
