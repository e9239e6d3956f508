"""`dunning check`: everything that can be said of ruleset files without asking about an account."""

import datetime as dt
from pathlib import Path

import rich_click as click

from cli.checksettings import find_settings
from cli.examples import show_examples
from cli.exits import RULESET_INVALID
from cli.reporters import github, machine, sarif, text
from cli.rulesetfiles import read_files
from engine.examination.examine import examine_files
from engine.loading.load import has_errors
from engine.model.diagnostic import sort_by_place


@click.command(
    "check",
    epilog=show_examples(
        ("dunning check rulesets", "a folder"),
        ("dunning check rulesets/first.yaml", "one file, with its facts.yaml"),
        ("dunning check rulesets --format github", "in a GitHub workflow"),
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    envvar="DUNNING_CHECK_FORMAT",
    show_envvar=True,
    help="For people, for programs, for code scanning, or as annotations of a GitHub workflow.",
)
def command(paths: tuple[Path, ...], form: str) -> None:
    """Check ruleset files: the YAML, its shape, what it means, and what its rules come to.

    PATH is a ruleset file or a folder of them; left out, the folder you are in. Every problem is shown at once, with
    its place, why it is one, and what to do. A facts.yaml beside a ruleset is read with it; suites (NAME_test.yaml) are
    for `dunning test`.

    A finding of the analysis shows an account for which it is so. A comment on its line, `# dunning: ignore CODE
    reason`, silences it; a file .dunning.yaml in the folder (`checks: {gap: off, overlap: warning}`) says how severe
    each check is.

    Ends with 0 if nothing is wrong but warnings, and with 3 if a ruleset is invalid.
    """
    named = paths or (Path(),)
    chosen = find_settings(named)
    files = read_files(named)
    examination = examine_files(files).analyse(settings=chosen.settings, on=dt.datetime.now().astimezone().date())
    diagnostics = sort_by_place([*chosen.diagnostics, *examination.diagnostics])
    files |= chosen.files
    if examination.count == 0:
        where = ", ".join(str(path) for path in paths) or "this folder"
        raise click.UsageError(f"There is no ruleset in {where}; name a ruleset file or a folder that holds some.")
    if form == "text":
        click.echo(text.write_diagnostics(diagnostics, files), nl=False)
        click.echo(text.summarise_diagnostics(diagnostics, examination.count), nl=False)
        click.echo(text.summarise_guarantees(examination.judged), nl=False)
    elif form == "json":
        click.echo(machine.write_checked(examination.rulesets, diagnostics, examination.judged), nl=False)
    elif form == "sarif":
        click.echo(sarif.write_sarif(diagnostics, examination.judged), nl=False)
    else:
        click.echo(github.write_annotations(diagnostics), nl=False)
        click.echo(github.write_notice(text.summarise_guarantees(examination.judged)), nl=False)
    if has_errors(diagnostics):
        raise SystemExit(RULESET_INVALID)
