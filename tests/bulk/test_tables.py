"""Accounts come from PostgreSQL, the service's own too, and decisions go there."""

import asyncio
import csv
import datetime as dt
import hashlib
import json
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from store.accounts import ImportedLine
from store.store import Store
from store.verifying import verify_log
from tests.bulk.running import AS_OF, make_accounts, make_rulesets, read_rows, refuse, run, write_ndjson
from tests.cli.command import dunning
from tests.portfolio.batches import SMALL

ACCOUNTS = list(make_accounts(40))


def execute(url: str, *statements: str) -> None:
    """Run SQL."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(work())


def fill_table(url: str) -> None:
    """Put the accounts into the table."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        statement = "INSERT INTO debts SELECT * FROM jsonb_populate_record(NULL::debts, $1::jsonb)"
        for each in ACCOUNTS:
            await connection.execute(statement, msgspec.json.encode(each | {"loaded_on": "2026-11-20"}).decode())
        await connection.close()

    asyncio.run(work())


def fetch(url: str, statement: str) -> list[dict[str, Any]]:
    """What a query answers."""

    async def work() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(url)
        rows = await connection.fetch(statement)
        await connection.close()
        return [dict(row) for row in rows]

    return asyncio.run(work())


@pytest.fixture
def rulesets(tmp_path: Path) -> Path:
    """The small ruleset."""
    return make_rulesets(tmp_path)


@pytest.fixture
def expected(tmp_path: Path, rulesets: Path) -> list[dict[str, Any]]:
    """What comes out of the accounts as NDJSON."""
    run(rulesets, write_ndjson(tmp_path / "plain.ndjson", ACCOUNTS), tmp_path / "plain.parquet")
    return read_rows(tmp_path / "plain.parquet")


def store_accounts(url: str) -> None:
    """Store the accounts in the service, with their history."""

    async def fill() -> None:
        async with await Store.open(url) as store:
            for account in ACCOUNTS:
                document = {name: value for name, value in account.items() if name != "history"}
                line = ImportedLine(id=account["id"], document=msgspec.json.encode(document))
                await store.accounts.import_lines([line])
                for entry in account.get("history", ()):
                    at = dt.datetime.fromisoformat(entry["at"])
                    await store.history.record(account["id"], msgspec.json.encode(entry), at=at)

    asyncio.run(fill())


def test_the_service_s_own_accounts_are_decided(
    tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]], database_url: str
) -> None:
    """Stored accounts come with their history, by id, and the reading stands in the access log."""
    store_accounts(database_url)
    run(rulesets, "stored", tmp_path / "d.parquet", "--database-url", database_url, "--unit-rows", "15")
    assert read_rows(tmp_path / "d.parquet") == sorted(expected, key=lambda row: str(row["account_id"]))
    assert not list(tmp_path.glob("*.run"))
    (access,) = fetch(database_url, "SELECT what FROM dunning.accesses")
    assert "run --accounts stored" in access["what"]


def test_a_copy_of_accounts_is_for_its_owner_alone(tmp_path: Path, rulesets: Path, database_url: str) -> None:
    """The folder that holds the copy of the stored accounts while a run is stopped is nobody else's to enter."""
    store_accounts(database_url)
    (tmp_path / "file").write_text("", encoding="utf-8")
    more = ("--database-url", database_url, "--refused", tmp_path / "file" / "r.csv")  # stops the run at its end
    work = tmp_path / "d.csv.run"
    for _ in range(2):
        assert "Not a directory" in refuse(rulesets, "stored", tmp_path / "d.csv", *more)
        assert (work / "accounts.ndjson").exists()
        assert stat.S_IMODE(work.stat().st_mode) == stat.S_IRWXU
        work.chmod(0o755)  # whatever it was


def test_a_change_is_tried_on_the_service_s_own_accounts(tmp_path: Path, database_url: str) -> None:
    """`dunning diff --accounts stored` decides what is stored by both sides, and the reading is noted too."""
    store_accounts(database_url)
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(SMALL, encoding="utf-8")
    new.write_text(SMALL.replace("days_overdue: 3..", "days_overdue: 8.."), encoding="utf-8")
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    told = []
    for accounts in (source, "stored"):
        asked = ("--accounts", accounts, "--database-url", database_url, "--format", "json", *AS_OF)
        result = dunning("diff", old, new, *asked)
        assert result.exit_code == 0, result.stderr
        told.append(json.loads(result.stdout)["impact"])
    assert told[1].pop("accounts") == "the stored accounts"
    del told[0]["accounts"]
    for each in told:
        each["matrix"].sort(key=lambda cell: (cell["was"], cell["becomes"]))
    assert told[0] == told[1]
    assert told[0]["changed"]["count"] > 0
    assert any(
        "diff --accounts stored" in row["what"] for row in fetch(database_url, "SELECT what FROM dunning.accesses")
    )


