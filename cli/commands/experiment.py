"""`dunning experiment`: how large and how long an experiment must be before anything is said of it."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import rich_click as click

from cli import experimentplans
from cli.debtorfiles import read_timezone
from cli.examples import show_examples
from cli.experimentcounts import count_files, count_stored, read_daily, write_daily
from cli.options import LogOptions, store_options
from cli.periods import read_day
from cli.reporters import experimenttext
from cli.rulesetfiles import load_sound
from engine.model.ruleset import Experiment, Ruleset
from engine.recovery.beginning import Trial
from engine.recovery.counting import count_by_plan
from engine.recovery.judging import Counted, judge
from engine.recovery.planning import Plan, PlanImpossible, plan


def _read_percent(_context: click.Context, _parameter: click.Parameter, value: str) -> Fraction:
    try:
        return Fraction(value.removesuffix("%").strip()) / 100
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"“{value}” is not a number of percent such as 40 or 2.5.") from None


@click.group("experiment")
def command() -> None:
    """Plan an experiment before it starts, and judge it by its plan."""


@command.command(
    "plan",
    epilog=show_examples(
        ("dunning experiment plan tone.yaml tone-test --base 40 --effect 3 --per-day 200", ""),
        ("dunning experiment plan … --format json > plan.json", "keep it for the day on which it is judged"),
    ),
)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("experiment_id", metavar="EXPERIMENT")
@click.option("--base", required=True, callback=_read_percent, help="Percent who pay in the first group, as it is now.")
@click.option("--effect", required=True, callback=_read_percent, help="The least difference that matters, in points.")
@click.option("--per-day", required=True, type=click.IntRange(min=1), help="How many accounts begin to owe each day.")
@click.option("--within", "within_days", default=14, type=click.IntRange(min=1), help="Days in which they pay.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def plan_(
    *, path: Path, experiment_id: str, base: Fraction, effect: Fraction, per_day: int, within_days: int, form: str
) -> None:
    """Say how many accounts each group of an EXPERIMENT needs, and how many days pass before anything may be said.

    PATH is a ruleset file. The first group is who is held out, else the first variant. The size is such that a
    difference of that many points is found four times in five, and where there is none it is seen once in twenty.
    """
    experiment = _find(path, experiment_id)
    try:
        planned = plan(experiment, base=base, effect=effect, accounts_a_day=per_day, within_days=within_days)
    except PlanImpossible as impossible:
        raise click.UsageError(str(impossible)) from None
    if form == "json":
        click.echo(experimentplans.write_plan(planned), nl=False)
        return
    click.echo(experimenttext.write_plan(planned, per_day=per_day), nl=False)


@command.command(
    "count",
    epilog=show_examples(
        ("dunning experiment count tone.yaml tone-test --began 2026-03-01 > counts.csv", "what is stored"),
        ("dunning experiment count tone.yaml tone-test accounts.ndjson --began 2026-03-01", "as `recovery` reads it"),
    ),
)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("experiment_id", metavar="EXPERIMENT")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]…")
@store_options
@click.option("--began", "began_on", required=True, type=read_day, metavar="DATE", help="The day it began.")
@click.option("--as-of", "as_of", type=read_day, metavar="DATE", help="The day that is counted on; today.")
@click.option("--within", "within_days", default=14, type=click.IntRange(min=1), help="Days in which they pay.")
@click.option("--timezone", default="UTC", show_default=True, help="Of accounts in files that name none.")
@click.pass_context
def count_(  # noqa: PLR0913  one for each option
    context: click.Context,
    /,
    *,
    path: Path,
    experiment_id: str,
    files: tuple[Path, ...],
    database_url: str | None,
    data: Path,
    began_on: dt.date,
    as_of: dt.date | None,
    within_days: int,
    timezone: str,
) -> None:
    """Count the accounts of an EXPERIMENT by the day on which they began, for `dunning experiment judge --daily`.

    PATH is its ruleset file. An account begins with its first case since --began, and has paid if all of it is paid
    within the days. Without a FILE it counts what is stored: the accounts that this ruleset answered about last.
    """
    ruleset, experiment = _find_with_ruleset(path, experiment_id)
    trial = Trial(
        experiment=experiment,
        began_on=began_on,
        as_of=as_of or dt.datetime.now(dt.UTC).date(),
        within_days=within_days,
    )
    if files:
        begun, refused_count = count_files(trial, files, read_timezone(timezone))
    else:
        options = LogOptions(database_url=database_url, data=data, log_key=None, log_key_file=None)
        begun, refused_count = count_stored(trial, ruleset.id, options, context)
    click.echo(write_daily(begun, experiment), nl=False)
    if refused_count:
        click.echo(f"{refused_count:,} accounts cannot be read and are not counted.", err=True)


@command.command(
    "judge",
    epilog=show_examples(
        ("dunning experiment judge plan.json --day 57 --counted control=1700/4250 --counted friendly=1850/4240", ""),
        ("dunning experiment judge plan.json --day 57 --daily counts.csv", "with complaints and contacts, day by day"),
    ),
)
@click.argument("path", metavar="PLAN", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--day", "days", required=True, type=click.IntRange(min=0), help="How many days ago it began.")
@click.option("--counted", multiple=True, metavar="GROUP=PAID/ACCOUNTS", help="Once for each group.")
@click.option(
    "--daily",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="In its place: a CSV file of day, group, accounts, paid, and complained and contacts where they are known.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def judge_(*, path: Path, days: int, counted: tuple[str, ...], daily: Path | None, form: str) -> None:
    """Say what an experiment showed, by the PLAN that was written before it began.

    Groups that are not as large as they were drawn are told first, always. Until the days of the plan have passed and
    each group has its accounts it is too early, and no difference is told. Count an account once, by its first case
    since the start, as paid if that was paid in full in time.

    With --daily the accounts stand by the day on which they began, the first day being 0. Counted are those that had
    their time to pay, until the plan is met; later ones change nothing, so that it may be looked at every day.
    """
    planned = experimentplans.read_plan(path)
    if (daily is None) == (not counted):
        raise click.UsageError("Give what was counted, once: --counted for each group, or --daily FILE.")
    groups = (
        _read_counted(counted, planned)
        if daily is None
        else count_by_plan(planned, read_daily(daily, planned), days=days)
    )
    judgement = judge(planned, groups, days=days)
    if form == "json":
        click.echo(experimentplans.write_judgement(judgement), nl=False)
        return
    click.echo(experimenttext.write_judgement(planned, judgement, days=days), nl=False)


def _read_counted(written: tuple[str, ...], planned: Plan) -> tuple[Counted, ...]:
    """Return the groups in the plan's order."""
    found: dict[str, Counted] = {}
    for each in written:
        name, _, numbers = each.rpartition("=")
        paid, _, accounts = numbers.partition("/")
        if not (name and paid.isdecimal() and accounts.isdecimal() and int(paid) <= int(accounts)):
            raise click.UsageError(f"“{each}” is not GROUP=PAID/ACCOUNTS, such as control=1700/4250.")
        found[name] = Counted(name=name, accounts=int(accounts), paid=int(paid))
    names = [group.name for group in planned.groups]
    if sorted(found) != sorted(names) or len(written) != len(names):
        raise click.UsageError(f"The groups of {planned.experiment} are {', '.join(names)}; count each once.")
    return tuple(found[name] for name in names)


def _find(path: Path, name: str) -> Experiment:
    return _find_with_ruleset(path, name)[1]


def _find_with_ruleset(path: Path, name: str) -> tuple[Ruleset, Experiment]:
    experiments = {each.id: (ruleset, each) for ruleset in load_sound(path).rulesets for each in ruleset.experiments}
    if name not in experiments:
        known = f"it has {', '.join(sorted(experiments))}." if experiments else "it has none; docs/authors says how."
        raise click.UsageError(f"There is no experiment {name} in {path}: {known}")
    return experiments[name]
