"""What a server says on stderr, as JSON."""

import json
import signal
from pathlib import Path

from tests.api.examples import REMINDER
from tests.api.running import Running
from tests.waiting import wait_for


def test_every_line_is_json(empty_database_url: str, tmp_path: Path) -> None:
    """What is published, what is wrong in the folder and where it listens: no line is for people alone."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    running = Running(empty_database_url, folder, "--log-format", "json")
    (folder / "broken.yaml").write_text("ruleset: x")
    wait_for(lambda: "broken.yaml" in running.said)
    running.end(signal.SIGTERM)
    lines = [json.loads(line) for line in running.said.splitlines()]
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in lines)
    said = [line["message"] for line in lines]
    assert any(one.startswith("Listening on http") for one in said)
    assert any("version 1 published from nl.yaml" in one for one in said)
