"""Diagnostics as annotations of a GitHub workflow."""

from collections.abc import Iterable

from msgspec import UNSET

from cli.reporters.witnesstext import write_witness
from engine.model.diagnostic import Diagnostic

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def write_annotations(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one workflow command for each diagnostic."""
    return "".join(f"{_write(diagnostic)}\n" for diagnostic in diagnostics)


def write_notice(text: str) -> str:
    """Return a line that belongs to no place as a workflow command; nothing for nothing."""
    return f"::notice title=guarantees::{_escape(text.strip())}\n" if text else ""


def _write(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.message, *([diagnostic.hint] if diagnostic.hint is not None else [])]
    if diagnostic.witness is not UNSET:
        lines += ["For example:", *write_witness(diagnostic.witness)]
    message = "\n".join(lines)
    place = f"file={_escape_property(diagnostic.file)},line={diagnostic.line},col={diagnostic.column}"
    return f"::{_COMMANDS[diagnostic.severity]} {place},title={_escape_property(diagnostic.code)}::{_escape(message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
