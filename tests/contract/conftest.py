"""One server for what comes from outside: clients made from its description, and an attacker who reads it."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.examples import REMINDER
from tests.api.running import DUNNING, Running

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "schemas" / "openapi.json"
CLIENTS = ROOT / "integrations" / "clients"


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a ruleset, in a folder of its own."""
    folder = tmp_path_factory.mktemp("served") / "rulesets"
    folder.mkdir()
    file = folder / "nl.yaml"
    file.write_text(REMINDER)
    other = REMINDER.replace("nl-consumer", "be-consumer").replace("country: NL", "country: BE")
    (folder / "be.yaml").write_text(other)
    return file


@pytest.fixture(scope="module")
def server(database_url: str, ruleset: Path) -> Iterator[Running]:
    """A server with two rulesets in use and a key for its log."""
    key = ruleset.parent.with_name("log.key")
    subprocess.run([DUNNING, "audit", "key", "--new", key], check=True, capture_output=True)
    running = Running(database_url, ruleset.parent, "--log-key-file", str(key))
    yield running
    running.end(signal.SIGKILL)


@pytest.fixture
def environment(server: Running, ruleset: Path) -> dict[str, str]:
    """What the example programs read."""
    authorization = server.client.headers["authorization"]
    return server.environment | {
        "DUNNING_URL": str(server.client.base_url),
        "DUNNING_TOKEN": authorization.removeprefix("Bearer "),
        "DUNNING_RULESET": str(ruleset),
    }
