"""Runs for tests: files of accounts, the command in this process or in one of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import parquet as pq

from tests.cli.command import dunning
from tests.portfolio.batches import SMALL

AS_OF = ("--as-of", "2026-11-20")
ROOT = Path(__file__).parents[2]


def make_rulesets(folder: Path) -> Path:
    """A folder with the small ruleset."""
    rulesets = folder / "rulesets"
    rulesets.mkdir()
    (rulesets / "small.yaml").write_text(SMALL, encoding="utf-8")
    return rulesets


def make_accounts(count: int) -> Iterator[dict[str, Any]]:
    """So many accounts, no two neighbours alike; every seventh cannot be decided on."""
    for number in range(count):
        account: dict[str, Any] = {
            "id": f"A-{number}",
            "currency": "JPY" if number % 5 == 0 else "EUR",
            "segment": ("smb", "consumer")[number % 2],
            "channels": ["email", "phone"] if number % 3 else ["letter"],
            "customer_value": str(50 + number % 100),
            "invoices": [{"id": f"I-{number}", "due_on": f"2026-11-{1 + number % 28:02d}", "open": str(number + 1)}],
        }
        if number % 4 == 0:
            account["history"] = [{"rule": "remind", "at": "2026-11-19T10:00:00+01:00"}]
        if number % 7 == 6:
            account["customer_value"] = "much"
        yield account


def write_ndjson(path: Path, accounts: Sequence[dict[str, Any]]) -> Path:
    """A file with a document a line."""
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in accounts))
    return path


def write_parquet(path: Path, accounts: Sequence[dict[str, Any]], *, group: int = 1000) -> Path:
    """A file with nested columns, in small groups of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for account in accounts for name in account)
    pq.write_table(pa.Table.from_pylist([names | account for account in accounts]), path, row_group_size=group)
    return path


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of an answer in Parquet."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def run(rulesets: Path, accounts: Path | str, out: Path | str, *more: str | Path) -> str:
    """What `dunning run` prints of a run that goes well."""
    result = dunning("run", "--rulesets", rulesets, "--accounts", accounts, "--out", out, *AS_OF, *more)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refuse(rulesets: Path, accounts: Path | str, out: Path | str, *more: str | Path) -> str:
    """What `dunning run` says of a run that cannot be."""
    result = dunning("run", "--rulesets", rulesets, "--accounts", accounts, "--out", out, *AS_OF, *more)
    assert result.exit_code == 1, result.stdout
    return " ".join(result.stderr.replace("│", " ").split())


def start(rulesets: Path, accounts: Path, out: Path, *more: str) -> "subprocess.Popen[bytes]":
    """`dunning run` in a process of its own."""
    command = [
        sys.executable,
        "-c",
        "from cli.main import main; main()",
        "run",
        "--rulesets",
        str(rulesets),
        "--accounts",
        str(accounts),
    ]
    return subprocess.Popen(
        [*command, "--out", str(out), *AS_OF, *more], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
