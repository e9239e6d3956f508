"""Results as text for people: what, where, why, what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import rich_click as click
from msgspec import UNSET

from cli.reporters.witnesstext import write_witness
from cli.suites import CoverageReport, SuiteReport
from engine.model.decision import Decision, Unmet
from engine.model.diagnostic import Diagnostic
from engine.proofs.guarantees import VERDICTS, Judged
from engine.verification.comparing import Mismatch
from engine.verification.coverage import KINDS
from engine.verification.run import CaseResult, Why

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
_MOST_UNMET = 6
_WIDEST_LINE = 160


def write_diagnostics(diagnostics: Iterable[Diagnostic], files: Mapping[str, bytes]) -> str:
    """Return each diagnostic with its place, the line it is about, and what to do."""
    return "".join(_write_diagnostic(diagnostic, files.get(diagnostic.file, b"")) for diagnostic in diagnostics)


def _write_diagnostic(diagnostic: Diagnostic, source: bytes) -> str:
    place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"
    severity = click.style(diagnostic.severity, fg=_COLOURS[diagnostic.severity], bold=True)
    lines = [f"{click.style(place, bold=True)}: {severity}: {diagnostic.message} [{diagnostic.code}]"]
    written = source.decode("utf-8", errors="replace").splitlines()
    number = f"{diagnostic.line:>5}"
    if 0 < diagnostic.line <= len(written) and len(written[diagnostic.line - 1]) <= _WIDEST_LINE:
        shown = written[diagnostic.line - 1].replace("\t", " ")
        lines += [f"{number} | {shown}", f"{' ' * len(number)} | {' ' * (diagnostic.column - 1)}^"]
    if diagnostic.hint is not None:
        lines.append(f"{' ' * len(number)} = {diagnostic.hint}")
    if diagnostic.witness is not UNSET:
        lines.append(f"{' ' * len(number)} For example:")
        lines += [f"{' ' * len(number)}   {line}" for line in write_witness(diagnostic.witness)]
    return "\n".join(lines) + "\n"


def summarise_diagnostics(diagnostics: Sequence[Diagnostic], count: int) -> str:
    """Return how many rulesets were checked and what was found, in one line."""
    checked = count_of(count, "ruleset")
    found = [
        count_of(number, severity)
        for severity in ("error", "warning", "info")
        if (number := sum(each.severity == severity for each in diagnostics))
    ]
    return f"{checked} checked: {', '.join(found) or 'no problems'}\n"


def summarise_guarantees(judged: Mapping[str, Sequence[Judged]]) -> str:
    """Return how many guarantees were proved, and what became of the others, in one line."""
    verdicts = [each.verdict for one in judged.values() for each in one]
    if not verdicts:
        return ""
    found = [f"{verdicts.count(each):,} {each}" for each in VERDICTS if each in verdicts]
    return f"{count_of(len(verdicts), 'guarantee')}: {', '.join(found)}\n"


def count_of(count: int, word: str) -> str:
    """Return a number with its word: 1 case, 2 cases."""
    return f"{count:,} {word}{'' if count == 1 or word == 'info' else 's'}"


def write_suite(report: SuiteReport, files: Mapping[str, bytes]) -> str:
    """Return how a suite or check came out; every case that did not pass says what was expected, what came, and why."""
    if report.diagnostics:
        return write_diagnostics(report.diagnostics, files)
    lines = [_write_counts(report)]
    for case in report.cases:
        if case.status == "failed":
            lines += ["", *_write_failure(case, report.file)]
        elif case.status == "skipped":
            lines.append(f"  skipped {report.file}:{case.at.line} {case.name}: {case.skip}")
    if report.failed_count:
        lines.append("")
    return "\n".join(lines) + "\n"


def _write_counts(report: SuiteReport) -> str:
    statuses = [case.status for case in report.cases]
    words = [f"{statuses.count('passed'):,} passed"]
    if report.failed_count:
        words.append(click.style(f"{report.failed_count:,} failed", fg="red", bold=True))
    if "skipped" in statuses:
        words.append(f"{statuses.count('skipped'):,} skipped")
    return f"{report.file}: {count_of(len(statuses), 'case')}, {', '.join(words)}"


def _write_failure(case: CaseResult, file: str) -> Iterator[str]:
    yield click.style(f"FAILED {file}:{case.at.line} {case.name}", fg="red", bold=True)
    width = max(len(mismatch.what) for mismatch in case.mismatches)
    for mismatch in case.mismatches:
        yield from _write_mismatch(mismatch, width)
    if case.came:
        days = ", ".join(f"{day}: {rule}" for day, rule in case.came)
        yield f"  as it came, to paste if it is right:  timeline: {{{days}}}"
    for why in case.why:
        yield from explain(why)


def _write_mismatch(mismatch: Mismatch, width: int) -> Iterator[str]:
    yield f"  {mismatch.what:<{width}}  expected  {mismatch.expected}   (line {mismatch.at.line})"
    yield f"  {'':<{width}}  came      {mismatch.came}"


def explain(why: Why) -> Iterator[str]:
    """Yield the lines that say why a decision came out, the expected rule first."""
    decision = why.decision
    yield f"  why, as of {decision.as_of.isoformat()}: {write_outcome(decision)}"
    if decision.reason:
        yield f"    {decision.reason}"
    for warning in decision.warnings:
        yield f"    warning: {warning}"
    yield from _explain_rules(why)


def _explain_rules(why: Why) -> Iterator[str]:
    explanation = why.decision.explanation
    if not explanation:
        return
    unmet = [each for each in explanation.rules if each.rule != why.rule]
    wanted = [each for each in explanation.rules if each.rule == why.rule]
    nearest = explanation.nearest_miss
    if not wanted and nearest and nearest.rule == why.rule:
        wanted = list(nearest.lacks)
    won = why.decision.rule.id if why.decision.rule is not None else None
    if why.rule is not None and not wanted and won not in {None, why.rule}:
        yield f"    {why.rule} gives way: {won} goes before it"
    for each in (*wanted, *unmet[:_MOST_UNMET]):
        yield f"    {write_unmet(each)}"
    if len(unmet) > _MOST_UNMET:
        yield f"    … and {len(unmet) - _MOST_UNMET} rules more"
    for closed in explanation.closed_channels or ():
        yield f"    {closed.channel} is closed: {closed.reason}"
    for uncounted in explanation.uncounted_invoices or ():
        yield f"    invoice {uncounted.invoice}: {uncounted.reason}"


def write_unmet(unmet: Unmet) -> str:
    """Return in words what a rule lacked."""
    line = f" (line {unmet.line})" if unmet.line else ""
    return f"{unmet.rule}{line} does not win: {unmet.fact} is {unmet.value}, required: {unmet.required}"


def write_outcome(decision: Decision) -> str:
    """Return a decision's outcome in a few words."""
    if decision.block:
        return f"blocked by {decision.block.id}"
    if decision.upcoming is not None:
        return f"wait; {decision.upcoming.rule} on {decision.upcoming.on}"
    if decision.action is None:
        return decision.outcome.replace("_", " ")
    rule = decision.rule.id if decision.rule is not None else "otherwise"
    channel = f" by {decision.action.channel}" if decision.action.channel else ""
    return f"{rule}: {decision.action.type}{channel}"


def write_coverage(report: CoverageReport) -> str:
    """Return what share of a ruleset its suites have seen, and a ready case for each gap where they were asked for."""
    coverage = report.coverage
    parts = []
    for kind in KINDS:
        met, count = coverage.count(kind)
        word = {"rule": "rules", "condition": "conditions", "boundary": "boundaries"}[kind]
        parts.append(f"{word} {met}/{count} ({_percent(coverage.percent(kind))})")
    met, count = coverage.count()
    lines = [f"{coverage.ruleset}: {', '.join(parts)}, together {_percent(coverage.percent())}"]
    for suggestion in report.suggestions:
        lines += ["", f"  # {coverage.file}:{suggestion.goal.at.line} untested: {suggestion.goal.what}"]
        lines.append(
            suggestion.case.rstrip("\n") if suggestion.case is not None else "  # no account was found that shows it"
        )
    return "\n".join(lines) + "\n"


def _percent(share: float) -> str:
    """Return a percentage rounded down, so that 100 % means all."""
    return f"{int(share)} %"
