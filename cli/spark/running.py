"""A run on a cluster, from what is asked to its answer."""

import re
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import from_arrow_schema

from cli.bulk.beginning import Asked
from cli.bulk.plan import Plan, RunRefused
from cli.bulk.running import Ran
from cli.bulk.tally import Tally, join_tallies
from cli.rulesetfiles import Files
from cli.spark.cluster import Cluster, Noted
from cli.spark.deciding import COUNTS, REFUSED, Work, decide_batches, make_schema
from cli.spark.frames import count_lost
from cli.spark.noting import check_hashable, note_answer
from cli.spark.planning import prepare
from cli.spark.session import open_session
from engine.evaluation.rulesets import Rulesets

Note = Callable[[Plan, Tally, Noted], None]


def run_on_spark(cluster: Cluster, asked: Asked, rulesets: Rulesets, files: Files, note: Note | None) -> Ran:
    """Carry a run out on a cluster; ``note`` logs it. RunRefused where it cannot be."""
    if note is not None:
        check_hashable(asked)
    session = open_session(cluster.settings)
    try:
        run = prepare(session, cluster, asked, rulesets, files)
        tally = _carry_out(run.accounts, run.work, cluster)
        lost = {name: count_lost(run.accounts, rows) for name, rows in run.beside.items()}
        if note is not None:
            note(run.plan, tally, note_answer(session, run.plan, asked, cluster))
    except PySparkException as problem:
        raise RunRefused(f"Spark could not carry the run out: {_explain(problem)}") from problem
    return Ran(plan=run.plan, tally=tally, units_kept=0, lost=lost)


def _carry_out(accounts: DataFrame, work: Work, cluster: Cluster) -> Tally:
    """Decide, and write decisions and refused accounts; no account is decided twice, unless a machine is lost."""
    schema = from_arrow_schema(make_schema(work.columns, work.carried))
    # Three things come out of one pass, and are written one after the other: the cluster keeps them on its disks.
    done = accounts.mapInArrow(partial(decide_batches, work), schema).persist(StorageLevel.DISK_ONLY)
    try:
        decisions = done.where(sql.isnull(REFUSED) & sql.isnull(COUNTS)).drop(REFUSED, COUNTS)
        _write(decisions, cluster.out, cluster.partition_by)
        counts = done.where(sql.isnotnull(COUNTS)).select(COUNTS).collect()
        # These come last, as what was there went away with the decisions: where they are whole, all is.
        _write(done.where(sql.isnotnull(REFUSED)).select(f"{REFUSED}.*"), cluster.beside("refused"), ())
    finally:
        done.unpersist()
    return join_tallies(msgspec.json.decode(row[0], type=Tally) for row in counts)


def _write(frame: DataFrame, place: str, partition_by: Sequence[str]) -> None:
    """Replace what stands at a place, whole: to do it again changes nothing."""
    options = {"compression": "zstd", "partitionOverwriteMode": "static"}
    frame.write.mode("overwrite").options(**options).partitionBy(*partition_by).parquet(place)


def _explain(problem: PySparkException) -> str:
    """Return the line that says what went wrong; where it was a worker that said it, in our words."""
    said = f"{problem}"
    ours = re.findall(rf"{RunRefused.__name__}: (.+)", said)
    return ours[-1] if ours else said.partition("\n")[0].strip()
