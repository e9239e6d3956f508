"""`dunning worklist`."""

import asyncio
import csv
import io
import json
from decimal import Decimal

import pytest

from store.due import DueAnswer
from store.identifiers import make_id
from store.store import Store
from tests.cli.command import dunning, read_error
from tests.store.test_due import EVER, MANY


@pytest.fixture
def listed_url(empty_database_url: str) -> str:
    """A database in which two accounts have something to be done, and one nothing."""

    async def fill() -> None:
        async with await Store.open(empty_database_url) as store:
            for name in ("anna", "bert", "carl"):
                await store.accounts.put(name, b'{"currency": "EUR"}')
            async with store.due.take(EVER, most=MANY) as taken:
                await taken.answer([answer(each.account_id) for each in taken.questions])

    asyncio.run(fill())
    return empty_database_url


def answer(name: str) -> DueAnswer:
    """Answer the question about an account: Bert owes more than Anna, Carl nothing."""
    return DueAnswer(
        account_id=name,
        track="dunning",
        ask_at=None,
        decision_id=make_id(),
        decided_at=EVER,
        outcome="none" if name == "carl" else "act",
        ruleset_id="nl",
        version=1,
        rule="reminder",
        action="send_reminder",
        channel="email" if name == "anna" else "sms",
        reason="5 days overdue",
        currency="EUR",
        claim=Decimal(20),
        collectable=Decimal("49.95") if name == "bert" else Decimal(20),
    )


def test_what_is_to_be_done_is_printed_with_most_money_first(listed_url: str) -> None:
    """As a table for people, and how many there are on stderr."""
    shown = dunning("worklist", "--database-url", listed_url)
    lines = shown.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["account", "bert", "anna"]
    assert "49.95" in lines[1]
    assert shown.stderr == "2 to be done.\n"
    assert dunning("worklist", "--database-url", listed_url, "--state", "taken").stderr == "Nothing is to be done.\n"


def test_programs_read_it_as_csv_or_json(listed_url: str) -> None:
    """With the same cells, chosen as asked."""
    arguments = ("worklist", "--database-url", listed_url, "--channel", "email")
    (row,) = csv.DictReader(io.StringIO(dunning(*arguments, "--format", "csv").stdout))
    (item,) = json.loads(dunning(*arguments, "--format", "json").stdout)
    assert row == item
    assert (item["account"], item["to_be_collected"], item["state"]) == ("anna", "20.00", "ready")


def test_its_reading_is_logged(listed_url: str) -> None:
    """Who read what stands in the access log."""
    dunning("worklist", "--database-url", listed_url, "--min-amount", "30")

    async def read() -> list[str]:
        async with await Store.open(listed_url) as store:
            return [row["what"] for row in await store.database.fetch("SELECT what FROM dunning.accesses")]

    (what,) = asyncio.run(read())
    assert what.endswith("worklist --min-amount 30")


def test_an_amount_that_is_none_is_refused() -> None:
    """Before anything is read."""
    refused = dunning("worklist", "--min-amount", "much")
    assert refused.exit_code == 2
    assert "'much' is not an amount such as 49.95" in read_error(refused)


def test_what_a_run_released_is_listed_by_its_id(listed_url: str) -> None:
    """Only what that run put there; what is no id of a run is refused."""
    asked = ("worklist", "--database-url", listed_url, "--run")
    assert dunning(*asked, "019aa000-0000-7000-8000-000000000001").stderr == "Nothing is to be done.\n"
    refused = dunning(*asked, "mine")
    assert refused.exit_code == 2
    assert "'mine' is no id of a run" in read_error(refused)
