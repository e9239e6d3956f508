"""`dunning run --engine spark` on a real Spark of two cores: it says what a run on one machine says."""

import asyncio
import contextlib
import hashlib
import importlib
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pytest
from pyarrow import csv
from pyarrow import parquet as pq

from bench.portfolio import vary
from cli.spark.deciding import Work, decide_batches
from engine.portfolio.columns import list_facts, make_schema
from engine.portfolio.spreading import spread
from store.store import Store
from store.verifying import verify_log
from tests.bulk.cluster import read_dataset, say_difference, serve_spark
from tests.bulk.running import make_accounts, make_rulesets, refuse, run, write_parquet
from tests.portfolio.batches import RULESETS, examples

pytestmark = pytest.mark.slow
ACCOUNTS = int(os.environ.get("DUNNING_SPARK_ACCOUNTS", "6000"))
_ROWS = 2_000


@pytest.fixture(scope="module")
def spark() -> Iterator[Sequence[str]]:
    """The options of a run on the Spark that the tests share."""
    yield from serve_spark()


def write_examples(folder: Path) -> Path:
    """Accounts of the six examples, with invoices and histories, in several files."""
    folder.mkdir()
    schema = make_schema(list_facts(examples()))
    for number, texts in enumerate(batched(vary(ACCOUNTS), _ROWS)):
        pq.write_table(pa.Table.from_batches([spread(texts, schema)]), folder / f"part-{number:05d}.parquet")
    return folder


def batched(texts: Iterator[str], size: int) -> Iterator[list[str]]:
    """Yield so many at a time."""
    while batch := list(itertools.islice(texts, size)):
        yield batch


def test_a_cluster_says_what_one_machine_says(tmp_path: Path, spark: Sequence[str]) -> None:
    """Every column of every account of the six examples, with invoices and histories."""
    accounts, here, there = write_examples(tmp_path / "accounts"), tmp_path / "here", tmp_path / "there"
    told_here, told_there = (run(RULESETS, accounts, out, *more) for out, more in ((here, ()), (there, spark)))
    assert say_difference(read_dataset(here), read_dataset(there)) == []
    assert told_there.replace(str(there), str(here)) == told_here


def test_who_is_refused_stands_aside(tmp_path: Path, spark: Sequence[str]) -> None:
    """With file, row and every reason, as on one machine; whoever reads the decisions does not see them."""
    rulesets, accounts = make_rulesets(tmp_path), tmp_path / "accounts.parquet"
    write_parquet(accounts, list(make_accounts(3000)))
    run(rulesets, accounts, tmp_path / "here.parquet")
    told = run(rulesets, accounts, tmp_path / "there", *spark)
    assert f"428 could not be decided on; {tmp_path}/there/_refused says why." in told
    here = csv.read_csv(tmp_path / "here.parquet.refused.csv").sort_by("row")
    there = pq.read_table(tmp_path / "there" / "_refused").sort_by("row")
    assert [unquote(urlsplit(file).path) for file in there["file"].to_pylist()] == here["file"].to_pylist()
    assert there.drop_columns("file").to_pylist() == here.drop_columns("file").to_pylist()
    assert say_difference(read_dataset(tmp_path / "here.parquet"), read_dataset(tmp_path / "there")) == []


def test_a_worker_is_killed(tmp_path: Path, spark: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its task is tried again: nothing is missing, doubled, or counted twice."""
    rulesets, accounts, mark = make_rulesets(tmp_path), tmp_path / "accounts.parquet", tmp_path / "killed"
    write_parquet(accounts, list(make_accounts(3000)))
    told = run(rulesets, accounts, tmp_path / "whole", *spark)
    # Workers cannot import a module of tests, so what is to die is sent to them as it is written here.
    importlib.import_module("pyspark.cloudpickle").register_pickle_by_value(sys.modules[__name__])
    monkeypatch.setattr("cli.spark.running.decide_batches", partial(die_once, mark))
    again = run(
        rulesets, accounts, tmp_path / "again", *spark, "--spark", "spark.sql.execution.arrow.maxRecordsPerBatch=500"
    )
    assert mark.exists()
    assert again.replace("again", "whole") == told
    assert say_difference(read_dataset(tmp_path / "whole"), read_dataset(tmp_path / "again")) == []
    one, other = (pq.read_table(tmp_path / name / "_refused").sort_by("row") for name in ("whole", "again"))
    assert one.equals(other)


def die_once(mark: Path, work: Work, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Decide, but let the first process that has handed over a batch be killed."""
    for batch in decide_batches(work, batches):
        yield batch
        with contextlib.suppress(FileExistsError):
            mark.touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)


