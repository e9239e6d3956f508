"""A complaint about a user's file: a value, collected and sorted by place, never raised."""

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class Position(msgspec.Struct, frozen=True):
    """A place in a file; both numbers count from 1."""

    line: int
    column: int


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found, where, why it is wrong and how to mend it; ``code`` is stable and has a page in docs/."""

    code: str
    severity: Severity = "error"
    file: str
    line: int
    column: int
    message: str
    hint: str | None = None


def sort_by_place(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line and column, each once."""
    return tuple(sorted(set(diagnostics), key=lambda d: (d.file, d.line, d.column, d.code, d.message)))
