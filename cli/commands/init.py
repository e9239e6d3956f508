"""`dunning init`: a folder to begin with."""

from pathlib import Path

import rich_click as click

from cli.examples import show_examples
from cli.exits import FAILED
from cli.laying import StarterInvalid, lay_out
from engine.model.countries import CODES, find_meant_code


@click.command(
    "init",
    epilog=show_examples(
        ("dunning init my-rulesets", "for the Netherlands, in euros"),
        ("dunning init . --country DE --timezone Europe/Berlin", "in the folder you are in"),
        ("dunning init uk --country GB --currency GBP --timezone Europe/London --ci gitlab", ""),
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--country",
    default="NL",
    envvar="DUNNING_INIT_COUNTRY",
    show_envvar=True,
    help="The country of the first ruleset, ISO 3166-1: whom it covers, and whose holidays count.",
)
@click.option(
    "--currency", default="EUR", envvar="DUNNING_INIT_CURRENCY", show_envvar=True, help="Its currency, ISO 4217."
)
@click.option(
    "--timezone",
    default="Europe/Amsterdam",
    envvar="DUNNING_INIT_TIMEZONE",
    show_envvar=True,
    help="The time zone of accounts that name none.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    default="github",
    envvar="DUNNING_INIT_CI",
    show_envvar=True,
    help="For which service to lay out a file that checks, tests and compares rulesets.",
)
def command(folder: Path, *, country: str, currency: str, timezone: str, ci: str) -> None:
    """Lay out a folder to begin with: a first ruleset with its suite, facts.yaml, editor settings and a CI file.

    FOLDER is made where it is missing; left out, the folder you are in. Nothing that is there already is overwritten.
    The names of the files written are the answer; what is laid out passes `dunning check` and `dunning test`.

    Ends with 1 if a file is there already, and writes nothing then.
    """
    if country.upper() not in CODES:
        meant = find_meant_code(country)
        hint = f"Write {meant}." if meant is not None else "Write the code of ISO 3166-1, such as NL or GB."
        raise click.UsageError(f"“{country}” is not a country's code, so the ruleset would cover no account. {hint}")
    words = {"country": country.upper(), "currency": currency.upper(), "timezone": timezone}
    try:
        files = lay_out(words, ci)
    except StarterInvalid as invalid:
        raise click.UsageError(str(invalid)) from None
    if taken := [name for name in files if (folder / name).exists()]:
        click.echo(f"{folder} has {', '.join(taken)} already; nothing was written. Name another folder.", err=True)
        raise SystemExit(FAILED)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
        click.echo(str(target))
    click.echo(f"Next: dunning check {folder / 'rulesets'}, then dunning test {folder / 'rulesets'}", err=True)
