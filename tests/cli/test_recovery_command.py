"""`dunning recovery`, from files and from a database."""

import asyncio
import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from store.outcomes import NewOutcome
from store.store import Store
from tests.cli.command import dunning, read_error

INVOICE = {"id": "I-1", "due_on": "2026-03-06", "open": "60.00"}
PAID = {"id": "P-1", "type": "payment", "at": "2026-03-10T09:00:00+01:00", "amount": "20.00"}
ACCOUNT: dict[str, Any] = {
    "id": "A-1",
    "currency": "EUR",
    "timezone": "Europe/Amsterdam",
    "segment": "smb",
    "invoices": [INVOICE],
}


def write(path: Path, *lines: object) -> str:
    """Write a file of accounts."""
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return str(path)


def read(*arguments: str) -> dict[str, Any]:
    """Return the figures as JSON."""
    shown = dunning("recovery", *arguments, "--format", "json")
    assert shown.exit_code == 0, shown.output
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def test_all_shapes_say_the_same(tmp_path: Path) -> None:
    """The table, CSV and page have the figures of the JSON."""
    file = write(tmp_path / "a.ndjson", ACCOUNT | {"outcomes": [PAID]})
    arguments = (file, "--as-of", "2026-04-30", "--by", "segment")
    (found,) = read(*arguments)["currencies"]
    assert (found["total"]["opened"], found["total"]["recovered"], found["total"]["rate"]) == ("60.00", "20.00", 33.3)
    table = dunning("recovery", *arguments).stdout
    assert "smb" in table
    assert "33.3 %" in table
    rows = list(csv.DictReader(io.StringIO(dunning("recovery", *arguments, "--format", "csv").stdout)))
    assert [(row["split"], row["key"], row["rate_7"]) for row in rows] == [
        ("all", "all", "33.3"),
        ("segment", "smb", "33.3"),
        ("month", "2026-03", "33.3"),
    ]
    page = dunning("recovery", *arguments, "--format", "html").stdout
    assert page.count("<svg") == 5
    assert "33.3 %" in page


def test_lines_of_one_account_are_its_books_over_time(tmp_path: Path) -> None:
    """The second is known from its day on; outcomes of both count."""
    changed = INVOICE | {"open": "50.00"}
    file = write(
        tmp_path / "a.ndjson",
        ACCOUNT | {"recorded_at": "2026-03-01"},
        ACCOUNT | {"recorded_at": "2026-03-05", "invoices": [changed], "outcomes": [PAID]},
    )
    assert [cell["total"]["opened"] for cell in read(file, "--as-of", "2026-04-30")["currencies"]] == ["50.00"]
    assert read(file, "--as-of", "2026-02-28")["currencies"][0]["total"]["cases"] == 0


def test_an_account_that_changed_its_currency_is_counted_in_both(tmp_path: Path) -> None:
    """What was recorded is about the currency of then."""
    crown = ACCOUNT | {"currency": "SEK", "recorded_at": "2026-06-01", "invoices": [INVOICE | {"due_on": "2026-06-20"}]}
    late = PAID | {"id": "P-2", "at": "2026-06-25", "amount": "5.00"}
    file = write(tmp_path / "a.ndjson", ACCOUNT | {"outcomes": [PAID]}, crown | {"outcomes": [late]})
    found = read(file, "--as-of", "2026-07-31")["currencies"]
    assert [(each["currency"], each["total"]["recovered"]) for each in found] == [("EUR", "20.00"), ("SEK", "5.00")]


