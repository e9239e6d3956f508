"""`dunning decide`: one decision, without server and database."""

import datetime as dt
import sys
from pathlib import Path

import rich_click as click

from cli.accountfiles import read_subject, refuse
from cli.asking import only_one, takes_an_account
from cli.examples import show_examples
from cli.exits import FAILED
from cli.reporters import machine
from cli.reporters.decisiontext import write_decision
from cli.rulesetfiles import load_compiled
from engine.evaluation.decide import Level, next_action
from engine.evaluation.routing import parse_as_of
from engine.model.account import AccountInvalid, RulesetsOverlap


def read_as_of(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | dt.date | None:
    """Return the instant or day asked about, if one is."""
    del context, parameter
    if value is None:
        return None
    try:
        return parse_as_of(value)
    except AccountInvalid:
        raise click.BadParameter(
            f"“{value}” is neither a date (2026-11-20) nor an instant with its offset (2026-11-20T09:00:00+01:00)."
        ) from None


@click.command(
    "decide",
    epilog=show_examples(
        ("dunning decide --ruleset first.yaml --account anna.yaml --format text", ""),
        ("dunning decide --ruleset rulesets --account anna.yaml --as-of 2026-03-05 --explain rules", ""),
    ),
)
@takes_an_account
@click.option(
    "--as-of",
    metavar="DATE|INSTANT",
    callback=read_as_of,
    envvar="DUNNING_AS_OF",
    show_envvar=True,
    help="When it is asked: a date (its first moment) or an instant with its offset; else as its file says, or now.",
)
@click.option(
    "--explain",
    type=click.Choice(["none", "reason", "rules", "full"]),
    default="reason",
    envvar="DUNNING_EXPLAIN",
    show_envvar=True,
    help="Nothing; a sentence; for each earlier rule what it lacked; or also every fact and closed channel.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "text"]),
    envvar="DUNNING_DECIDE_FORMAT",
    show_envvar=True,
    help="For programs, or for people; left out, text on a terminal and JSON elsewhere.",
)
def command(
    *,
    ruleset_path: Path,
    account_path: Path,
    history_path: Path | None,
    outcomes_path: Path | None,
    track: str,
    as_of: dt.datetime | dt.date | None,
    explain: Level,
    form: str | None,
) -> None:
    """Say what the next dunning action for one account is.

    An account is a mapping of id, currency, invoices and facts; the facts that a ruleset needs and the account lacks
    are named in the refusal. Amounts are decimals, dates are written 2026-11-20.

    Ends with 1 if the account cannot be decided on, and with 3 if a ruleset is invalid.
    """
    rulesets = load_compiled(ruleset_path)
    subject = read_subject(account_path, history_path, outcomes_path, rulesets)
    at = as_of or subject.as_of or dt.datetime.now(dt.UTC)
    try:
        decision = next_action(
            rulesets,
            subject.account,
            subject.history,
            outcomes=subject.outcomes,
            as_of=at,
            track=track,
            ruleset=only_one(rulesets),
            explain=explain,
        )
    except AccountInvalid as invalid:
        raise refuse(account_path, subject, invalid) from None
    except RulesetsOverlap as overlap:
        click.echo(f"{overlap}; make their applies_to disjoint, or name one file with --ruleset.", err=True)
        raise SystemExit(FAILED) from None
    is_text = sys.stdout.isatty() if form is None else form == "text"
    click.echo(write_decision(decision) if is_text else machine.write_decision(decision), nl=False)
