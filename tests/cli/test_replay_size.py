"""A long log is made again in the memory of a short one.

DUNNING_AUDIT_FULL=1 makes 100,000 decisions again, by all example rulesets; `pytest -rP` shows the figures.
"""

import asyncio
import os
import re
import subprocess
import sys

import pytest

from store.decisions import DecisionFilter
from store.store import Store
from tests.cli.decided import EXAMPLES, fill

pytestmark = pytest.mark.slow

IS_FULL = bool(os.environ.get("DUNNING_AUDIT_FULL"))
DECISIONS_COUNT = 100_000 if IS_FULL else 1_000
RULESETS = EXAMPLES if IS_FULL else ("nl-consumer-subscription",)
MOST_GROWTH_KIB = 48 * 1024  # compiled versions and pages; the log of 100,000 has more than ten times as much
RUN = """
import resource, sys
from cli.main import main
try:
    main(["replay", "--workers", "1", *sys.argv[1:]])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def replay(url: str, *arguments: str) -> tuple[str, int]:
    """Replay in a process of its own; answers what it said, and the most memory it had, in KiB."""
    command = [sys.executable, "-c", RUN, *arguments]
    environment = os.environ | {"DATABASE_URL": url, "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    said, memory = done.stdout.splitlines()
    return said, int(memory)


async def find_beginning(url: str) -> str:
    """Find the instant by which a fiftieth of the log was made."""
    async with await Store.open(url) as store:
        wanted, left = DecisionFilter(), DECISIONS_COUNT // 50
        async for page in store.decisions.stream(wanted):
            if len(page) > left:
                return page[left].at.isoformat()
            left -= len(page)
        raise AssertionError(wanted)


def test_a_long_log_is_equal_and_takes_no_more_memory(database_url: str) -> None:
    """All decisions are equal byte for byte, the figure is printed, and memory does not grow with their number."""
    asyncio.run(fill(database_url, RULESETS, DECISIONS_COUNT))
    _, memory_of_few = replay(database_url, "--until", asyncio.run(find_beginning(database_url)))
    said, memory = replay(database_url)
    sys.stdout.write(f"{said} {memory // 1024} MiB at most; {memory_of_few // 1024} MiB for a fiftieth of them.\n")
    told = rf"{DECISIONS_COUNT:,} decisions made again, [\d,]+ a second; all equal, byte for byte\."
    assert re.fullmatch(told, said)
    assert memory < memory_of_few + MOST_GROWTH_KIB
