"""Traces: made where OpenTelemetry's variables ask for them, one span a request, without what is personal."""

import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from api.tracing import TracingUnusable, find_exporter
from cli.main import main
from tests.api.examples import REMINDER
from tests.api.running import Running
from tests.waiting import wait_for

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("environment", "exporter"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, None),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, None),
    ],
)
def test_the_standard_variables_decide(environment: dict[str, str], exporter: str | None) -> None:
    """Without any of them nothing is traced; the switches that turn it off win."""
    assert find_exporter(environment) == exporter


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "zipkin"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf"),
    ],
)
def test_what_cannot_be_sent_is_told(environment: dict[str, str], says: str) -> None:
    """Another exporter or protocol is no silence, but a sentence that says what is taken."""
    with pytest.raises(TracingUnusable, match=says):
        find_exporter(environment)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for traces without it is told what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(TracingUnusable, match=r"dunning\[otel\]"):
        find_exporter({"OTEL_TRACES_EXPORTER": "otlp"})


class Collector:
    """Takes traces as a collector does, and keeps the spans."""

    def __init__(self) -> None:
        """Listen on a port of its own."""
        self.spans: list[Any] = []
        self.services: set[str] = set()
        keep = self.keep

        class Handler(BaseHTTPRequestHandler):
            """Answers what the exporter sends."""

            def do_POST(self) -> None:
                keep(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, body: bytes) -> None:
        """Read what was sent."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {
                one.value.string_value for one in resource.resource.attributes if one.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += scope.spans


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector for one test."""
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_request_is_a_span_of_its_callers_trace(
    empty_database_url: str, tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names method, route, status and request, and neither path nor account; a line of the log names the trace."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    running = Running(empty_database_url, folder)
    running.client.get("/v1/accounts/anna/next-action", headers={"traceparent": PARENT, "X-Request-Id": "mine"})
    wait_for(lambda: any(span.name.startswith("GET /v1/accounts") for span in collector.spans))
    running.end(signal.SIGTERM)
    (span,) = (span for span in collector.spans if span.name.startswith("GET /v1/accounts"))
    assert span.name == "GET /v1/accounts/{account_id}/next-action"
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    told = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
    assert told == {
        "http.request.method": "GET",
        "http.route": "/v1/accounts/{account_id}/next-action",
        "http.response.status_code": 404,
        "dunning.request_id": "mine",
    }
    assert collector.services == {"dunning"}


def test_a_server_that_cannot_trace_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for and cannot be is said in a sentence, before anything is opened."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert result.exit_code == 1
    assert "Traces cannot be made: OTEL_TRACES_EXPORTER is 'zipkin'" in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_silent_collector_keeps_nobody_waiting(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are answered and the server ends, though nothing takes its traces."""
    folder = tmp_path / "rulesets"
    folder.mkdir()
    (folder / "nl.yaml").write_text(REMINDER)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    running = Running(empty_database_url, folder)
    assert running.decide()["outcome"] == "act"
    assert running.end(signal.SIGTERM) == 0
