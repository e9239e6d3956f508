"""`dunning run --log decisions`: every decision is in the log like any other, once, however often it was stopped."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from api.examining import Manuscript, make_draft
from engine.loading.load import load_ruleset
from store.identifiers import make_id
from store.rulesets import Provenance
from store.store import Store
from store.verifying import verify_log
from tests.bulk.running import make_accounts, make_rulesets, read_rows, refuse, run, start, write_ndjson
from tests.bulk.test_tables import fetch, store_accounts
from tests.cli.command import dunning
from tests.portfolio.batches import SMALL
from tests.waiting import wait_for

ACCOUNTS = list(make_accounts(40))
LOGGED = "SELECT account_id, outcome, rule, version FROM dunning.decisions ORDER BY account_id"


@pytest.fixture
def rulesets(tmp_path: Path) -> Path:
    """The small ruleset."""
    return make_rulesets(tmp_path)


@pytest.fixture
def url(empty_database_url: str) -> str:
    """A database in which the small ruleset is published."""

    async def publish() -> None:
        async with await Store.open(empty_database_url) as store:
            ruleset = load_ruleset(SMALL, file="small.yaml").ruleset
            assert ruleset is not None
            draft = make_draft(ruleset, (), Manuscript(file="small.yaml", text=SMALL))
            await store.rulesets.publish(draft, Provenance(publisher="ann"))

    asyncio.run(publish())
    return empty_database_url


def log(url: str) -> tuple[str, ...]:
    """The flags of a run whose decisions are logged."""
    return "--log", "decisions", "--database-url", url


def read_logged(url: str) -> list[dict[str, Any]]:
    """What is logged, once the log was found whole and each decision was made again."""

    async def verify() -> None:
        async with await Store.open(url) as store, store.database.connection(60) as connection:
            assert (await verify_log(connection)).findings == ()

    asyncio.run(verify())
    replayed = dunning("replay", "--database-url", url)
    assert replayed.exit_code == 0, replayed.output
    return fetch(url, LOGGED)


def test_every_decision_is_logged_and_can_be_made_again(tmp_path: Path, rulesets: Path, url: str) -> None:
    """Those of the answer and no others, with the published version; the log stays whole; each replays the same."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "d.parquet"
    run(rulesets, source, out, "--unit-rows", "15", *log(url))
    answer = sorted(read_rows(out), key=lambda row: str(row["account_id"]))
    logged = read_logged(url)
    assert [(row["account_id"], row["outcome"], row["rule"]) for row in logged] == [
        (row["account_id"], row["outcome"], row["rule"]) for row in answer
    ]
    assert {row["version"] for row in logged} == {1}
    run(rulesets, source, tmp_path / "plain.parquet", "--unit-rows", "15")
    assert (tmp_path / "plain.parquet").read_bytes() == out.read_bytes()


def test_a_killed_run_logs_no_decision_twice(tmp_path: Path, rulesets: Path, url: str) -> None:
    """SIGKILL once some decisions are logged, then the same command: every account has one decision in the log."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "d.parquet"
    process = start(rulesets, source, out, "--unit-rows", "5", *log(url))
    wait_for(lambda: process.poll() is not None or fetch(url, LOGGED))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert "begun with --log decisions; go on with it" in refuse(rulesets, source, out, "--unit-rows", "5")
    run(rulesets, source, out, "--unit-rows", "5", *log(url))
    logged = [row["account_id"] for row in read_logged(url)]
    assert logged == sorted(str(row["account_id"]) for row in read_rows(out))


@pytest.mark.parametrize("is_logged", [True, False])
def test_the_log_is_asked_for_the_batch_that_was_under_way(
    tmp_path: Path,
    rulesets: Path,
    url: str,
    is_logged: bool,  # noqa: FBT001  both ends of one step
) -> None:
    """A batch that was sent before the end is there or not: then it is not logged again, or it is logged now."""
    source, out = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS), tmp_path / "d.parquet"
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    more: list[str | Path] = ["--refused", blocked / "r.csv", *log(url)]
    assert "Not a directory" in refuse(rulesets, source, out, *more)  # stops at its very end
    logged = read_logged(url)
    work = tmp_path / "d.parquet.run"
    (work / "done" / "00000.json").unlink()
    if not is_logged:
        mark = f'{{"batch":0,"first_id":"{make_id()}"}}\n'
        (work / "logged" / "00000.ndjson").write_text(mark, encoding="utf-8")
    blocked.unlink()
    blocked.mkdir()
    run(rulesets, source, out, *more)
    assert len(read_logged(url)) == len(logged) * (1 if is_logged else 2)


def test_a_ruleset_that_is_not_published_is_not_logged(tmp_path: Path, rulesets: Path, url: str) -> None:
    """A decision in the log names a published version: what was changed since is refused before anything is read."""
    (rulesets / "small.yaml").write_text(SMALL.replace("days_overdue: 3..", "days_overdue: 4.."), encoding="utf-8")
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    said = refuse(rulesets, source, tmp_path / "d.parquet", *log(url))
    assert "small is not published as it is here" in said
    assert not list(tmp_path.glob("*.run"))
    assert fetch(url, LOGGED) == []


def test_who_was_erased_since_the_copy_leaves_no_facts_in_the_log(tmp_path: Path, rulesets: Path, url: str) -> None:
    """A stopped run over stored accounts goes on with its copy: the decision is logged, the erased facts are not."""
    store_accounts(url)
    out, blocked = tmp_path / "d.csv", tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    more: list[str | Path] = ["--refused", blocked / "r.csv", *log(url)]
    assert "Not a directory" in refuse(rulesets, "stored", out, *more)
    work = tmp_path / "d.csv.run"
    (work / "done" / "00000.json").unlink()
    (work / "logged" / "00000.ndjson").unlink()

    async def erase() -> None:
        async with await Store.open(url) as store:
            await store.erasures.erase("A-0", actor="test")

    asyncio.run(erase())
    blocked.unlink()
    blocked.mkdir()
    run(rulesets, "stored", out, *more)
    rows = fetch(url, "SELECT input, answer FROM dunning.decisions WHERE account_id = 'A-0'")
    assert len(rows) == 2
    assert {value for row in rows for value in row.values()} == {None}
