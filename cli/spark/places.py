"""Files as Spark lists them, wherever they lie: what stands at a place, and the hash of each."""

import re
from collections.abc import Iterable, Iterator

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql

from cli.bulk.plan import Input

_OURS = re.compile(r"part-[^/]*\.parquet")


def list_files(session: SparkSession, place: str) -> tuple[Input, ...]:
    """Return the files below a place, by path; those whose names begin with _ or a dot are passed over."""
    found = _open(session, place)
    if found is None:
        return ()
    rows = found.select("path", "length", sql.unix_micros("modificationTime").alias("changed")).collect()
    files = (Input(path=row.path, form="parquet", size=row.length, changed_at_ns=row.changed * 1000) for row in rows)
    return tuple(sorted(files, key=lambda each: each.path))


def find_other(files: Iterable[Input]) -> str | None:
    """Return the name of a file that no run of Spark has written, None where there is none."""
    names = (each.path.rpartition("/")[2] for each in files)
    return next((name for name in names if not _OURS.fullmatch(name)), None)


def hash_files(session: SparkSession, place: str) -> Iterator[tuple[str, str]]:
    """Yield the SHA-256 of each file below a place with its path, by path; the cluster reads them."""
    found = _open(session, place)
    if found is not None:
        rows = found.select("path", sql.sha2("content", 256).alias("digest")).collect()
        yield from sorted(((row.digest, row.path) for row in rows), key=lambda each: each[1])


def _open(session: SparkSession, place: str) -> DataFrame | None:
    try:
        return session.read.format("binaryFile").option("recursiveFileLookup", "true").load(place)
    except AnalysisException as problem:
        if problem.getCondition() == "PATH_NOT_FOUND":
            return None
        raise
