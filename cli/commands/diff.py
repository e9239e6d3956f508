"""`dunning diff`: what changes between two versions of rulesets, in what is written and in what is decided."""

import rich_click as click

from cli.comparing import BrokenError, compare_places
from cli.exits import DIFFERENT, RULESET_INVALID
from cli.reporters import diffhtml, diffmarkdown, difftext
from cli.reporters.diffwords import is_different
from cli.reporters.machine import write_json
from cli.revisions import NothingThereError, read_place
from engine.comparison.compare import DEFAULT_BUDGET
from engine.comparison.difference import Difference
from engine.comparison.verdict import say_verdict


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
def command(  # one parameter an option
    *, old: str, new: str, form: str, exit_code: bool, allow_missing: bool, is_all: bool, budget: int
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

    Ends with 3 if a ruleset is invalid (Markdown then says so, to take the place of an earlier comment) and, with
    --exit-code, with 5 if some decision may differ or the comparison did not finish.
    """
    try:
        compared = compare_places(read_place(old), read_place(new), budget=budget)
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
    if form == "json":
        click.echo(write_json([_answer(each) for each in differences]), nl=False)
    elif form == "markdown":
        click.echo(diffmarkdown.write_markdown(differences, is_all=is_all), nl=False)
    elif form == "html":
        click.echo(diffhtml.write_html(compared, old=old, new=new), nl=False)
    else:
        click.echo(difftext.write_text(differences, is_all=is_all), nl=False)
    if exit_code and is_different(differences):
        raise SystemExit(DIFFERENT)


def _answer(difference: Difference) -> dict[str, object]:
    return {
        "ruleset": difference.id,
        "verdict": say_verdict(difference),
        "is_behaviour_same": difference.is_behaviour_same,
        "is_finished": difference.is_finished,
        "difference": difference,
    }
