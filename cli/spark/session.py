"""The session of Spark that a run is carried out in."""

import os
import sys
from collections.abc import Mapping

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from cli.bulk.plan import RunRefused
from cli.spark.readiness import find_remote

_NOT_BEGUN = "Spark did not begin: {said}. What Java says of it is above; Spark 4 needs Java 17 or later."
_PYTHON = "spark.pyspark.python"
_ARCHIVES = "spark.archives"
_USUAL = {
    "spark.log.level": "ERROR",  # it warns of what is asked for on purpose
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
}
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",  # instants are handed over as they are
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # plan=007 is a text, not a number
}


def open_session(settings: Mapping[str, str]) -> SparkSession:
    """Return the session that Spark's own settings ask for, or the one that this process has.

    Workers have this Python where nothing else is asked for. Raises RunRefused where Spark does not begin.
    """
    # A driver that is no spark-submit reads the variable alone.
    os.environ["PYSPARK_PYTHON"] = settings.get(_PYTHON) or os.environ.get("PYSPARK_PYTHON") or sys.executable
    chosen = {**_USUAL, "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(), **settings, **_ALWAYS}
    builder = SparkSession.builder.appName("dunning run").config(map=chosen)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError, ImportError) as problem:
        raise RunRefused(_NOT_BEGUN.format(said=f"{problem}".rstrip("."))) from problem
    if find_remote(settings) and _ARCHIVES in settings:
        session.addArtifacts(
            *settings[_ARCHIVES].split(","), archive=True
        )  # which a server takes from its clients only
    return session
