"""`dunning diff --accounts` says what a change comes to for a portfolio."""

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.portfolio.forecast import Forecast
from tests.bulk.running import AS_OF, make_accounts, read_rows, refuse, run, write_ndjson, write_parquet
from tests.cli.command import dunning
from tests.portfolio.batches import SMALL, compile_text, rows

ACCOUNTS = list(make_accounts(200))
NEW = SMALL.replace("days_overdue: 3..", "days_overdue: 8..").replace(
    "rules:", "blocks:\n  - {id: held, when: {segment: smb, days_overdue: 15..}, reason: Held}\nrules:"
)


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """The small ruleset, and one that reminds later and blocks some."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(SMALL, encoding="utf-8")
    new.write_text(NEW, encoding="utf-8")
    return old, new


def diff(*arguments: str | Path) -> str:
    """What `dunning diff` prints."""
    result = dunning("diff", *arguments, *AS_OF)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def name(row: dict[str, Any] | None) -> str:
    """An answer in a few words."""
    if row is None:
        return "refused"
    if row["outcome"] == "act":
        return f"{row['rule']}: {row['action']}" + (f" by {row['channel']}" if row["channel"] else "")
    return f"blocked: {row['block']}" if row["outcome"] == "blocked" else str(row["outcome"])


def claimed(row: dict[str, Any] | None) -> Decimal:
    """What an action claims."""
    return row["claim_total"] if row is not None and row["outcome"] == "act" else Decimal(0)


def test_the_matrix_agrees_with_two_runs(tmp_path: Path, sides: tuple[Path, Path]) -> None:
    """Every account is where two runs over the same file say it is, and so is its money; each side is told alike."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    runs: list[dict[str, dict[str, Any]]] = []
    for number, side in enumerate(sides):
        out = tmp_path / f"{number}.parquet"
        run(side, source, out)
        runs.append({row["account_id"]: row for row in read_rows(out)})
    expected: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = {}
    for account in ACCOUNTS:
        before, after = (decided.get(account["id"]) for decided in runs)
        expected.setdefault((name(before), name(after)), []).append((claimed(before), claimed(after)))
    impact = json.loads(diff(*sides, "--accounts", source, "--format", "json"))["impact"]
    assert {(each["was"], each["becomes"]): each["cell"]["count"] for each in impact["matrix"]} == {
        pair: len(found) for pair, found in expected.items()
    }
    for each in impact["matrix"]:
        found = expected[each["was"], each["becomes"]]
        for key, sums in (("claimed_before", [one for one, _ in found]), ("claimed_after", [one for _, one in found])):
            assert sum(Decimal(amount) for amount in each["cell"][key].values()) == sum(sums)
    changed = [account for account in ACCOUNTS if name(runs[0].get(account["id"])) != name(runs[1].get(account["id"]))]
    assert impact["changed"]["count"] == len(changed)
    segments = {each["segment"] for each in changed}
    assert {s: cell["count"] for s, cell in impact["segments"].items()} == {
        segment: sum(each["segment"] == segment for each in changed) for segment in segments
    }
    for key, decided in zip(("contacts_before", "contacts_after"), runs, strict=True):
        assert sum(impact[key].values()) == sum(row["channel"] is not None for row in decided.values())
    movers = impact["movers"]
    assert len(movers) == 20
    assert {each["account_id"] for each in movers} <= {each["id"] for each in changed}
    stakes = [max(Decimal(m["claimed_before"]), Decimal(m["claimed_after"])) for m in movers if m["currency"] == "EUR"]
    in_euros = [each["id"] for each in changed if each["currency"] == "EUR"]
    largest = sorted((max(claimed(side.get(each)) for side in runs) for each in in_euros), reverse=True)
    assert stakes == largest[: len(stakes)]


def test_it_is_told_to_people(tmp_path: Path, sides: tuple[Path, Path]) -> None:
    """In a terminal, a comment and a page: how many, from what to what, who is newly blocked, and why."""
    source = write_parquet(tmp_path / "a.parquet", ACCOUNTS)
    text = diff(*sides, "--accounts", source)
    assert f"What it changes for {source}" in text
    assert "of 200 accounts" in text
    assert "newly blocked: " in text
    assert "becomes: Held" in text
    markdown = diff(*sides, "--accounts", source, "--format", "markdown")
    assert "| was | becomes | accounts | claimed before | after |" in markdown
    page = diff(*sides, "--accounts", source, "--format", "html")
    assert "color-mix" in page
    assert "The largest claims that are answered otherwise" in page
    assert page.rstrip().endswith("</html>")


