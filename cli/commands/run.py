"""`dunning run`: the next action of every account of a file, a folder or a table."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import msgspec
import rich_click as click
from click.core import ParameterSource

from cli.bulk.answers import find_answer, find_fetch, find_form, find_note, log_line
from cli.bulk.beginning import Asked
from cli.bulk.decisionlogging import check_published
from cli.bulk.places import hide_secrets
from cli.bulk.plan import FORMS, Form, Plan, RunRefused
from cli.bulk.running import Course, Ran, run
from cli.bulk.tally import Tally
from cli.bulk.watching import watch
from cli.bulk.workfolder import ENDING
from cli.bulk.writing import write_bytes
from cli.commands.decide import read_as_of
from cli.examples import show_examples
from cli.options import LogOptions, log_options
from cli.reporters.runhtml import write_report
from cli.reporters.runtext import write_summary
from cli.rulesetfiles import load_compiled, read_files
from cli.spark.cluster import Cluster, Noted
from cli.spark.readiness import check_spark
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.asking import ALL_COLUMNS

DEFAULT_UNIT_ROWS = 200_000
_HERE_ALONE = ("refused", "to", "workers", "join", "unit_rows")
_ON_SPARK_ALONE = ("settings", "partition_by")


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """Where decisions and refused accounts are, as it is said."""

    out: str
    refused: str


@click.command(
    "run",
    epilog=show_examples(
        ("dunning run --rulesets rulesets --accounts accounts.parquet --out decisions.parquet", ""),
        ("dunning run --rulesets rulesets --accounts accounts.ndjson --out decisions.csv --as-of 2026-11-20", ""),
        ("dunning run --rulesets rulesets --accounts s3://lake/accounts/ --out decisions/ --workers 8", ""),
        (
            "dunning run … --engine spark --spark spark.master=yarn --accounts s3a://lake/accounts --out s3a://lake/today",
            "",
        ),
        ("dunning run … --columns account_id,rule,action,channel,scheduled_on,claim_total,currency", ""),
    ),
)
@click.option(
    "--rulesets",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    envvar="DUNNING_RULESETS",
    show_envvar=True,
    help="The rulesets: a folder, of which the one that covers an account decides, or one file.",
)
@click.option(
    "--accounts",
    required=True,
    metavar="FILE|FOLDER|ADDRESS",
    help="Parquet, CSV or NDJSON: a file, a folder of them (also in folders named key=value), s3://, gs://, abfs://; a"
    " table, as postgresql://host/database?table=schema.name; or “stored”: the accounts of the service itself.",
)
@click.option(
    "--invoices",
    metavar="FILE|FOLDER|ADDRESS",
    help="Invoices in files of their own, a row an invoice, with the column account_id; held in memory.",
)
@click.option(
    "--history",
    metavar="FILE|FOLDER|ADDRESS",
    help="What was executed, a row an entry, with the column account_id; held in memory.",
)
@click.option(
    "--out",
    required=True,
    metavar="FILE|FOLDER|ADDRESS",
    help="Where decisions go: a file that ends with .parquet, .csv or .ndjson, a folder of parts, or a table, which is"
    " made anew.",
)
@click.option(
    "--as-of",
    metavar="DATE|INSTANT",
    callback=read_as_of,
    envvar="DUNNING_AS_OF",
    show_envvar=True,
    help="When it is asked: a date (its first moment for each account) or an instant with its offset; else now.",
)
@click.option("--track", default="dunning", help="Which rulesets are asked; a single one is, whatever its track.")
@click.option(
    "--columns",
    metavar="NAME,…",
    help="The columns of decisions that are written, in this order; left out, all.",
)
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="A column of the accounts that is no fact.")
@click.option("--to", type=click.Choice(FORMS), help="The form of a folder's parts.  [default: parquet]")
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where accounts that cannot be decided on go, as CSV with every reason.  [default: beside --out]",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes that decide; one a core.")
@click.option(
    "--join",
    is_flag=True,
    help="Share the work with others who begin the same command with --join, on this machine or on others that see the"
    " same folder.",
)
@click.option(
    "--engine",
    type=click.Choice(["columns", "spark"]),
    default="columns",
    help="What decides: processes of this machine, by columns, or a cluster; Spark needs the extra dunning[spark].",
)
@click.option(
    "--spark",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of Spark's own, such as spark.master=yarn or spark.remote=sc://HOST:15002.",
)
@click.option(
    "--partition-by",
    metavar="NAME,…",
    help="With Spark: lay decisions into folders NAME=value, by columns of decisions or of the accounts.",
)
@click.option("--overwrite", is_flag=True, help="Replace what stands at --out, and forget a run that was stopped.")
@click.option(
    "--unit-rows",
    type=click.IntRange(min=1),
    default=DEFAULT_UNIT_ROWS,
    help="Accounts a unit: what is lost at most for each process when a run is stopped.",
)
@click.option(
    "--log",
    type=click.Choice(["none", "run", "decisions"]),
    default="none",
    help="Log the run as one line of the decision log (rulesets, hashes of what was read and written, counts, money),"
    " or every decision like any other: the rulesets must then be published, and accounts are decided one by one.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the summary as a page with pictures, for a browser.",
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How the summary is said.")
@log_options
@click.pass_context
def command(  # noqa: PLR0913  one parameter an option
    context: click.Context,
    /,
    *,
    options: LogOptions,
    rulesets: Path,
    accounts: str,
    invoices: str | None,
    history: str | None,
    out: str,
    as_of: dt.datetime | dt.date | None,
    track: str,
    columns: str | None,
    leave_out: tuple[str, ...],
    to: Form | None,
    refused: Path | None,
    workers: int,
    join: bool,
    engine: str,
    settings: tuple[str, ...],
    partition_by: str | None,
    overwrite: bool,
    unit_rows: int,
    report: Path | None,
    log: str,
    shape: str,
) -> None:
    """Decide the next dunning action for every account of a file, a folder or a table.

    A row is an account: its columns are id, currency, timezone, party, facts_on, and each fact by its name; invoices
    and history are lists of structs, or their JSON as text. A line of NDJSON is an account's document, with its history
    in it. Amounts are decimals or text, never floats. A column that is no fact is refused, so that no fact is misspelt
    in silence: name it with --leave-out.

    An account that cannot be decided on stops nobody else: it stands in the --refused file with every reason.

    The run may be stopped at any moment, by kill -9 or a loss of power as well: the same command goes on where it was,
    and the answer has the same bytes. What is done is kept in a folder beside --out until the answer is whole.

    Ends with 1 if the run cannot be done, and with 3 if a ruleset is invalid.
    """
    asked = Asked(
        accounts=accounts,
        beside={name: each for name, each in (("invoices", invoices), ("history", history)) if each is not None},
        as_of=as_of,
        track=track,
        columns=_split(columns) or ALL_COLUMNS,
        form="parquet",
        leave_out=leave_out,
        unit_rows=unit_rows,
    )
    try:
        if engine == "spark":
            _refuse_options(context, _HERE_ALONE, "columns")
            cluster = _read_cluster(settings, out, _split(partition_by), overwrites=overwrite)
            ran = _run_on_spark(cluster, asked, rulesets, options, log)
            answered = Answered(out=cluster.shown, refused=hide_secrets(cluster.beside("refused")))
        else:
            _refuse_options(context, _ON_SPARK_ALONE, "spark")
            answer, path = find_answer(out, refused, report)
            asked = msgspec.structs.replace(asked, form=find_form(answer, to))
            compiled = Rulesets(load_compiled(rulesets))
            course = Course(
                folder=path.with_name(path.name + ENDING),
                rulesets=rulesets,
                workers=workers,
                fetch=find_fetch(accounts, leave_out, compiled.compiled, context, options),
                note=find_note(path, options) if log == "run" else None,
                log=options if log == "decisions" else None,
                is_joining=join,
                begins_anew=overwrite,
            )
            if log == "decisions":
                check_published(options, compiled.compiled)
            ran = run(course, asked, answer, compiled, watch)
            answered = Answered(out=answer.shown, refused=str(answer.refused))
    except RunRefused as problem:
        raise click.ClickException(str(problem).rstrip()) from None
    if report is not None:
        write_bytes(report, write_report(ran, refused=answered.refused).encode())
    click.echo(_write(ran, answered, shape), nl=False)


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",")) if names else ()


def _refuse_options(context: click.Context, names: Iterable[str], engine: str) -> None:
    given = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        named = " and ".join("--spark" if name == "settings" else f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{named} {'is' if len(given) == 1 else 'are'} for --engine {engine} alone.")


def _read_cluster(settings: Iterable[str], out: str, partition_by: tuple[str, ...], *, overwrites: bool) -> Cluster:
    found = {}
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name.startswith("spark."):
            raise click.UsageError(f"--spark {setting}: a setting is spark.NAME=VALUE, such as spark.master=yarn")
        found[name] = value
    return Cluster(settings=found, out=out, partition_by=partition_by, overwrites=overwrites)


def _run_on_spark(cluster: Cluster, asked: Asked, rulesets: Path, options: LogOptions, log: str) -> Ran:
    if log == "decisions":
        raise RunRefused("A cluster logs a run, not each decision; give --log run, or leave it out.")
    check_spark(cluster.settings)
    from cli.spark.running import run_on_spark  # noqa: PLC0415  the extra is not everybody's

    def note(plan: Plan, tally: Tally, noted: Noted) -> None:
        log_line(options, plan, tally, subject=noted.subject, inputs=noted.inputs)

    compiled = Rulesets(load_compiled(rulesets))
    return run_on_spark(cluster, asked, compiled, read_files([rulesets]), note if log == "run" else None)


def _write(ran: Ran, answered: Answered, shape: str) -> str:
    if shape == "json":
        told = {
            "as_of": ran.plan.as_of,
            "rulesets": ran.plan.rulesets,
            "out": answered.out,
            "refused": answered.refused,
            "lost": ran.lost,
            "summary": ran.tally,
        }
        return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
    return write_summary(ran, out=answered.out, refused=answered.refused)
