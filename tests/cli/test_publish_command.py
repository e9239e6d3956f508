"""`dunning publish` beside a service that has enough to examine: a small one that says so as the real one does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.problems import ProblemError
from cli.commands import publish
from tests.api.examples import REMINDER

BUSY = ProblemError("too-many-requests", "Enough rulesets are being examined already.")
PUBLISHED = {"ruleset": "nl", "version": 1, "is_new": True, "digest": "sha256:0", "diagnostics": []}


class Service(BaseHTTPRequestHandler):
    """Answers that it has enough to do as often as it is told, then that the ruleset is published."""

    busy_count = 0

    def do_POST(self) -> None:
        """Answer a ruleset."""
        self.rfile.read(int(self.headers["Content-Length"]))
        is_busy, Service.busy_count = Service.busy_count > 0, Service.busy_count - 1
        body = BUSY.body if is_busy else json.dumps(PUBLISHED).encode()
        self.send_response(BUSY.status if is_busy else 201)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def command(tmp_path: Path) -> Iterator[list[str]]:
    """The command's arguments, for a service on a port of its own."""
    (tmp_path / "nl.yaml").write_text(REMINDER)
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        yield ["--server", address, "--token", "t", str(tmp_path / "nl.yaml")]
        server.shutdown()


def test_a_service_that_has_enough_to_examine_is_asked_again(command: list[str]) -> None:
    """Builds that publish at one moment need not know of each other."""
    Service.busy_count = 3
    done = CliRunner().invoke(publish.command, command)
    assert (done.exit_code, "nl version 1 published" in done.output) == (0, True), done.output


def test_a_service_that_stays_busy_is_said(command: list[str]) -> None:
    """After a while the command ends with a sentence."""
    Service.busy_count = 1000
    done = CliRunner().invoke(publish.command, command)
    assert (done.exit_code, "examines enough rulesets already" in done.output) == (1, True), done.output
