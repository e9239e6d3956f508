"""`dunning experiment count`: the accounts of an experiment, of files and of what is stored."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from store.store import Store
from tests.cli.command import dunning, read_error
from tests.cli.test_experiment_command import TONE
from tests.cli.test_worklist_command import answer
from tests.store.test_due import EVER, MANY

HEAD = "day,group,accounts,paid,complained,contacts"


@pytest.fixture
def tone(tmp_path: Path) -> str:
    """A ruleset with an experiment of two halves."""
    path = tmp_path / "tone.yaml"
    path.write_text(TONE, encoding="utf-8")
    return str(path)


def account(name: str, **facts: object) -> dict[str, object]:
    """An account that owes since 7 March."""
    invoices = [{"id": "I-1", "due_on": "2026-03-06", "open": "60.00"}]
    return {"id": name, "currency": "EUR", "invoices": invoices, **facts}


def test_what_is_counted_can_be_judged(tone: str, tmp_path: Path) -> None:
    """The file is what `judge --daily` reads; who cannot be read is said."""
    file = tmp_path / "accounts.ndjson"
    lines = [account("A-1"), account("A-2"), account("A-3", invoices="none")]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    counted = dunning("experiment", "count", tone, "tone-test", file, "--began", "2026-03-07", "--as-of", "2026-04-30")
    assert counted.stdout.splitlines() == [HEAD, "0,control,1,0,0,0", "0,friendly,1,0,0,0"]
    assert counted.stderr == "1 accounts cannot be read and are not counted.\n"
    daily, plan = tmp_path / "counts.csv", tmp_path / "plan.json"
    daily.write_text(counted.stdout)
    planned = ("experiment", "plan", tone, "tone-test", "--base", "40", "--effect", "3", "--per-day", "200")
    plan.write_text(dunning(*planned, "--format", "json").stdout)
    assert "Too early" in dunning("experiment", "judge", plan, "--day", "40", "--daily", daily).stdout


def test_stored_accounts_count_where_the_ruleset_answered(tone: str, empty_database_url: str) -> None:
    """An account that another ruleset answered about is none of the experiment; that it was read is noted."""

    async def fill() -> None:
        async with await Store.open(empty_database_url) as store:
            for name in ("anna", "bert", "dora"):
                await store.accounts.put(name, json.dumps(account(name)).encode())
            async with store.due.take(EVER, most=MANY) as taken:
                answers = [answer(each.account_id) for each in taken.questions]
                named = [
                    msgspec.structs.replace(each, ruleset_id="other" if each.account_id == "bert" else "tone")
                    for each in answers
                ]
                await taken.answer(named)

    async def look() -> list[str]:
        async with await Store.open(empty_database_url) as store:
            return [row["what"] for row in await store.database.fetch("SELECT what FROM dunning.accesses")]

    asyncio.run(fill())
    began = ("--began", "2026-03-01", "--database-url", empty_database_url)
    _, *lines = dunning("experiment", "count", tone, "tone-test", *began).stdout.splitlines()
    assert sum(int(line.split(",")[2]) for line in lines) == 2
    (what,) = asyncio.run(look())
    assert what.endswith("experiment count tone tone-test")


def test_an_unknown_experiment_is_refused(tone: str) -> None:
    """With those that there are."""
    refused = dunning("experiment", "count", tone, "colour", "--began", "2026-03-01")
    assert refused.exit_code == 2
    assert "There is no experiment colour" in read_error(refused)