def test_what_cannot_be_read_is_counted_and_named(tmp_path: Path) -> None:
    """By their ids; the others are counted all the same."""
    bad = [
        ACCOUNT | {"id": "currency", "currency": "XXX"},
        ACCOUNT | {"id": "invoice", "invoices": [INVOICE | {"open": "a lot"}]},
        ACCOUNT | {"id": "history", "history": [{"at": "2026-03-09"}]},
        ACCOUNT | {"id": "list", "outcomes": {}},
        ACCOUNT | {"id": "outcome", "outcomes": [PAID | {"type": "gift"}]},
        ACCOUNT | {"id": "known", "recorded_at": "soon"},
    ]
    shown = dunning("recovery", write(tmp_path / "a.ndjson", ACCOUNT, *bad), "--as-of", "2026-04-30")
    assert shown.exit_code == 0
    assert "1 accounts" in shown.stdout
    first, *named = shown.stderr.splitlines()
    assert first == "6 accounts cannot be read and are in no figure; the first of them:"
    assert [line.split()[0] for line in named] == ["currency", "history", "invoice", "known", "list", "outcome"]
    assert "/history/0" in named[1]


def test_the_first_that_cannot_be_read_are_those_of_the_first_ids(tmp_path: Path) -> None:
    """Wherever in the file they stand."""
    bad = [ACCOUNT | {"id": f"A-{number}", "currency": "XXX"} for number in range(130, 100, -1)]
    found = read(write(tmp_path / "a.ndjson", *bad))
    assert found["unreadable"] == 30
    assert [each["account_id"] for each in found["unreadable_first"]] == [f"A-{number}" for number in range(101, 121)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "a.ndjson:1 is not JSON that can be read"),
        (["[]"], "a.ndjson:1 is no account"),
        ([ACCOUNT, ACCOUNT | {"id": "B"}, ACCOUNT], "Account A-1 stands twice with others between"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, lines: list[object], said: str) -> None:
    """With its line."""
    refused = dunning("recovery", write(tmp_path / "a.ndjson", *lines))
    assert refused.exit_code == 2
    assert said in read_error(refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-04-01", "--to", "2026-03-01"), "is after 2026-03-01"),
        (("--timezone", "Amsterdam"), "is no IANA name"),
        (("--as-of", "2026-02-30"), "is no date such as 2026-11-20"),
        (("--from", "0001-01-01"), "lies outside the years 1900 to 2199"),
        (("--to", "9999-12-31"), "lies outside the years 1900 to 2199"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Before anything is read."""
    refused = dunning("recovery", write(tmp_path / "a.ndjson", ACCOUNT), *arguments)
    assert refused.exit_code == 2
    assert said in read_error(refused)


def test_nothing_is_nothing(tmp_path: Path) -> None:
    """An empty file is no fault, in any shape."""
    file = write(tmp_path / "a.ndjson")
    assert "There is nothing to count." in dunning("recovery", file).stdout
    for shape in ("csv", "json", "html"):
        assert dunning("recovery", file, "--format", shape).exit_code == 0


def test_what_is_stored_is_counted(empty_database_url: str) -> None:
    """Books, entries and outcomes; it is noted who read it; an account from no ruleset is in UTC."""

    async def fill() -> None:
        async with await Store.open(empty_database_url) as store:
            await store.accounts.put(
                "A-1", json.dumps({key: ACCOUNT[key] for key in ("currency", "invoices")}).encode()
            )
            entry = {
                "rule": "reminder",
                "ruleset": "shop",
                "at": "2026-03-08",
                "episode": "2026-03-06",
                "channel": "sms",
            }
            at = dt.datetime(2026, 3, 8, tzinfo=dt.UTC)
            await store.history.record("A-1", json.dumps(entry).encode(), at=at)
            paid = NewOutcome(id="P-1", type="payment", at=at, outcome=json.dumps(PAID).encode())
            await store.outcomes.record("A-1", lambda _: [paid])

    async def look() -> list[str]:
        async with await Store.open(empty_database_url) as store:
            return [row["what"] for row in await store.database.fetch("SELECT what FROM dunning.accesses")]

    asyncio.run(fill())
    found = read("--database-url", empty_database_url, "--by", "rule")
    (euro,) = found["currencies"]
    assert [(row["key"], row["figures"]["after"]) for row in euro["rows"]] == [("shop/reminder", "20.00")]
    (what,) = asyncio.run(look())
    assert "recovery --by rule --as-of" in what