def test_a_table_is_read_and_written(
    tmp_path: Path, rulesets: Path, expected: list[dict[str, Any]], empty_database_url: str, monkeypatch: Any
) -> None:
    """A table of typed columns and JSON gives the same, and the answer is a table, replaced only when asked."""
    monkeypatch.chdir(tmp_path)
    execute(
        empty_database_url,
        "CREATE TABLE debts (id text, currency text, segment text, channels text[], customer_value text,"
        " invoices jsonb, history jsonb, loaded_on date)",
    )
    fill_table(empty_database_url)
    source, target = f"{empty_database_url}&table=debts", f"{empty_database_url}&table=public.decided"
    assert "loaded_on is no key of an account and no fact" in refuse(rulesets, source, target)
    assert not list(tmp_path.glob("*.run"))
    said = run(rulesets, source, target, "--leave-out", "loaded_on", "--unit-rows", "15")
    assert "accounts decided as of 2026-11-20: postgresql://" in said
    found = fetch(empty_database_url, "SELECT * FROM decided")
    assert found == [{**row} for row in expected]
    refused = list(csv.DictReader((tmp_path / "public.decided.refused.csv").read_text(encoding="utf-8").splitlines()))
    assert len(refused) == len(ACCOUNTS) - len(expected)
    assert "is there already" in refuse(rulesets, source, target, "--leave-out", "loaded_on")
    run(rulesets, source, target, "--leave-out", "loaded_on", "--overwrite", "--columns", "account_id,claim_total")
    assert list(fetch(empty_database_url, "SELECT * FROM decided")[0]) == ["account_id", "claim_total"]


def test_a_run_is_a_line_of_the_log(tmp_path: Path, rulesets: Path, empty_database_url: str) -> None:
    """--log run says once what was read, decided with and came of it; the log stays whole."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    more = ("--log", "run", "--database-url", empty_database_url)
    for _ in range(2):
        run(rulesets, source, tmp_path / "d.csv", *more, "--overwrite")
    told = json.loads(run(rulesets, source, tmp_path / "e.csv", "--format", "json"))["summary"]

    async def read() -> list[dict[str, Any]]:
        async with await Store.open(empty_database_url) as store:
            async with store.database.connection(60) as connection:
                assert (await verify_log(connection)).findings == ()
            return [line.fields async for line in store.log.stream_others() if line.kind == "run"]

    (line,) = asyncio.run(read())
    listed = (tmp_path / "d.csv.inputs.sha256").read_bytes()
    assert listed == f"{hashlib.sha256(source.read_bytes()).hexdigest()}  {source}\n".encode()
    assert (line["inputs"], line["inputs_count"]) == (hashlib.sha256(listed).hexdigest(), 1)
    assert (line["accounts_count"], line["refused_count"]) == (told["rows_count"], told["refused_count"])
    assert line["outcomes"] == {name: each["count"] for name, each in told["lines"]["outcome"].items()}
    claimed = told["lines"]["outcome"]["act"]["claimed"]
    assert {code: Decimal(amount) for code, amount in line["claimed"].items()} == {
        code: Decimal(amount) for code, amount in claimed.items()
    }
    assert list(line["rulesets"]) == ["small"]
    assert line["as_of"] == "2026-11-20"


@pytest.mark.parametrize("form", ["parquet", "ndjson", "csv"])
def test_a_run_into_a_folder_is_logged(tmp_path: Path, rulesets: Path, empty_database_url: str, form: str) -> None:
    """Where its parts are moved to their place too, and where the log was out of reach once they were."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "parts"
    more = ("--to", form, "--unit-rows", "15", "--log", "run", "--database-url")
    assert "does not answer" in refuse(rulesets, source, out, *more, "postgresql://127.0.0.1:1/x")
    assert len(list(out.iterdir())) == 3  # placed, but not logged
    run(rulesets, source, out, *more, empty_database_url)
    run(rulesets, source, tmp_path / "again", *more, empty_database_url)
    (line,) = fetch(empty_database_url, "SELECT count(*) FROM dunning.log_entries WHERE kind = 'run'")
    assert line["count"] == 1, "the same run is logged once"
    assert not list(tmp_path.glob("*.run"))


def test_a_run_that_was_placed_unlogged_is_not_logged_later(tmp_path: Path, rulesets: Path) -> None:
    """Its decisions can no longer be hashed where they were written; that is said, and nothing is logged."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "parts"
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "Not a directory" in refuse(rulesets, source, out, "--refused", tmp_path / "file" / "r.csv")
    said = refuse(rulesets, source, out, "--log", "run")
    assert "placed before --log was asked for; begin anew with --overwrite" in said


def test_what_a_database_does_not_have_is_said(tmp_path: Path, rulesets: Path, empty_database_url: str) -> None:
    """No table, no such table, floats in it, and no server: each in a sentence, and nothing is left."""
    execute(empty_database_url, "CREATE TABLE floats (id text, currency text, customer_value double precision)")
    out = tmp_path / "d.csv"
    assert "named with its table" in refuse(rulesets, empty_database_url, out)
    assert "there is no table nothing" in refuse(rulesets, f"{empty_database_url}&table=nothing", out)
    assert "column customer_value holds floats" in refuse(rulesets, f"{empty_database_url}&table=floats", out)
    assert "does not answer" in refuse(rulesets, "postgresql://127.0.0.1:1/x?table=t", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rulesets"]
