"""A run on a cluster before its first account: what is asked is found to be possible, and becomes a plan."""

import datetime as dt
from collections.abc import Iterator

import msgspec
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from cli.bulk.beginning import Asked, check_columns, find_source_misfits, find_wanted, refuse_misfits, write_as_of
from cli.bulk.beside import KEY, find_part_misfits
from cli.bulk.carrying import make_ask
from cli.bulk.places import form_of, hide_secrets
from cli.bulk.plan import Beside, Input, Plan, RunRefused
from cli.rulesetfiles import Files
from cli.spark.cluster import Cluster
from cli.spark.deciding import FILE, ROW, Work
from cli.spark.frames import attach, is_table, list_columns, read_frame
from cli.spark.places import find_other, list_files
from engine.evaluation.rulesets import Rulesets
from engine.portfolio.decisions import COLUMNS


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A run that can be carried out: its plan, the accounts with what stands beside them, and what workers are sent.

    ``beside`` is what stands beside them, as it was before it was joined to them.
    """

    plan: Plan
    accounts: DataFrame
    beside: dict[str, DataFrame]
    work: Work


def prepare(session: SparkSession, cluster: Cluster, asked: Asked, rulesets: Rulesets, files: Files) -> Prepared:
    """Return the run that is asked for; RunRefused with everything that stands in its way."""
    _check_out(session, cluster)
    accounts, wanted = read_frame(session, asked.accounts), find_wanted(rulesets)
    columns = list_columns(accounts)
    plan = _make_plan(session, cluster, asked, rulesets)
    beside = {name: _read_beside(session, asked, plan, name) for name in asked.beside}
    misfits = dict.fromkeys(find_source_misfits(columns, _list_keys(plan.inputs), "parquet", asked, wanted))
    for name, rows in beside.items():
        misfits |= dict.fromkeys(_find_beside_misfits(name, rows, plan, wanted))
    refuse_misfits(misfits, plan.source)
    carried = _find_carried(cluster, columns)
    read = tuple(name for name in wanted.names if name in columns.names and name not in asked.leave_out)
    places = (name for name in (FILE, ROW) if name in accounts.columns)
    whole = accounts.select(*dict.fromkeys((*read, *carried, *places)))
    for name, rows in beside.items():
        whole = attach(whole, rows, name)
    work = Work(
        files=files,
        digests=plan.rulesets,
        ask=make_ask(plan),
        read=(*read, *beside),
        columns=plan.columns,
        carried=carried,
    )
    return Prepared(plan=plan, accounts=whole, beside=beside, work=work)


def _check_out(session: SparkSession, cluster: Cluster) -> None:
    if form_of(cluster.out) is not None:
        raise RunRefused(f"{cluster.shown}: --engine spark writes Parquet into a folder; give --out the name of one.")
    files = list_files(session, cluster.out)
    if files and not cluster.overwrites:
        raise RunRefused(f"{cluster.shown} is there already; give another --out, or replace it by --overwrite.")
    if (other := find_other(files)) is not None:
        raise RunRefused(
            f"{cluster.shown} holds {other}, which no run has written; move it away, or give another --out."
        )


def _make_plan(session: SparkSession, cluster: Cluster, asked: Asked, rulesets: Rulesets) -> Plan:
    more = (name for name in cluster.partition_by if name in COLUMNS and name not in asked.columns)
    return Plan(
        rulesets={one.ruleset.id: one.ruleset.digest for one in rulesets.compiled},
        track=asked.track,
        as_of=write_as_of(asked.as_of or dt.datetime.now(dt.UTC)),
        columns=check_columns((*asked.columns, *more)),
        form="parquet",
        leave_out=asked.leave_out,
        source=hide_secrets(asked.accounts),
        inputs=_list_inputs(session, asked.accounts),
        units=(),  # Spark cuts its own
        beside={
            name: Beside(source=hide_secrets(written), inputs=_list_inputs(session, written))
            for name, written in asked.beside.items()
        },
    )


def _list_inputs(session: SparkSession, written: str) -> tuple[Input, ...]:
    return () if is_table(written) else list_files(session, written)


def _list_keys(inputs: tuple[Input, ...]) -> frozenset[str]:
    """Return the columns that stand in the paths of files."""
    folders = (folder for each in inputs for folder in each.path.split("/")[:-1])
    return frozenset(folder.partition("=")[0] for folder in folders if "=" in folder)


def _read_beside(session: SparkSession, asked: Asked, plan: Plan, name: str) -> DataFrame:
    return read_frame(session, asked.beside[name]).drop(*asked.leave_out, *_list_keys(plan.beside[name].inputs))


def _find_beside_misfits(name: str, rows: DataFrame, plan: Plan, wanted: pa.Schema) -> Iterator[str]:
    parts = list_columns(rows)
    if KEY in parts.names:
        yield from find_part_misfits(name, [part for part in parts if part.name != KEY], wanted)
    else:
        yield f"{plan.beside[name].source} has no column {KEY}, which says whose each row is"


def _find_carried(cluster: Cluster, accounts: pa.Schema) -> dict[str, pa.DataType]:
    """Return the columns of accounts by which decisions are laid into folders."""
    named = [name for name in cluster.partition_by if name not in COLUMNS]
    for name in named:
        if name not in accounts.names:
            raise RunRefused(f"--partition-by {name} names a column neither of decisions nor of the accounts.")
    return {name: accounts.field(name).type for name in named}
