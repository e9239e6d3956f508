"""PostgreSQL stopped or killed under a running server, as its clients see it."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.running import QUESTION, Running
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

NDJSON = {"Content-Type": "application/x-ndjson"}
ASKING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/v1/next-action", {"json": QUESTION}),
    ("POST", "/v1/next-action", {"json": QUESTION, "headers": {"Idempotency-Key": "stalled"}}),
    ("POST", "/v1/next-actions", {"json": {"items": [QUESTION, QUESTION]}}),
    ("GET", f"/v1/accounts/anna/next-action?as_of={AS_OF[:10]}", {}),
    ("GET", f"/v1/accounts/anna/timeline?as_of={AS_OF[:10]}", {}),
    ("GET", "/v1/accounts/anna", {}),
    ("PUT", "/v1/accounts/anna", {"json": ANNA}),
    ("PATCH", "/v1/accounts/anna", {"json": {"disputed": True}}),
    ("POST", "/v1/accounts/anna/history", {"json": {"rule": "friendly-reminder", "at": AS_OF}}),
    ("POST", "/v1/accounts:import", {"json": ANNA, "headers": NDJSON}),
    ("GET", "/v1/rulesets", {}),
    ("GET", "/v1/decisions", {}),
)


@pytest.fixture
def running(open_folder: Path) -> Iterator[Running]:
    """A server with a PostgreSQL of its own, and Anna stored."""
    folder = open_folder / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    server = Running("", folder)
    assert server.client.put("/v1/accounts/anna", json=ANNA).status_code == 201
    yield server
    server.end(signal.SIGTERM)


def processes(running: Running) -> list[int]:
    """List PostgreSQL's processes, the first of them first."""
    data = Path(running.environment["DUNNING_DATA"]) / "postgres" / "data"
    parent = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    return [parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())]


def signal_all(numbers: list[int], kind: signal.Signals) -> None:
    """Send a signal to processes."""
    for number in numbers:
        os.kill(number, kind)


def ask(running: Running, asked: tuple[str, str, dict[str, Any]]) -> httpx.Response:
    """Ask."""
    return running.client.request(asked[0], asked[1], **asked[2])


def test_a_stalled_postgresql_is_a_503_while_it_lasts(running: Running) -> None:
    """What needs PostgreSQL is answered before it goes on, with 503 and Retry-After; afterwards all is well."""
    decided = running.decide()
    stopped = processes(running)
    signal_all(stopped, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(len(ASKING)) as pool:
            answers = list(pool.map(lambda asked: ask(running, asked), ASKING))
            health = running.client.get("/healthz")
            readiness = running.client.get("/readyz")
            flood = list(pool.map(lambda _: ask(running, ASKING[0]), range(100)))
    finally:
        signal_all(stopped, signal.SIGCONT)
    for answer, (method, path, _) in zip(answers, ASKING, strict=True):
        assert answer.status_code == 503, (method, path, answer.text)
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["type"] == "urn:dunning:problem:unavailable"
    assert health.status_code == 200
    assert (readiness.status_code, readiness.headers["Retry-After"]) == (503, "2")
    assert {answer.status_code for answer in flood} == {503}

    wait_for(lambda: running.client.get("/readyz").status_code == 200)
    assert wait_for(lambda: running.client.post("/v1/next-action", json=QUESTION).status_code == 200)
    assert running.client.get(f"/v1/decisions/{decided['decision_id']}").status_code == 200
    assert "Traceback" not in running.said


def test_a_killed_postgresql_is_started_again(running: Running) -> None:
    """After kill -9 of all of PostgreSQL the running server answers again, with all it had answered before."""
    decided = running.decide()
    signal_all(processes(running), signal.SIGKILL)
    statuses: set[int] = set()

    def is_back() -> bool:
        statuses.add(ask(running, ASKING[0]).status_code)
        return 200 in statuses

    wait_for(is_back)
    assert statuses <= {200, 503}
    wait_for(lambda: running.client.get(f"/v1/decisions/{decided['decision_id']}").status_code == 200)
    wait_for(lambda: running.client.get("/readyz").status_code == 200)
    assert "Traceback" not in running.said
