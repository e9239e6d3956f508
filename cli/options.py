"""Options that several commands share, each with the variable that sets it too."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import rich_click as click

from api.logs import LogFormat

F = TypeVar("F", bound=Callable[..., Any])
MOST_WORKERS = 64

_STORE = (
    click.option(
        "--database-url",
        envvar="DATABASE_URL",
        show_envvar=True,
        metavar="URL",
        help="A PostgreSQL 15 or later. Left out, an embedded one is started in the data folder.",
    ),
    click.option(
        "--data",
        "data",
        envvar="DUNNING_DATA",
        show_envvar=True,
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(".dunning"),
        help="The folder for everything the service keeps by itself.",
    ),
)
_SERVER = (
    click.option(
        "--host", envvar="DUNNING_HOST", show_envvar=True, default="127.0.0.1", help="The address to listen on."
    ),
    click.option(
        "--workers",
        envvar="DUNNING_WORKERS",
        show_envvar=True,
        type=click.IntRange(1, MOST_WORKERS),
        default=1,
        help="Processes that answer; one a core.",
    ),
    click.option(
        "--four-eyes",
        envvar="DUNNING_FOUR_EYES",
        show_envvar=True,
        is_flag=True,
        help="Switch four eyes on for the database: what one publishes, retires or activates waits for another.",
    ),
    click.option(
        "--due",
        envvar="DUNNING_DUE",
        show_envvar=True,
        type=click.Choice(["on", "off"]),
        default="on",
        help="Whether this server asks about stored accounts when they are due, and works off runs over them; off for"
        " one that only answers.",
    ),
    click.option(
        "--log-format",
        envvar="DUNNING_LOG_FORMAT",
        show_envvar=True,
        type=click.Choice(["text", "json"]),
        default="text",
        help="What is said on stderr: lines for people, or one JSON object a line.",
    ),
    click.option(
        "--stale-after",
        envvar="DUNNING_STALE_AFTER",
        show_envvar=True,
        type=click.FloatRange(min=1),
        default=30.0,
        metavar="SECONDS",
        help="Refuse to decide when there was no news of rulesets from PostgreSQL for so long.",
    ),
)
_LOG_KEY = (
    click.option(
        "--log-key",
        envvar="DUNNING_LOG_KEY",
        show_envvar=True,
        metavar="KEY",
        help="The key that signs the log's checkpoints; better given by the variable, or as a file.",
    ),
    click.option(
        "--log-key-file",
        envvar="DUNNING_LOG_KEY_FILE",
        show_envvar=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="The file that holds that key. Left out, one in the data folder, made beside the embedded PostgreSQL.",
    ),
)


def store_options(command: F) -> F:
    """Add where the data are."""
    return _add(_STORE, command)


class LogOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data are, and the key of the log."""

    database_url: str | None
    data: Path
    log_key: str | None
    log_key_file: Path | None


class ServerOptions(LogOptions, frozen=True, kw_only=True):
    """Where the data are, and how to serve."""

    host: str
    workers: int
    four_eyes: bool
    due: Literal["on", "off"]
    log_format: LogFormat
    stale_after: float


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add where the data are and how to serve, handed on as `options`."""
    return _add((*_STORE, *_SERVER, *_LOG_KEY), _collect(ServerOptions, command))


def log_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add where the data are and the key of the log, handed on as `options`."""
    return _add((*_STORE, *_LOG_KEY), _collect(LogOptions, command))


def _collect(record: type[LogOptions], command: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(command)
    def call(**given: Any) -> None:  # noqa: ANN401  whatever click hands over
        options = record(**{name: given.pop(name) for name in record.__struct_fields__})
        command(options=options, **given)

    return call


def port_option(default: int | None) -> Callable[[F], F]:
    """Add the port; without a default any free one is taken when the usual one is not."""
    return click.option(
        "--port",
        envvar="DUNNING_PORT",
        show_envvar=True,
        type=click.IntRange(0, 65535),
        default=default,
        help="The port to listen on; 0 takes any free one." if default is not None else "The port to listen on.",
    )


def _add(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command
