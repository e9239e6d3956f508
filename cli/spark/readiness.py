"""What Spark needs on this machine, found to be there before anything of it is imported."""

import os
import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.bulk.plan import RunRefused

RELEASE = "4"
"""The release of Spark that this is written for and tried with."""
REMOTE = "spark.remote"
_NO_PYSPARK = "--engine spark needs pyspark {release}, and {found}; install dunning with its extra: dunning[spark]."
_NO_JAVA = (
    "--engine spark needs Java 17 or later, and there is no program java, neither on the PATH nor where JAVA_HOME says;"
    " install one. With Spark Connect none is needed here: --spark spark.remote=sc://HOST:15002"
)


def check_spark(settings: Mapping[str, str]) -> None:
    """Raise RunRefused where pyspark or Java is missing, or of another release."""
    try:
        found = version("pyspark")
    except PackageNotFoundError:
        raise RunRefused(_NO_PYSPARK.format(release=RELEASE, found="it is not installed")) from None
    if found.split(".")[0] != RELEASE:
        raise RunRefused(_NO_PYSPARK.format(release=RELEASE, found=f"{found} is installed"))
    if not find_remote(settings).startswith("sc://") and not _has_java():
        raise RunRefused(_NO_JAVA)


def find_remote(settings: Mapping[str, str]) -> str:
    """Return the address of the Spark Connect server that is asked for, empty where none is."""
    return settings.get(REMOTE) or os.environ.get("SPARK_REMOTE", "")


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").is_file() if home else shutil.which("java") is not None
