"""`dunning experiment`: how large and how long an experiment must be before anything is said of it."""

from fractions import Fraction
from pathlib import Path

import rich_click as click

from cli.examples import show_examples
from cli.reporters import machine
from cli.reporters.experimenttext import write_plan
from cli.rulesetfiles import load_sound
from engine.model.ruleset import Experiment
from engine.recovery.planning import PlanImpossible, plan


def _read_percent(_context: click.Context, _parameter: click.Parameter, value: str) -> Fraction:
    try:
        return Fraction(value.removesuffix("%").strip()) / 100
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"“{value}” is not a number of percent such as 40 or 2.5.") from None


@click.group("experiment")
def command() -> None:
    """Plan an experiment before it starts."""


@command.command(
    "plan",
    epilog=show_examples(
        ("dunning experiment plan tone.yaml tone-test --base 40 --effect 3 --per-day 200", ""),
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
        click.echo(machine.write_plan(planned), nl=False)
        return
    click.echo(write_plan(planned, base=base, effect=effect, per_day=per_day, within_days=within_days), nl=False)


def _find(path: Path, name: str) -> Experiment:
    experiments = {each.id: each for ruleset in load_sound(path).rulesets for each in ruleset.experiments}
    if name not in experiments:
        known = f"it has {', '.join(sorted(experiments))}." if experiments else "it has none; docs/authors says how."
        raise click.UsageError(f"There is no experiment {name} in {path}: {known}")
    return experiments[name]
