"""Traces by OpenTelemetry, where its standard variables ask for them and the extra `otel` is installed.

One span a request, with the caller's trace above it. It names the route and never the path: that holds account ids.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.requestids import request_id, trace_id
from api.requests import find_header, method_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
_PARENT = ("traceparent", "tracestate")
_LAST_WORDS_SECONDS = 2.0
_SERVER_ERROR = 500

Exporter = Literal["otlp", "console"]


class TracingUnusable(Exception):
    """The variables ask for traces that cannot be made; the sentence says why and what to do."""


def find_exporter(environment: Mapping[str, str]) -> Exporter | None:
    """Find where traces go by OpenTelemetry's variables, None for nowhere; raises TracingUnusable."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    has_endpoint = any(environment.get(name) for name in _ENDPOINTS)
    asked = environment.get("OTEL_TRACES_EXPORTER") or ("otlp" if has_endpoint else "none")
    if asked == "none":
        return None
    if asked not in {"otlp", "console"}:
        raise TracingUnusable(f"OTEL_TRACES_EXPORTER is {asked!r}; otlp, console and none are known")
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), _PROTOCOL)
    if asked == "otlp" and protocol != _PROTOCOL:
        raise TracingUnusable(
            f"traces are sent by {_PROTOCOL}, not {protocol}: set {_PROTOCOLS[1]} to it, or leave it out"
        )
    try:
        _import_sdk()
    except ImportError as problem:
        raise TracingUnusable("traces need the extra otel: pip install 'dunning[otel]'") from problem
    return cast("Exporter", asked)


class Tracing:
    """A process's spans, sent off in batches beside its work."""

    def __init__(self, exporter: Exporter, environment: Mapping[str, str]) -> None:
        self._provider = _make_provider(exporter, environment)

    def follow(self, app: ASGIApp) -> ASGIApp:
        """Make each request a span of its caller's trace."""
        # Imported where traces are asked for: without the extra there is nothing to import.
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        tracer = self._provider.get_tracer("dunning.api")
        propagator = TraceContextTextMapPropagator()

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            carrier = {name: value for name in _PARENT if (value := find_header(scope, name.encode())) is not None}
            method = method_of(scope)
            with tracer.start_as_current_span(method, propagator.extract(carrier), kind=SpanKind.SERVER) as span:
                trace_id.set(f"{span.get_span_context().trace_id:032x}")

                async def note(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                        if message["status"] >= _SERVER_ERROR:
                            span.set_status(StatusCode.ERROR)
                    await send(message)

                try:
                    await app(scope, receive, note)
                finally:
                    route = scope.get("path_template") or "unknown"
                    span.update_name(f"{method} {route}")
                    span.set_attributes(
                        {
                            "http.request.method": method,
                            "http.route": route,
                            "dunning.request_id": request_id.get() or "",
                        }
                    )

        return answer

    def close(self) -> None:
        """Send what is left, but keep nobody waiting for a collector that does not answer."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(_LAST_WORDS_SECONDS)


def _make_provider(exporter: Exporter, environment: Mapping[str, str]) -> "TracerProvider":
    """Make a provider; sampling, batches, address and headers are read by the SDK from its own variables."""
    provider, batches, resource = _import_sdk()
    names_itself = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    made: TracerProvider = provider(
        resource=resource.create({} if names_itself else {"service.name": "dunning"}), shutdown_on_exit=False
    )
    made.add_span_processor(batches(_make_exporter(exporter)))
    return made


def _make_exporter(exporter: Exporter) -> "SpanExporter":
    if exporter == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415  see _import_sdk

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  see _import_sdk

    return OTLPSpanExporter()


def _import_sdk() -> tuple[Callable[..., Any], Callable[..., Any], Any]:
    """Import what the extra brings, only where it is asked for."""
    from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    del trace_exporter
    return TracerProvider, BatchSpanProcessor, Resource
