"""Settings, metrics and scopes that operators read about are those of the program, all of them."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from api.metrics import FAMILIES
from api.operation import ROLES, SCOPES
from store.store import Store
from tests.docs.consoles import read_steps
from tests.docs.pages import ROOT, all_blocks, read_page


def rows(page: str) -> list[list[str]]:
    """Return the cells of every table row of a page."""
    lines = read_page(page).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_every_variable_is_documented() -> None:
    """Every variable that the code names stands in the settings, or in CONTRIBUTING where only developers need it."""
    named = set()
    for room in ("engine", "store", "api", "cli", "scripts"):
        for path in (ROOT / room).rglob("*.py"):
            named |= set(re.findall(r"\bDUNNING_[A-Z_]+\b|\bDATABASE_URL\b", path.read_text(encoding="utf-8")))
    named |= set(re.findall(r"\bDUNNING_[A-Z_]+\b", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    documented = set(re.findall(r"`([A-Z_]+)`", read_page("docs/operators/settings.md") + read_page("CONTRIBUTING.md")))
    assert sorted(named - documented) == []


def test_every_metric_is_documented() -> None:
    """The table has every metric of the program with its type, and no other."""
    shown = {row[0].strip("`"): row[1] for row in rows("docs/operators/metrics.md") if row[0].startswith("`dunning_")}
    table = {name: kind for name, kind in shown.items() if kind in {"counter", "gauge", "histogram"}}
    assert table == {family.name: family.kind for family in FAMILIES}


def test_alarms_and_board_ask_for_metrics_that_exist() -> None:
    """Every metric of an alarm or of the board is one of the program, and every alarm of the table is written."""
    folder = ROOT / "integrations" / "helm" / "dunning" / "monitoring"
    alarms, board = (folder / name for name in ("alarms.yml", "board.json"))
    named = re.compile(r"\bdunning_[a-z_]+")
    known = {family.name for family in FAMILIES}
    asked = {
        path: {name.removesuffix("_bucket") for name in named.findall(path.read_text())} for path in (alarms, board)
    }
    assert asked[alarms] | asked[board] <= known
    shown = {name for row in rows("docs/operators/metrics.md") if len(row) == 3 for name in named.findall(row[0])}
    assert shown <= asked[alarms]


def test_the_embedded_database_is_dumped_as_shown(open_folder: Path) -> None:
    """The commands that the page shows dump a running embedded PostgreSQL, with the programs of its own wheel."""
    (shown,) = [block for block in all_blocks("console") if ".dunning/postgres/data" in block.text]
    data = open_folder / ".dunning"

    async def use() -> int:
        async with await Store.open(None, data / "postgres"):
            script = " && ".join(step.command for step in read_steps(shown))
            path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            script = f"cd {open_folder} && export PYTHONPATH={ROOT} && {script}"
            command, environment = ["bash", "-c", script], {"PATH": path}
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: ASYNC221  nothing else runs

    assert asyncio.run(use()) == 0
    assert (open_folder / "dunning.dump").read_bytes().startswith(b"PGDMP")


def test_every_scope_is_documented() -> None:
    """The table of scopes has each scope, and no other; that of roles has each with what it takes."""
    shown = [row for row in rows("docs/operators/tokens.md") if row[0].startswith("`")]
    assert tuple(row[0].strip("`") for row in shown if len(row) == 2) == SCOPES
    roles = {row[0].strip("`"): tuple(re.findall("`([a-z]+)`", row[1])) for row in shown if len(row) > 2}
    assert roles == ROLES
