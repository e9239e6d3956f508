"""A server killed in the middle of a dunning run: the next one goes on, and nothing is released twice or half."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from store.embedded import EmbeddedServer
from tests.api.examples import ANNA, AS_OF, REMINDER
from tests.api.running import Running
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

COUNT = 2500  # three steps of a proposal, fifty of a release


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """A folder with one ruleset, where a PostgreSQL of its own may stand beside it."""
    folder = open_folder / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    yield folder
    EmbeddedServer.start(folder.with_name(f"{folder.name}-data") / "postgres").release()


def read(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """Read a run."""
    run: dict[str, Any] = client.get(f"/v1/runs/{run_id}").json()
    return run


def propose(client: httpx.Client) -> str:
    """Ask for a proposal."""
    answer = client.post("/v1/runs", json={"as_of": AS_OF})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def count(run: dict[str, Any], state: str) -> int:
    """Count the items in a state."""
    return sum(total["count"] for total in run["totals"] if total["state"] == state)


def test_a_killed_server_leaves_a_run_that_goes_on(folder: Path) -> None:
    """Kill -9 within the proposal and within the release: digest and items are those of a run that nobody stopped."""
    running = Running("", folder)
    lines = b"".join(msgspec.json.encode(ANNA | {"id": f"A-{number:04}"}) + b"\n" for number in range(COUNT))
    headers = {"Content-Type": "application/x-ndjson"}
    assert running.client.post("/v1/accounts:import", content=lines, headers=headers).is_success
    run_id = propose(running.client)
    wait_for(lambda: read(running.client, run_id)["accounts_done"])
    running.end(signal.SIGKILL)

    running = Running("", folder)
    wait_for(lambda: read(running.client, run_id)["state"] == "proposed")
    again = propose(running.client)
    wait_for(lambda: read(running.client, again)["state"] == "proposed")
    stopped, whole = (read(running.client, each) for each in (run_id, again))
    assert stopped["digest"] == whole["digest"]
    assert count(stopped, "proposed") == COUNT
    for deed in ("approve", "release"):
        assert running.client.post(f"/v1/runs/{run_id}/{deed}", json={}).is_success
    wait_for(lambda: count(read(running.client, run_id), "released"))
    running.end(signal.SIGKILL)

    running = Running("", folder)
    wait_for(lambda: read(running.client, run_id)["state"] == "released")
    released = read(running.client, run_id)
    assert (count(released, "released"), len(released["totals"])) == (COUNT, 1)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = running.client.get("/v1/worklist", params={"run": run_id, "limit": "1000", **cursor}).json()
        seen += [item["account_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == [f"A-{number:04}" for number in range(COUNT)]
    assert running.run("audit", "verify")
    running.end(signal.SIGTERM)
