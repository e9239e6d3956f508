"""A complaint about a user's file: a value, collected and sorted by place, never raised."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Severity = Literal["error", "warning", "info"]


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a file; both numbers count from 1."""

    line: int
    column: int


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """An account, with what was executed for it and the day on which it is asked, for which a diagnostic is so.

    ``shows`` says what comes out when it is asked.
    """

    shows: str = ""
    as_of: dt.date
    account: dict[str, object]
    history: tuple[dict[str, object], ...] = ()


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found, where, why it is wrong and how to mend it; ``code`` is stable and has a page in docs/.

    ``witness`` is there where an account shows it.
    """

    code: str
    severity: Severity = "error"
    file: str
    line: int
    column: int
    message: str
    hint: str | None = None
    witness: Witness | UnsetType = UNSET


def sort_by_place(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line and column, each once."""
    found = {(d.file, d.line, d.column, d.code, d.message, d.severity, d.hint or ""): d for d in diagnostics}
    return tuple(found[key] for key in sorted(found))
