"""The rulesets of a folder, ready to be asked for the accounts that show what was found."""

from collections.abc import Sequence

from msgspec import UNSET

from engine.analysis.finding import Finding
from engine.evaluation.program import Compiled
from engine.model.diagnostic import Diagnostic, Severity, Witness
from engine.worlds.confirming import find_confirmed

_MOST_TRIES = 48


class Stage:
    """Asks each account that a finding would show, and reports the finding with the first that shows what is said."""

    def __init__(self, compiled: Sequence[Compiled]) -> None:
        self._compiled = compiled

    def report(self, code: str, severity: Severity, finding: Finding, file: str) -> Diagnostic | None:
        """Return a finding as a diagnostic, None where it is one only with an account and none shows it."""
        witness = self._find_witness(finding, file)
        if witness is None and finding.must_be_shown:
            return None
        return Diagnostic(
            code=code,
            severity=severity,
            file=file,
            line=finding.at.line,
            column=finding.at.column,
            message=finding.message,
            hint=finding.hint,
            witness=UNSET if witness is None else witness,
        )

    def _find_witness(self, finding: Finding, file: str) -> Witness | None:
        if finding.witness is not None:
            return finding.witness
        for example in finding.examples:
            own = self._find(file)
            shown = find_confirmed(example.questions, example.shows, own, self._compiled, most=_MOST_TRIES)
            if shown is not None:
                question, says = shown
                return Witness(shows=says, as_of=question.day, account=question.account, history=question.history)
        return None

    def _find(self, file: str) -> Compiled:
        """Return the ruleset of a file, or the first beside it."""
        named = (one for one in self._compiled if one.ruleset.file == file)
        folder = file.rpartition("/")[0]
        beside = (one for one in self._compiled if one.ruleset.file.rpartition("/")[0] == folder)
        return next(named, None) or next(beside)
