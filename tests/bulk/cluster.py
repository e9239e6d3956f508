"""A real Spark of two cores on this machine, for tests."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from cli.bulk.plan import RunRefused
from cli.spark.readiness import check_spark

SETTINGS = (
    *("spark.master=local[2,3]", "spark.driver.host=127.0.0.1", "spark.driver.bindAddress=127.0.0.1"),
    *("spark.ui.enabled=false", "spark.sql.shuffle.partitions=2", "spark.driver.memory=1g"),
    "spark.sql.files.maxPartitionBytes=1m",
)
"""Two cores, and a task that fails is tried three times."""
ENGINE = ("--engine", "spark", *(part for setting in SETTINGS for part in ("--spark", setting)))


def need_spark() -> None:
    """Skip where there is no pyspark or no Java, but never in CI."""
    missing = find_missing()
    assert missing is None or "CI" not in os.environ, missing
    if missing is not None:
        pytest.skip(missing)


def find_missing() -> str | None:
    """What Spark needs and is not here."""
    try:
        check_spark({})
    except RunRefused as problem:
        return f"{problem}"
    return None


def serve_spark() -> Iterator[Sequence[str]]:
    """Yield the options of a run; the session that the first one begins is shared, and ends with all that it began."""
    need_spark()
    yield ENGINE
    from pyspark import SparkContext  # noqa: PLC0415  where it is installed

    context = SparkContext._active_spark_context  # noqa: SLF001  there is no other way to the process of Java
    if context is not None:
        gateway = context._gateway  # noqa: SLF001  as above
        context.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()  # Java ends with it
        gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001  as above


def read_dataset(path: Path) -> pa.Table:
    """The rows of a folder of Parquet, with the columns that its paths state, by account."""
    return pq.read_table(path, partitioning="hive").sort_by("account_id").combine_chunks()


def say_difference(one: pa.Table, other: pa.Table) -> list[str]:
    """The columns in which two datasets differ, none where they are the same."""
    assert one.column_names == other.column_names
    assert one.num_rows == other.num_rows
    alike = other.cast(one.schema)  # Spark and Arrow name the elements of lists differently
    return [name for name in one.column_names if not one[name].equals(alike[name])]
