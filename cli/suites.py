"""Suites and checks on disk: which ruleset each is about, asked and compared."""

from collections.abc import Collection, Iterable
from os.path import normpath
from pathlib import PurePath

import msgspec

from engine.analysis.analyse import CODES as ANALYSIS_CODES
from engine.examination.examine import Examination, SuiteRun, ask_suite
from engine.loading.complaints import Complaints, suggest
from engine.loading.node import find
from engine.model.diagnostic import Diagnostic, Position
from engine.model.ruleset import Ruleset
from engine.verification.check import Check, compare_check, load_check
from engine.verification.coverage import Coverage, Observer, measure
from engine.verification.mistakes import ALL_MISTAKES
from engine.verification.reading import ParsedSuite, parse_suite
from engine.verification.run import CaseResult
from engine.verification.suggesting import Suggestion, suggest_cases

SUITE_ENDINGS = ("_test.yaml", "_test.yml")
CHECK_ENDINGS = ("_check.yaml", "_check.yml")
KNOWN_CODES = (*ALL_MISTAKES, *ANALYSIS_CODES)
_START = Position(1, 1)


class SuiteReport(msgspec.Struct, frozen=True, kw_only=True):
    """How one suite or check came out, or the errors for which it could not be asked."""

    file: str
    ruleset: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    cases: tuple[CaseResult, ...] = ()

    @property
    def failed_count(self) -> int:
        """The number of cases that failed; a suite that cannot be read fails as one."""
        return len(self.diagnostics) or sum(case.status == "failed" for case in self.cases)


class CoverageReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the suites have seen of one ruleset, and a case for each gap where they were asked for."""

    coverage: Coverage
    suggestions: tuple[Suggestion, ...] = ()


class TestReport(msgspec.Struct, frozen=True, kw_only=True):
    """How everything came out."""

    suites: tuple[SuiteReport, ...]
    coverage: tuple[CoverageReport, ...]

    @property
    def failed_count(self) -> int:
        """The number of cases that failed."""
        return sum(suite.failed_count for suite in self.suites)


class SuiteRunner:
    """Asks suites about the rulesets that were read."""

    def __init__(self, examination: Examination, *, name_contains: str | None) -> None:
        self._examination = examination
        self._name_contains = name_contains
        self._runs: dict[str, list[SuiteRun]] = {}
        self._observers: dict[str, Observer] = {}

    def run(self, file: str, text: bytes) -> SuiteReport:
        """Read one suite and ask all its cases."""
        parsed = parse_suite(text, file)
        if parsed.ruleset is None:
            return SuiteReport(file=file, ruleset=parsed.ruleset, diagnostics=parsed.diagnostics)
        ruleset = self.find_ruleset(file, parsed.ruleset)
        if ruleset is None:
            return SuiteReport(file=file, ruleset=parsed.ruleset, diagnostics=self._complain(parsed))
        observer = self._observers.setdefault(ruleset.file, Observer(self._examination.compiled(ruleset)))
        run = ask_suite(parsed, observer.compiled, name_contains=self._name_contains)
        if run.result is not None:
            self._runs.setdefault(ruleset.file, []).append(run)
        return SuiteReport(file=file, ruleset=ruleset.id, diagnostics=run.diagnostics, cases=run.cases)

    def find_ruleset(self, file: str, name: str) -> Ruleset | None:
        """Return the ruleset that a suite names: by id, first of its own folder, or by file."""
        folder = PurePath(file).parent
        beside = [ruleset for ruleset in self._examination.rulesets if PurePath(ruleset.file).parent == folder]
        files = {normpath(folder / name), normpath(folder / f"{name}.yaml")}
        for ruleset in (*beside, *self._examination.rulesets):
            if ruleset.id == name or normpath(ruleset.file) in files:
                return ruleset
        return None

    def _complain(self, parsed: ParsedSuite) -> tuple[Diagnostic, ...]:
        complaints = Complaints(parsed.file, ALL_MISTAKES)
        place = find(parsed.root, "ruleset") or _START
        stem = parsed.file
        for ending in SUITE_ENDINGS:
            stem = stem.removesuffix(ending)
        beside = {f"{stem}.yaml", f"{stem}.yml", str(PurePath(parsed.file).parent / (parsed.ruleset or ""))}
        if broken := sorted(beside & self._examination.broken):
            complaints.add("ruleset-broken", place, f"{broken[0]} has errors, so it cannot be tested.")
        else:
            known = [ruleset.id for ruleset in self._examination.rulesets]
            found = f"There is no ruleset “{parsed.ruleset}” beside this suite."
            complaints.add("unknown-ruleset", place, found, suggest(parsed.ruleset or "", known))
        return complaints.found

    def measure(self, *, with_suggestions: bool) -> tuple[CoverageReport, ...]:
        """Return what was seen of each ruleset that a suite was asked about."""
        reports = []
        for file, runs in sorted(self._runs.items()):
            observer = self._observers[file]
            coverage = measure(observer, [run.result for run in runs if run.result is not None])
            suggestions: tuple[Suggestion, ...] = ()
            if with_suggestions:
                suggestions = suggest_cases(observer, coverage, [run.suite for run in runs if run.suite is not None])
            reports.append(CoverageReport(coverage=coverage, suggestions=suggestions))
        return tuple(reports)


def run_check(file: str, text: bytes, diagnostics: Iterable[Diagnostic], files: Collection[str]) -> SuiteReport:
    """Compare what is said of one of the files with what a check says must be said."""
    loaded = load_check(text, file, KNOWN_CODES)
    if loaded.check is None:
        return SuiteReport(file=file, ruleset=None, diagnostics=loaded.diagnostics)
    target = checked_file(loaded.check)
    if target not in files:
        complaints = Complaints(file, ALL_MISTAKES)
        beside = [PurePath(each).name for each in files if PurePath(each).parent == PurePath(file).parent]
        found = f"There is no file “{loaded.check.ruleset}” beside this check."
        complaints.add("unknown-ruleset", loaded.check.at, found, suggest(loaded.check.ruleset, beside))
        return SuiteReport(file=file, ruleset=None, diagnostics=complaints.found)
    mismatches = compare_check(loaded.check, [each for each in diagnostics if each.file == target])
    case = CaseResult(
        name=f"what dunning check says of {loaded.check.ruleset}",
        at=loaded.check.at,
        status="failed" if mismatches else "passed",
        mismatches=mismatches,
    )
    return SuiteReport(file=file, ruleset=loaded.check.ruleset, cases=(case,))


def checked_file(check: Check) -> str:
    """Return the file that a check is about."""
    return str(PurePath(check.file).parent / check.ruleset)
