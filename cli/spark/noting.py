"""What a run on a cluster read and wrote, as hashes for the log; the cluster reads the files for them."""

import hashlib

import msgspec
from pyspark.sql import SparkSession

from cli.bulk.beginning import Asked
from cli.bulk.plan import Plan, RunRefused
from cli.spark.cluster import Cluster, Noted
from cli.spark.frames import is_table
from cli.spark.places import hash_files


def check_hashable(asked: Asked) -> None:
    """Raise RunRefused where something is read that has no hash."""
    for written in (asked.accounts, *asked.beside.values()):
        if is_table(written):
            raise RunRefused(
                f"--log run logs the hashes of files, and {written} is none; read its files, or leave it out."
            )


def note_answer(session: SparkSession, plan: Plan, asked: Asked, cluster: Cluster) -> Noted:
    """Return the hashes of a run whose answer stands, and list those of what it read beside the decisions."""
    subject = hashlib.sha256(msgspec.json.encode(plan))
    for digest, _ in hash_files(session, cluster.out):
        subject.update(bytes.fromhex(digest))
    read = [line for written in (asked.accounts, *asked.beside.values()) for line in hash_files(session, written)]
    lines = [f"{digest}  {path}" for digest, path in read]
    listed = session.createDataFrame([(line,) for line in lines], "value string").coalesce(1)
    listed.write.mode("overwrite").text(cluster.beside("inputs"))
    return Noted(subject=subject.hexdigest(), inputs="".join(f"{line}\n" for line in lines))
