"""Accounts as Spark reads them: a dataset or a table, with what stands beside them."""

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import to_arrow_schema

from cli.bulk.beside import KEY
from cli.bulk.places import form_of, hide_secrets
from cli.bulk.plan import RunRefused
from cli.spark.deciding import FILE, ROW

TABLE = "table:"
"""What stands before the name of a table of Spark's catalogue."""


def read_frame(session: SparkSession, written: str) -> DataFrame:
    """Return a dataset of Parquet or a table of the catalogue, each row with its file and its place in it, if known.

    Raises RunRefused where there is none.
    """
    if form_of(written) not in {None, "parquet"}:
        raise RunRefused(f"{hide_secrets(written)}: --engine spark reads Parquet and tables; leave --engine out.")
    try:
        if is_table(written):
            return session.table(written.removeprefix(TABLE))
        found = session.read.option("mergeSchema", "true").parquet(written)
        return found.select("*", _metadata("file_path").alias(FILE), _metadata("row_index").alias(ROW))
    except AnalysisException as problem:
        if problem.getCondition() == "PATH_NOT_FOUND":
            raise RunRefused(f"{hide_secrets(written)} is not there.") from problem
        said = f"{problem}".partition("\n")[0].rstrip(".")
        raise RunRefused(f"{hide_secrets(written)} cannot be read by Spark: {said}.") from problem


def is_table(written: str) -> bool:
    """Tell whether a source is a table of Spark's catalogue."""
    return written.startswith(TABLE)


def list_columns(frame: DataFrame) -> pa.Schema:
    """Return the columns of a source as Arrow's, without what says where its rows stand."""
    schema: pa.Schema = to_arrow_schema(frame.schema)
    return pa.schema([field for field in schema if field.name not in {FILE, ROW}])


def attach(accounts: DataFrame, rows: DataFrame, name: str) -> DataFrame:
    """Return accounts with the list of the rows that belong to each, in the order in which those stand in their files.

    Rows of a table, which have no place, are in the order of their values.
    """
    parts = [column for column in rows.columns if column not in {KEY, FILE, ROW}]
    row = sql.struct(*parts).alias("row")
    placed = sql.struct(*(sql.col(each) for each in (FILE, ROW) if each in rows.columns), row)
    by_account = rows.groupBy(rows[KEY].cast("string").alias(KEY)).agg(
        sql.sort_array(sql.collect_list(placed)).alias("placed")
    )
    lists = by_account.select(
        sql.col(KEY).alias(f"_{KEY}"), sql.transform("placed", lambda one: one["row"]).alias(name)
    )
    joined = accounts.join(lists, accounts["id"].cast("string") == lists[f"_{KEY}"], "left").drop(f"_{KEY}")
    return joined.withColumn(name, sql.coalesce(sql.col(name), sql.array()))


def count_lost(accounts: DataFrame, rows: DataFrame) -> int:
    """Return how many rows belong to no account."""
    ids = accounts.select(accounts["id"].cast("string").alias(f"_{KEY}"))
    return int(rows.join(ids, rows[KEY].cast("string") == ids[f"_{KEY}"], "left_anti").count())


def _metadata(name: str) -> Column:
    return sql.col(f"_metadata.{name}")
