"""`dunning timeline`: the ladder of one account if nobody pays, as a table and as a picture."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click

from cli.accountfiles import Subject, read_subject, refuse
from cli.asking import only_one, takes_an_account
from cli.examples import show_examples
from cli.exits import FAILED
from cli.reporters import laddertext
from cli.reporters.machine import write_json
from cli.rulesetfiles import load_compiled
from engine.evaluation.decide import next_action
from engine.evaluation.program import Compiled
from engine.evaluation.timeline import NOON, Executed, run_timeline
from engine.model.account import AccountInvalid, RulesetsOverlap
from engine.words.phrases import lower_first
from pages import timelinepicture
from pages.ladder import read_ladder


def read_day(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.date | None:
    """Return a date."""
    del context, parameter
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"“{value}” is not a date; write 2026-03-06.") from None


@click.command(
    "timeline",
    epilog=show_examples(
        ("dunning timeline --ruleset first.yaml --account anna.yaml", "a table"),
        ("dunning timeline --ruleset first.yaml --account anna.yaml --format svg > ladder.svg", ""),
    ),
)
@takes_an_account
@click.option(
    "--from",
    "first",
    metavar="DATE",
    callback=read_day,
    envvar="DUNNING_FROM",
    show_envvar=True,
    help="The first day asked; left out, that of the account file's as_of, else today.",
)
@click.option(
    "--until",
    metavar="DATE",
    callback=read_day,
    envvar="DUNNING_UNTIL",
    show_envvar=True,
    help="The last day asked; left out, the end of the ladder.",
)
@click.option(
    "--executed",
    type=click.Choice(["asked", "scheduled"]),
    default="scheduled",
    envvar="DUNNING_EXECUTED",
    show_envvar=True,
    help="When what wins is taken as carried out: at once, as in suites, or when it is scheduled for.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "svg"]),
    default="text",
    envvar="DUNNING_TIMELINE_FORMAT",
    show_envvar=True,
    help="A table, a list for programs, or a picture: `--format svg > ladder.svg`.",
)
def command(  # noqa: PLR0913  # one for each flag
    *,
    ruleset_path: Path,
    account_path: Path,
    history_path: Path | None,
    outcomes_path: Path | None,
    track: str,
    first: dt.date | None,
    until: dt.date | None,
    executed: Executed,
    form: str,
) -> None:
    """Show what happens to one account if nobody pays: every action to the end of the ladder.

    Each day is asked at noon; what wins is taken as carried out when it is scheduled for, so that the next step
    follows. Shown is the day on which it happens; fees charged stay in what is claimed. Facts hold on the account's
    facts_on day, left out on the first day.

    Ends with 1 if the account cannot be decided on, and with 3 if a ruleset is invalid.
    """
    rulesets = load_compiled(ruleset_path)
    subject = read_subject(account_path, history_path, outcomes_path, rulesets)
    begun_on = first or subject.ask(subject.as_of or dt.datetime.now(dt.UTC)).day
    if until is not None and until < begun_on:
        raise click.UsageError(f"--until {until} lies before --from {begun_on}.")
    try:
        steps = run_timeline(
            rulesets,
            subject.account,
            subject.history,
            outcomes=subject.outcomes,
            first=begun_on,
            until=until,
            track=track,
            ruleset=only_one(rulesets),
            executed=executed,
        )
    except AccountInvalid as invalid:
        raise refuse(account_path, subject, invalid) from None
    except RulesetsOverlap as overlap:
        click.echo(f"{overlap}; make their applies_to disjoint, or name one file with --ruleset.", err=True)
        raise SystemExit(FAILED) from None
    if form == "json":
        click.echo(
            write_json([{"on": step.on, "decision": step.decision, "entry": step.entry} for step in steps]), nl=False
        )
        return
    titles = {one.ruleset.id: one.ruleset.title for one in rulesets}
    ladder = read_ladder(str(subject.account.get("id", "")), titles, steps)
    if not steps:
        why = _tell_uncovered(rulesets, subject, begun_on, track) or "`dunning decide --explain full` says why."
        click.echo(f"Nothing happens from {begun_on} on; {why}", err=True)
    click.echo(timelinepicture.write_svg(ladder) if form == "svg" else laddertext.write_table(ladder), nl=False)


def _tell_uncovered(rulesets: Sequence[Compiled], subject: Subject, day: dt.date, track: str) -> str | None:
    """Return what keeps an account out of every ruleset, None where one covers it."""
    at = dt.datetime.combine(day, NOON, ZoneInfo(rulesets[0].ruleset.timezone))
    decision = next_action(
        rulesets, subject.account, subject.history, as_of=at, track=track, ruleset=only_one(rulesets), is_live=False
    )
    return f"{lower_first(decision.reason or '')}." if decision.outcome == "not_covered" else None
