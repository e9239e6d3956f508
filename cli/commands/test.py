"""`dunning test`: the authors' suites and checks, and how much of the rulesets they cover."""

import re
from os.path import normpath
from pathlib import Path

import rich_click as click

from cli.examples import show_examples
from cli.exits import RULESET_INVALID, SUITE_FAILED
from cli.reporters import junit, machine, text
from cli.rulesetfiles import Files, read_files
from cli.suites import (
    CHECK_ENDINGS,
    KNOWN_CODES,
    SUITE_ENDINGS,
    CoverageReport,
    SuiteReport,
    SuiteRunner,
    TestReport,
    checked_file,
    run_check,
)
from engine.examination.examine import Examination, examine_files
from engine.loading.folder import SHARED_FILES
from engine.loading.load import has_errors
from engine.model.diagnostic import Diagnostic
from engine.verification.check import load_check
from engine.verification.coveragegoals import Kind

_LEAST = re.compile(r"((?P<kind>rules|conditions|boundaries)=)?(?P<percent>[0-9]+(\.[0-9]+)?)")
_ELSEWHERE = re.compile(rb"^ruleset: *[\"']?([^\s\"'#]*/[^\s\"'#]+)", re.MULTILINE)
_KINDS: dict[str, Kind] = {"rules": "rule", "conditions": "condition", "boundaries": "boundary"}
_NO_RULESET = ("unknown-ruleset", "ruleset-broken")
_WHOLE = 100.0
Least = tuple[Kind | None, float]


def read_least(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Least, ...]:
    """Return each least coverage as (kind, or None for all together, percent)."""
    del context, parameter
    found: list[Least] = []
    for value in values:
        match = _LEAST.fullmatch(value)
        if match is None or float(match["percent"]) > _WHOLE:
            raise click.BadParameter(f"“{value}” is neither a percentage nor such as rules=100.")
        found.append((_KINDS[match["kind"]] if match["kind"] else None, float(match["percent"])))
    return tuple(found)