def test_a_fact_that_one_side_alone_knows_is_told_to_that_side_only(tmp_path: Path) -> None:
    """A candidate may ask for a new fact; the ruleset in use is not refused what it does not know."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(SMALL, encoding="utf-8")
    new.write_text(
        SMALL.replace("facts:", "facts:\n  ours: {type: boolean, default: false}").replace(
            "when: {days_overdue: 3..}", "when: {days_overdue: 3.., ours: true}"
        ),
        encoding="utf-8",
    )
    account = {"id": "a", "currency": "EUR", "channels": ["email"], "days_overdue": 5}
    source = write_parquet(tmp_path / "a.parquet", [account | {"ours": True}, account | {"id": "b", "ours": False}])
    impact = json.loads(diff(old, new, "--accounts", source, "--format", "json"))["impact"]
    assert {(each["was"], each["becomes"]) for each in impact["matrix"]} == {
        ("remind: send_reminder by email", "none"),
        ("remind: send_reminder by email", "remind: send_reminder by email"),
    }
    assert [each["account_id"] for each in impact["movers"]] == ["b"]


def test_accounts_that_cannot_be_read_are_said(tmp_path: Path, sides: tuple[Path, Path]) -> None:
    """A file that is not there ends with 1 and a sentence, as in a run."""
    result = dunning("diff", *sides, "--accounts", tmp_path / "nothing.csv")
    assert result.exit_code == 1
    assert "is not there" in " ".join(result.stderr.replace("│", " ").split())
    assert "is not there" in refuse(sides[0], tmp_path / "nothing.csv", tmp_path / "d.csv")


def test_the_next_days_are_told_for_both_sides(tmp_path: Path, sides: tuple[Path, Path]) -> None:
    """With --days, by day and channel: the first day is that of two runs, the others are each side's forecast."""
    source = write_ndjson(tmp_path / "a.ndjson", ACCOUNTS)
    ahead = json.loads(diff(*sides, "--accounts", source, "--days", "14", "--format", "json"))["impact"]["ahead"]
    days = sorted({each["day"] for each in ahead})
    assert (days[0] >= "2026-11-20", days[-1] <= "2026-12-03") == (True, True)
    for side, key in zip(sides, ("before", "after"), strict=True):
        run(side, source, tmp_path / f"{key}.parquet")
        scheduled = [str(row["scheduled_on"]) for row in read_rows(tmp_path / f"{key}.parquet") if row["channel"]]
        assert sum(each[key] for each in ahead if each["day"] == "2026-11-20") == scheduled.count("2026-11-20")
        expected = Forecast(
            compile_text(side.read_text()), first=dt.date(2026, 11, 20), days_count=14, track="dunning", ruleset="small"
        )
        expected.add(rows(compile_text(side.read_text()), *ACCOUNTS))
        assert {(each["day"], each["channel"]): each[key] for each in ahead if each[key]} == {
            (day.isoformat(), channel): count for (day, channel), count in expected.volume.items()
        }
    assert sum(each["before"] for each in ahead) > sum(each["after"] for each in ahead)
    text = diff(*sides, "--accounts", source, "--days", "14")
    assert "The next days if nobody pays" in text
    assert " → " in text[text.index("The next days") :]
    comment = diff(*sides, "--accounts", source, "--days", "14", "--format", "markdown")
    assert "| day | email | letter | phone |" in comment
    page = diff(*sides, "--accounts", source, "--days", "14", "--format", "html")
    assert "<th>email, after</th>" in page
    refused = dunning("diff", *sides, "--days", "14")
    assert (refused.exit_code, "name them with --accounts" in refused.stderr) == (2, True)


def test_a_diff_without_accounts_loads_no_columns() -> None:
    """Pyarrow and numpy are loaded only where accounts are decided: a diff in an editor's hook starts quickly."""
    code = "import sys, cli.commands.diff; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
