"""`dunning recovery`: what dunning brought in, and all that is owed."""

import datetime as dt
from pathlib import Path

import rich_click as click

from api import recoverycsv
from api.recovering import Made, make_stored_report
from cli.auditing import describe_filters, note_access, with_store
from cli.debtorfiles import make_file_report, read_timezone
from cli.examples import show_examples
from cli.options import LogOptions, store_options
from cli.periods import read_day
from cli.reporters import recoveryhtml, recoverytext
from cli.reporters.machine import write_json
from engine.recovery.figures import WITHIN_DAYS
from engine.recovery.grouping import BYS
from engine.recovery.report import Asked
from store.store import Store

_SHAPES = ("table", "csv", "json", "html")
_WRITERS = {
    "table": recoverytext.write,
    "csv": lambda made: recoverycsv.write(made.tell()),
    "html": recoveryhtml.write,
}


@click.command(
    "recovery",
    epilog=show_examples(
        ("dunning recovery --by rule", "of everything that is stored"),
        ("dunning recovery accounts.ndjson --as-of 2026-10-31 --by month", "of files, without a database"),
        ("dunning recovery --format html > recovery.html", "with pictures"),
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]…")
@store_options
@click.option("--by", type=click.Choice(BYS), help="What the rows are split by.")
@click.option("--from", "from_on", type=read_day, metavar="DATE", help="The first opening day of the cases.")
@click.option("--to", "to_on", type=read_day, metavar="DATE", help="The last one, itself included.")
@click.option("--as-of", "as_of", type=read_day, metavar="DATE", help="The day that the figures are of; today.")
@click.option(
    "--within",
    "within_days",
    default=WITHIN_DAYS,
    show_default=True,
    type=click.IntRange(min=0, max=365),
    help="Days in which money is “after” an action.",
)
@click.option("--timezone", default="UTC", show_default=True, help="Of accounts in files that name none.")
@click.option("--format", "shape", type=click.Choice(_SHAPES), default="table", help="How it is printed.")
@click.pass_context
def command(  # noqa: PLR0913  one for each option
    context: click.Context,
    /,
    *,
    paths: tuple[Path, ...],
    database_url: str | None,
    data: Path,
    by: str | None,
    from_on: dt.date | None,
    to_on: dt.date | None,
    as_of: dt.date | None,
    within_days: int,
    timezone: str,
    shape: str,
) -> None:
    """Say what dunning brought in: cases, recovered money, days to pay, promises, and all that is owed.

    Without a FILE it reads the database, and that it was read is put into the access log. A FILE is NDJSON: accounts,
    each with its `history` and `outcomes`; lines of one account follow each other, and `recorded_at` says when each was
    known. Figures as of a past day do not change afterwards.
    """
    asked = Asked(
        as_of=as_of or dt.datetime.now(dt.UTC).date(),
        by=next((each for each in BYS if each == by), None),
        from_on=from_on,
        to_on=to_on,
        within_days=within_days,
    )
    if asked.from_on is not None and asked.from_on > asked.last_on:
        raise click.UsageError(f"--from {asked.from_on} is after {asked.last_on}, the last opening day asked about.")
    if paths:
        made = make_file_report(paths, asked, read_timezone(timezone))
    else:
        made = _read_stored(
            context, asked, LogOptions(database_url=database_url, data=data, log_key=None, log_key_file=None)
        )
    click.echo(write_json(made.tell()) if shape == "json" else _WRITERS[shape](made), nl=False)
    if made.unreadable:
        click.echo(f"{made.unreadable:,} accounts cannot be read and are in no figure; the first of them:", err=True)
        for each in made.unreadable_first:
            click.echo(f"  {each.account_id} {each.message}", err=True)


def _read_stored(context: click.Context, asked: Asked, options: LogOptions) -> Made:
    async def read(store: Store) -> Made:
        shown = {"by": asked.by, "from": asked.from_on, "to": asked.to_on, "as_of": asked.as_of}
        await note_access(store, context, describe_filters(**shown))
        return await make_stored_report(store.database.url, asked)

    return with_store(options, read)
