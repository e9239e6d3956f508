"""`dunning diff`: what changes between two versions of rulesets, in what is written and in what is decided."""

import datetime as dt
from collections.abc import Sequence

import rich_click as click

from cli.commands.decide import read_as_of
from cli.comparing import BrokenError, compare_places
from cli.exits import DIFFERENT, RULESET_INVALID
from cli.options import LogOptions, log_options
from cli.reporters import diffmarkdown, difftext
from cli.reporters.machine import write_json
from cli.revisions import NothingThereError, read_place
from engine.comparison.compare import DEFAULT_BUDGET
from engine.comparison.difference import Difference
from engine.comparison.verdict import say_verdict
from pages import diffhtml
from pages.diffhtml import Compared
from pages.diffwords import is_different

MOST_DAYS = 366


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    envvar="DUNNING_DIFF_FORMAT",
    show_envvar=True,
    help="For a terminal, a pull request, a program, or a browser: `--format html > diff.html`.",
)
@click.option(
    "--exit-code",
    is_flag=True,
    envvar="DUNNING_DIFF_EXIT_CODE",
    show_envvar=True,
    help="End with 5 if some decision may differ.",
)
@click.option(
    "--allow-missing",
    is_flag=True,
    help="Where A or B holds no ruleset yet, as before the first commit, say so and end with 0; not where a path is"
    " nowhere, on disk as little as in git.",
)
@click.option("--all", "is_all", is_flag=True, help="Tell of every place, however many and however unusual.")
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=DEFAULT_BUDGET,
    envvar="DUNNING_DIFF_BUDGET",
    show_envvar=True,
    help="Comparisons to make for each ruleset and currency; when they are used up, it says “not finished”.",
)
@click.option(
    "--accounts",
    metavar="FILE|FOLDER|ADDRESS",
    help="Also decide these accounts by both, and show what changes for how many and for how much; read as by"
    " `dunning run`, so that “stored” are those of the service.",
)
@click.option("--invoices", metavar="FILE|FOLDER|ADDRESS", help="Their invoices, where these have files of their own.")
@click.option("--history", metavar="FILE|FOLDER|ADDRESS", help="What was executed, where that has files of its own.")
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="A column of the accounts that is no fact.")
@click.option(
    "--as-of",
    metavar="DATE|INSTANT",
    callback=read_as_of,
    envvar="DUNNING_AS_OF",
    show_envvar=True,
    help="When the accounts are asked: a date or an instant with its offset; else now.",
)
@click.option(
    "--days",
    type=click.IntRange(0, MOST_DAYS),
    default=0,
    metavar="N",
    help="With --accounts: also what the next days bring if nobody pays, by day and channel, from --as-of on.",
)
@log_options
@click.pass_context
def command(  # noqa: PLR0913  one parameter an option
    context: click.Context,
    /,
    *,
    options: LogOptions,
    old: str,
    new: str,
    form: str,
    exit_code: bool,
    allow_missing: bool,
    is_all: bool,
    budget: int,
    accounts: str | None,
    invoices: str | None,
    history: str | None,
    leave_out: tuple[str, ...],
    as_of: dt.datetime | dt.date | None,
    days: int,
) -> None:
    """Compare two versions of a ruleset, or of a folder of them: A is the old one, B the new one.

    A and B are files, folders, or either as it was in git: `REV:path`, the path counted from the top of the repository,
    as in `dunning diff main:rulesets rulesets`.

    Besides what is written, it works out for exactly which accounts and histories the decision differs, what was
    decided and what is now, and shows a sample account for each, asked of both. "No behaviour change" is a proof: no
    account, whatever its history, is decided otherwise. The same behaviour is the same outcome, level, action with its
    parameters, and channel; the name of a rule, its title and its legal basis do not matter. A rule that was renamed
    is taken for the same in new episodes; what differs for accounts in the middle of one, whose history has the old
    name, is told apart.

    With --accounts it also decides every account of a file by A and by B: a matrix from answer to answer with counts
    and money, fees, contacts by channel, who is newly blocked or no longer covered, by segment, and the largest claims
    that are answered otherwise, each with both reasons. With --days as well, what the next days bring by either: each
    account is asked day by day, each action carried out when it is scheduled, and nothing is paid.

    Ends with 3 if a ruleset is invalid (Markdown then says so, to take the place of an earlier comment) and, with
    --exit-code, with 5 if some decision may differ or the comparison did not finish.
    """
    if days and accounts is None:
        raise click.UsageError("--days looks ahead for accounts: name them with --accounts.")
    places = None
    try:
        places = read_place(old), read_place(new)
        compared = compare_places(*places, budget=budget)
    except BrokenError as broken:
        if form == "markdown":  # takes the place of an earlier comment, which is true no more
            click.echo(diffmarkdown.write_broken(str(broken)), nl=False)
        click.echo(str(broken), err=True, nl=False)
        raise SystemExit(RULESET_INVALID) from None
    except NothingThereError as nothing:
        if not allow_missing:
            raise
        click.echo(f"{nothing.message} Nothing to compare with.", err=form == "json")
        compared = ()
    differences = tuple(each.difference for each in compared)
    if not compared and form != "json":
        return
    tried: str | dict[str, object] = {} if form == "json" else ""
    if accounts is not None and places is not None:
        # A diff without accounts needs no columns, and these take their time to load.
        from cli.bulk.impact import Trial  # noqa: PLC0415
        from cli.bulk.trying import try_change  # noqa: PLC0415

        beside = {name: each for name, each in (("invoices", invoices), ("history", history)) if each is not None}
        trial = Trial(accounts=accounts, beside=beside, leave_out=leave_out, as_of=as_of, days=days)
        tried = try_change(trial, *places, form, context, options)
    click.echo(_write(compared, tried, form, names=(old, new), is_all=is_all), nl=False)
    if exit_code and is_different(differences):
        raise SystemExit(DIFFERENT)


def _write(
    compared: Sequence[Compared], tried: str | dict[str, object], form: str, *, names: tuple[str, str], is_all: bool
) -> str:
    differences = tuple(each.difference for each in compared)
    if isinstance(tried, dict):
        told = [_answer(each) for each in differences]
        return write_json({"rulesets": told, "impact": tried} if tried else told)
    if form == "html":
        return diffhtml.write_html(compared, old=names[0], new=names[1], more=(tried,) if tried else ())
    if form == "markdown":
        return diffmarkdown.write_markdown(differences, is_all=is_all) + tried
    return difftext.write_text(differences, is_all=is_all) + tried


def _answer(difference: Difference) -> dict[str, object]:
    return {
        "ruleset": difference.id,
        "verdict": say_verdict(difference),
        "is_behaviour_same": difference.is_behaviour_same,
        "is_finished": difference.is_finished,
        "difference": difference,
    }
