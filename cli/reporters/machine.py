"""Results as JSON for programs."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cli.suites import CoverageReport, SuiteReport, TestReport
from engine.model.decision import Decision, encode_decision
from engine.model.diagnostic import Diagnostic
from engine.model.ruleset import Ruleset
from engine.proofs.guarantees import Judged, tell
from engine.verification.coverage import KINDS
from engine.verification.run import CaseResult


def write_json(document: object) -> str:
    """Return a document as indented JSON, ending with a new line."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def write_checked(
    rulesets: Iterable[Ruleset], diagnostics: Sequence[Diagnostic], judged: Mapping[str, Sequence[Judged]]
) -> str:
    """Return what was found in ruleset files, and what became of each guarantee."""
    told = [
        {
            "id": each.id,
            "file": each.file,
            "digest": each.digest,
            "guarantees": [tell(one) for one in judged.get(each.id, ())],
        }
        for each in rulesets
    ]
    return write_json({"rulesets": told, "diagnostics": diagnostics})


def write_decision(decision: Decision) -> str:
    """Return a decision, indented."""
    return msgspec.json.format(encode_decision(decision), indent=2).decode() + "\n"


def write_report(report: TestReport) -> str:
    """Return how all cases came out, and the coverage."""
    return write_json(
        {
            "failed": report.failed_count,
            "suites": [_suite(suite) for suite in report.suites],
            "coverage": [_coverage(each) for each in report.coverage],
        }
    )


def _suite(suite: SuiteReport) -> dict[str, object]:
    return {
        "file": suite.file,
        "ruleset": suite.ruleset,
        "diagnostics": suite.diagnostics,
        "cases": [_case(case) for case in suite.cases],
    }


def _case(case: CaseResult) -> dict[str, object]:
    found: dict[str, object] = {"name": case.name, "line": case.at.line, "status": case.status}
    if case.skip is not None:
        found["skip"] = case.skip
    if case.mismatches:
        found["mismatches"] = [
            {"what": each.what, "expected": each.expected, "came": each.came, "line": each.at.line}
            for each in case.mismatches
        ]
        found["decisions"] = [why.decision for why in case.why]
    return found


def _coverage(report: CoverageReport) -> dict[str, object]:
    coverage = report.coverage
    counts = {kind: coverage.count(kind) for kind in KINDS}
    cases = {suggestion.goal.key: suggestion.case for suggestion in report.suggestions}
    return {
        "ruleset": coverage.ruleset,
        "file": coverage.file,
        "percent": round(coverage.percent(), 2),
        "counts": {kind: {"met": met, "of": count} for kind, (met, count) in counts.items()},
        "untested": [
            {"kind": goal.kind, "what": goal.what, "line": goal.at.line, "case": cases.get(goal.key)}
            for goal in coverage.unmet
        ],
    }