@click.command(
    "test",
    epilog=show_examples(
        ("dunning test rulesets", "every suite of a folder"),
        ("dunning test rulesets -k dispute", "the cases whose name says so"),
        ("dunning test rulesets --untested", "what no case has seen yet"),
        ("dunning test rulesets --min-coverage 90", "fail where less is covered"),
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "--name", "name_contains", metavar="TEXT", help="Only cases whose name contains the text.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    envvar="DUNNING_TEST_FORMAT",
    show_envvar=True,
    help="For people, for programs, or for a build server.",
)
@click.option(
    "--min-coverage",
    "least",
    multiple=True,
    metavar="[KIND=]PERCENT",
    callback=read_least,
    envvar="DUNNING_MIN_COVERAGE",
    show_envvar=True,
    help="Fail where a ruleset is covered less: of all, or of rules=, conditions= or boundaries=. May be repeated.",
)
@click.option("--untested", is_flag=True, help="Show what no case has seen, with a ready case for each.")
def command(
    paths: tuple[Path, ...], name_contains: str | None, form: str, least: tuple[Least, ...], *, untested: bool
) -> None:
    """Ask the cases of suites (NAME_test.yaml) and compare what comes with what is expected.

    PATH is a suite, a ruleset (then the suites that are about it), or a folder; left out, the folder you are in. A case
    that fails shows what was expected, what came, and why. Checks (NAME_check.yaml) say what `dunning check` must find
    in a file.

    Coverage counts the rules that won, each condition seen to hold and not to hold, and each number asked about right
    at its boundary and right beyond it.

    Ends with 0 if all passed, with 3 if a ruleset is invalid, and with 4 if a case failed or too little is covered.
    """
    if name_contains is not None and (least or untested):
        raise click.UsageError("Coverage of some cases says nothing of a suite: leave out --name, or the other option.")
    files = read_files(paths or (Path(),), with_siblings=True)
    files |= _read_named(files)
    examination = examine_files(files)
    chosen = _choose(paths, files)
    report = _run(files, chosen, examination, name_contains=name_contains, untested=untested)
    _write(report, files, form)
    unexpected = _unexpected(files, chosen, examination, report)
    if has_errors(unexpected):
        click.echo(text.write_diagnostics(unexpected, files), err=True, nl=False)
        raise SystemExit(RULESET_INVALID)
    if not report.suites:
        click.echo("There is no suite here: write one as NAME_test.yaml beside the ruleset.", err=True)
    too_little = [complaint for each in report.coverage for complaint in _judge(each, least)]
    for complaint in too_little:
        click.echo(complaint, err=True)
    if report.failed_count or too_little:
        raise SystemExit(SUITE_FAILED)


def _read_named(files: Files) -> Files:
    """Return the ruleset files of other folders that suites name."""
    named = {
        Path(file).parent / match[1].decode()
        for file, text in files.items()
        if file.endswith(SUITE_ENDINGS) and (match := _ELSEWHERE.search(text)) is not None
    }
    return read_files(Path(normpath(path)) for path in sorted(named) if path.is_file())


def _choose(paths: tuple[Path, ...], files: Files) -> list[str]:
    """Return the files asked for; a file's neighbours are read as well, but not asked."""
    folders = [str(path) for path in paths if path.is_dir()]
    named = {str(path) for path in paths if path.is_file()}
    if not paths:
        return sorted(files)
    inside = {file for file in files for folder in folders if Path(file).is_relative_to(folder)}
    return sorted(named | inside)


def _run(
    files: Files, chosen: list[str], examination: Examination, *, name_contains: str | None, untested: bool
) -> TestReport:
    runner = SuiteRunner(examination, name_contains=name_contains)
    suites = [file for file in chosen if file.endswith(SUITE_ENDINGS)]
    suites += [file for file in _suites_of_rulesets(files, chosen) if file not in suites]
    reports: list[SuiteReport] = [runner.run(file, files[file]) for file in suites]
    if name_contains is None:
        checks = [file for file in chosen if file.endswith(CHECK_ENDINGS)]
        said = [each for target in sorted(_find_checked(files)) for each in _say(target, files, examination)]
        reports += [run_check(file, files[file], said, files) for file in checks]
    coverage = runner.measure(with_suggestions=untested) if name_contains is None else ()
    return TestReport(suites=tuple(reports), coverage=coverage)


def _suites_of_rulesets(files: Files, chosen: list[str]) -> list[str]:
    """Return the suites beside each chosen ruleset that bear its name."""
    stems = [file.rpartition(".")[0] for file in chosen]
    return [f"{stem}{ending}" for stem in stems for ending in SUITE_ENDINGS if f"{stem}{ending}" in files]


def _unexpected(
    files: Files, chosen: list[str], examination: Examination, report: TestReport
) -> tuple[Diagnostic, ...]:
    """Return what was found in files that no check is about, since there errors are the point.

    A neighbour that was not asked for matters only where a suite found no ruleset: it may be the one it is about.
    """
    about = _find_checked(files)
    if not any(each.code in _NO_RULESET for suite in report.suites for each in suite.diagnostics):
        about |= {file for file in files if file not in chosen and Path(file).name not in SHARED_FILES}
    return tuple(each for each in examination.diagnostics if each.file not in about)


def _find_checked(files: Files) -> set[str]:
    """Return the ruleset files that checks are about."""
    checks = (load_check(files[file], file, KNOWN_CODES) for file in files if file.endswith(CHECK_ENDINGS))
    return {checked_file(loaded.check) for loaded in checks if loaded.check is not None}


def _say(file: str, files: Files, examination: Examination) -> list[Diagnostic]:
    """Return what `dunning check` says of one file, and what its neighbours make of it."""
    found = [each for each in examination.diagnostics if each.file == file]
    if has_errors(tuple(found)):
        return found
    alone = {name: files[name] for name in (file, *_shared_beside(file)) if name in files}
    return found + [each for each in examine_files(alone).analyse().diagnostics if each not in found]


def _shared_beside(file: str) -> list[str]:
    return [str(Path(file).with_name(name)) for name in SHARED_FILES]


def _write(report: TestReport, files: Files, form: str) -> None:
    if form == "json":
        click.echo(machine.write_report(report), nl=False)
    elif form == "junit":
        click.echo(junit.write_junit(report), nl=False)
    else:
        for suite in report.suites:
            click.echo(text.write_suite(suite, files), nl=False)
        for coverage in report.coverage:
            click.echo(text.write_coverage(coverage), nl=False)


def _judge(report: CoverageReport, least: tuple[Least, ...]) -> list[str]:
    """Return a sentence for each least coverage that is not reached."""
    names = {kind: name for name, kind in _KINDS.items()}
    return [
        f"{report.coverage.ruleset}: {report.coverage.percent(kind):.1f} % of "
        f"{'everything' if kind is None else names[kind]} is covered, and {percent:g} % is asked for; "
        "--untested shows what is missing."
        for kind, percent in least
        if report.coverage.percent(kind) < percent
    ]
