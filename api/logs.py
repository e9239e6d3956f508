"""Lines of the service's own log on stderr: for people, or as JSON; each with the id of its request."""

import datetime as dt
import logging
from typing import Any, Literal

import msgspec

from api.calmlog import Calm
from api.requestids import request_id, trace_id

LogFormat = Literal["text", "json"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line as JSON: `at` in UTC; `error` is the traceback of what was not expected."""

    at: dt.datetime
    level: str
    logger: str
    message: str
    request_id: str | None = None
    trace_id: str | None = None
    error: str | None = None


class TextLines(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        """Write the line, and for which request."""
        line = super().formatMessage(record)
        asked = request_id.get()
        return line if asked is None else f"{line} (request {asked})"


class JsonLines(logging.Formatter):
    """A line for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one JSON object without a line break."""
        line = Line(
            at=dt.datetime.fromtimestamp(record.created, dt.UTC),
            level=record.levelname.lower(),
            logger=record.name,
            message=record.getMessage(),
            request_id=request_id.get(),
            trace_id=trace_id.get(),
            error=self.formatException(record.exc_info) if record.exc_info else None,
        )
        return msgspec.json.encode(line).decode()


def configure_logging(log_format: LogFormat) -> dict[str, Any]:
    """Return what logging is configured with, in the server and in each of its workers."""
    lines = TextLines if log_format == "text" else JsonLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": lines}},
        "filters": {"calm": {"()": Calm}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["calm"],
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        # uvicorn's warnings are about what strangers send.
        "loggers": {"dunning": {"level": "INFO"}, "uvicorn.error": {"level": "ERROR"}},
    }
