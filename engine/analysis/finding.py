"""What a check finds, and what a check is."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from engine.model.diagnostic import Diagnostic, Position, Severity, Witness

if TYPE_CHECKING:
    from engine.analysis.folder import Folder
    from engine.proofs.examples import Example
    from engine.proofs.prover import Prover


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found.

    ``subject`` is the id of the rule, fact or the like that it is about; ``examples`` are accounts that are to show it,
    the most telling first, and ``witness`` is one that was asked already. ``file`` is left out where it is the
    ruleset's. What ``must_be_shown`` is not reported unless an account shows it.
    """

    at: Position
    message: str
    hint: str | None = None
    subject: str = ""
    examples: "tuple[Example, ...]" = ()
    severity: Severity | None = None
    file: str | None = None
    witness: Witness | None = None
    must_be_shown: bool = False


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a ruleset in one currency; ``severity`` holds where neither finding nor settings say otherwise."""

    code: str
    severity: Severity
    title: str
    find: Callable[["Prover"], Iterable[Finding]]


class FolderCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One check of all rulesets of a folder together."""

    code: str
    severity: Severity
    title: str
    find: Callable[["Folder"], Iterable[Finding]]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A finding about the analysis itself, which the driver makes."""

    code: str
    severity: Severity
    title: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is reported, with an account that shows it where one could be found."""

    diagnostic: Diagnostic
    subject: str = ""