def test_folders_are_named_by_columns(tmp_path: Path, spark: Sequence[str]) -> None:
    """Of decisions and of accounts; what is written again replaces all that was there, and nothing is left of it."""
    rulesets, accounts, out = make_rulesets(tmp_path), tmp_path / "accounts" / "country=NL", tmp_path / "out"
    write_parquet(accounts / "a.parquet", list(make_accounts(300)))
    write_parquet(tmp_path / "accounts" / "country=BE" / "b.parquet", list(make_accounts(700))[300:])
    columns = ("--columns", "account_id,rule,claim_total,currency")
    run(rulesets, tmp_path / "accounts", tmp_path / "here", *columns, "--leave-out", "country")
    named = ("--partition-by", "country,outcome", "--leave-out", "country", *columns)
    run(rulesets, tmp_path / "accounts", out, *spark, *named)
    first = read_dataset(out)
    assert {
        path.relative_to(out).parts[:2] for path in out.rglob("[!._]*.parquet") if "_refused" not in path.parts
    } == {
        (f"country={country}", f"outcome={outcome}") for country in ("NL", "BE") for outcome in ("act", "wait", "none")
    }
    assert say_difference(read_dataset(tmp_path / "here"), first.drop_columns(["country", "outcome"])) == []
    shutil.rmtree(tmp_path / "accounts" / "country=BE")
    assert "is there already" in refuse(rulesets, tmp_path / "accounts", out, *spark, *named)
    run(rulesets, tmp_path / "accounts", out, *spark, *named, "--overwrite")
    again = read_dataset(out)
    assert again.to_pylist() == [row for row in first.to_pylist() if row["country"] == "NL"]
    assert not (out / "country=BE").exists()


def test_nothing_else_is_replaced(tmp_path: Path, spark: Sequence[str]) -> None:
    """A folder that holds what no run has written is refused."""
    rulesets, accounts, out = make_rulesets(tmp_path), tmp_path / "accounts.parquet", tmp_path / "out"
    write_parquet(accounts, list(make_accounts(10)))
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    said = refuse(rulesets, accounts, out, *spark, "--overwrite")
    assert f"{out} holds mine.txt, which no run has written; move it away, or give another --out." in said
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_what_stands_beside_is_joined(tmp_path: Path, spark: Sequence[str]) -> None:
    """Invoices and histories in files of their own, in the order that they have there; what is nobody's is counted."""
    rulesets, accounts = make_rulesets(tmp_path), list(make_accounts(500))
    beside: dict[str, list[dict[str, object]]] = {"invoices": [], "history": []}
    for account in accounts:
        for name, rows in beside.items():
            rows += [each | {"account_id": account["id"]} for each in account.pop(name, [])]
    beside["history"].append(beside["history"][0] | {"account_id": "nobody"})
    write_parquet(tmp_path / "accounts.parquet", accounts)
    given = []
    for name, rows in beside.items():
        given += [f"--{name}", str(write_parquet(tmp_path / f"{name}.parquet", rows[::-1]))]
    here = run(rulesets, tmp_path / "accounts.parquet", tmp_path / "here", *given)
    there = run(rulesets, tmp_path / "accounts.parquet", tmp_path / "there", *given, *spark)
    assert "1 rows of --history belong to no account that was read." in there
    assert there.split("\n")[2:] == here.split("\n")[2:]
    assert say_difference(read_dataset(tmp_path / "here"), read_dataset(tmp_path / "there")) == []


def test_what_cannot_be_read_is_said(tmp_path: Path, spark: Sequence[str]) -> None:
    """In the words of a run on one machine, all at once; and nothing is written."""
    rulesets, out = make_rulesets(tmp_path), tmp_path / "out"
    pq.write_table(
        pa.table({"id": ["A"], "currency": ["EUR"], "customer_value": [1.5], "segmnt": ["smb"]}), tmp_path / "a.parquet"
    )
    said = refuse(rulesets, tmp_path / "a.parquet", out, *spark)
    assert "column customer_value holds floats, which are not exact" in said
    assert "column segmnt is no key of an account and no fact; did you mean segment?" in said
    assert "is not there" in refuse(rulesets, tmp_path / "nothing", out, *spark)
    assert "reads Parquet and tables; leave --engine out" in refuse(rulesets, tmp_path / "a.csv", out, *spark)
    assert "give --out the name of one" in refuse(rulesets, tmp_path / "a.parquet", tmp_path / "out.csv", *spark)
    write_parquet(tmp_path / "b.parquet", list(make_accounts(3)))
    said = refuse(rulesets, tmp_path / "b.parquet", out, *spark, "--partition-by", "country")
    assert "--partition-by country names a column neither of decisions nor of the accounts." in said
    assert not out.exists()


def test_a_run_is_a_line_of_the_log(tmp_path: Path, spark: Sequence[str], empty_database_url: str) -> None:
    """The driver writes it: what was read and written, by hashes that `sha256sum` finds too, and what came of it."""
    rulesets, accounts, out = make_rulesets(tmp_path), tmp_path / "accounts.parquet", tmp_path / "out"
    write_parquet(accounts, list(make_accounts(70)))
    run(rulesets, accounts, out, *spark, "--log", "run", "--database-url", empty_database_url)
    (line,) = read_runs(empty_database_url)
    listed = "".join(path.read_text(encoding="utf-8") for path in (out / "_inputs").glob("part-*"))
    digest, place = listed.rstrip("\n").split("  ")
    assert urlsplit(place).path == str(accounts)
    assert digest == hashlib.sha256(accounts.read_bytes()).hexdigest()
    assert line["inputs"] == hashlib.sha256(listed.encode()).hexdigest()
    assert (line["inputs_count"], line["accounts_count"], line["refused_count"]) == (1, 70, 10)
    assert (line["as_of"], list(line["rulesets"])) == ("2026-11-20", ["small"])


def read_runs(url: str) -> list[dict[str, Any]]:
    """The runs in the log, which is whole."""

    async def read() -> list[dict[str, Any]]:
        async with await Store.open(url) as store:
            async with store.database.connection(60) as connection:
                assert (await verify_log(connection)).findings == ()
            return [line.fields async for line in store.log.stream_others() if line.kind == "run"]

    return asyncio.run(read())
