"""What is wrong with a log, said with its place."""

from typing import Literal

import msgspec

MOST_FINDINGS = 1000

Kind = Literal["edit", "deletion", "insertion", "reordering", "truncation", "unproven"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that was done past this program; `first` and `last` are the places of the log that it concerns.

    They are None for what is not in the log at all. Lines are `unproven` where something else that was done took away
    what would prove them.
    """

    kind: Kind
    first: int | None
    last: int | None
    message: str


class Findings:
    """Collects what is found; what is too much to be shown is counted."""

    def __init__(self) -> None:
        self.count = 0
        self._found: list[Finding] = []

    def add(self, kind: Kind, first: int | None, last: int | None, message: str) -> None:
        """Note a finding."""
        self.count += 1
        if len(self._found) < MOST_FINDINGS:
            self._found.append(Finding(kind=kind, first=first, last=last, message=message))

    def list(self) -> tuple[Finding, ...]:
        """Return them by place."""
        return tuple(sorted(self._found, key=lambda finding: (finding.first or 0, finding.last or 0)))
