"""What the pages for operators tell to type is typed: backup, restore, upgrade and scaling out of a real service."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from store.database import Database
from store.embedded import EmbeddedServer, find_programs
from store.migration import migrate, read_migrations
from tests.api.examples import REMINDER
from tests.api.ledger import check_ledger
from tests.api.running import DUNNING, QUESTION, Running
from tests.docs.consoles import read_steps
from tests.docs.pages import read_blocks
from tests.waiting import PATIENCE_SECONDS, wait_for


class Operator:
    """Somebody at a shell in a folder, with a PostgreSQL of its own, the log's key, and a ruleset."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedServer.start(folder / "postgres")
        programs = f"{Path(sys.executable).parent}:{find_programs()}:{os.environ['PATH']}"
        self.url, self.restored_url = self.postgres.url("dunning"), self.postgres.url("dunning_restored")
        host = re.search(r"host=([^&]+)", self.url)
        assert host is not None
        self.environment = {
            "PATH": programs,
            "PGHOST": host[1],
            "PGUSER": "postgres",
            "DATABASE_URL": self.url,
            "RESTORED_URL": self.restored_url,
            "COLUMNS": "300",
        }
        (folder / "rulesets").mkdir()
        (folder / "rulesets" / "nl.yaml").write_text(REMINDER)
        self._shells: list[subprocess.Popen[bytes]] = []
        self.type(f"{DUNNING} audit key --new log.key --name dunning.test/log")

    def type(self, script: str) -> str:
        """Run commands, all of which must succeed; returns what they print."""
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def leave_running(self, script: str) -> None:
        """Run commands that go on in the background until the end."""
        command = ["bash", "-c", f"{script}\nwait"]
        self._shells.append(subprocess.Popen(command, cwd=self.folder, env=self.environment, start_new_session=True))

    def follow(self, page: str, number: int = 0) -> str:
        """Type what one block of a page says."""
        return self.type(read_script(page, number))

    def leave(self) -> None:
        """End all that was begun."""
        for shell in self._shells:
            os.killpg(shell.pid, signal.SIGTERM)
            shell.wait()
        self.postgres.release()


def read_script(page: str, number: int = 0) -> str:
    """Return the commands of one live block of a page."""
    block = [each for each in read_blocks(f"docs/operators/{page}.md") if each.marked("live") is not None][number]
    return "\n".join(step.command for step in read_steps(block))


@pytest.fixture
def operator(open_folder: Path) -> Iterator[Operator]:
    """An operator with an empty database."""
    made = Operator(open_folder)
    made.type("createdb --encoding=UTF8 dunning")
    yield made
    made.leave()


def serve(operator: Operator) -> Running:
    """Start a server as the operator would."""
    return Running(operator.url, operator.folder / "rulesets", "--log-key-file", str(operator.folder / "log.key"))


def test_a_backup_is_restored_and_proved(operator: Operator) -> None:
    """Backed up while the service decides, the log is whole where it is restored, and holds what was decided before."""
    running = serve(operator)
    decided = [running.decide()["decision_id"] for _ in range(5)]
    operator.follow("backup")
    running.decide()
    operator.follow("backup", 1)
    operator.follow("restore")
    operator.follow("restore", 1)
    running.end(signal.SIGTERM)
    check_ledger(operator.restored_url, decided)
    assert (operator.folder / "contents.txt").stat().st_size > 0
    restored = Running(operator.restored_url, operator.folder / "rulesets")
    decided.append(restored.decide()["decision_id"])
    restored.end(signal.SIGTERM)
    check_ledger(operator.restored_url, decided)


def test_a_restored_log_that_lost_something_is_told(operator: Operator) -> None:
    """A checkpoint that is younger than the dump does not fit what was restored from it."""
    running = serve(operator)
    running.decide()
    operator.follow("backup")
    running.decide()
    operator.type("dunning audit checkpoint --log-key-file log.key > checkpoint.txt")
    running.end(signal.SIGTERM)
    operator.follow("restore")
    with pytest.raises(AssertionError, match="checkpoint"):
        operator.follow("restore", 1)


def test_tables_of_an_older_version_are_upgraded(operator: Operator) -> None:
    """The commands bring the tables up to date and find nothing bad."""

    async def make_older() -> None:
        database = await Database.open(operator.url)
        await migrate(database, read_migrations()[:-1])
        await database.close()

    async def count() -> int:
        connection = await asyncpg.connect(operator.url)
        steps: int = await connection.fetchval("SELECT count(*) FROM dunning.migrations")
        await connection.close()
        return steps

    asyncio.run(make_older())
    assert "The tables are up to date." in operator.follow("upgrade")
    assert asyncio.run(count()) == len(read_migrations())


def test_two_servers_share_one_database(operator: Operator) -> None:
    """What is published to one the other decides with, and both write one log."""
    operator.type("dunning migrate")
    token = operator.type("dunning token create --name t --scope decide --scope publish").strip().splitlines()[-1]
    operator.environment["TOKEN"] = token
    one, other = ports = find_ports(2)
    operator.leave_running(read_script("scaling").replace("8081", one).replace("8082", other))
    headers = {"Authorization": f"Bearer {token}"}
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    clients = [httpx.Client(base_url=each, headers=headers, timeout=PATIENCE_SECONDS) for each in addresses]
    for client in clients:
        wait_for(lambda client=client: answers(client))  # type: ignore[misc]  # bound now
    operator.type(read_script("scaling", 1).replace("8081", one))
    decided = []
    for client in clients:
        wait_for(lambda client=client: ask(client)["ruleset"])  # type: ignore[misc]  # bound now
        decided.append(ask(client)["decision_id"])
        client.close()
    check_ledger(operator.url, decided)


def find_ports(count: int) -> list[str]:
    """Name ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def answers(client: httpx.Client) -> bool:
    """Whether a server answers by now."""
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False


def ask(client: httpx.Client) -> dict[str, Any]:
    """Ask for a decision."""
    answer = client.post("/v1/next-action", json=QUESTION)
    assert answer.status_code == 200, answer.text
    decided: dict[str, Any] = answer.json()
    return decided
