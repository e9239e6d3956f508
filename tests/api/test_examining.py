"""Rulesets are examined in processes of their own: bounded, two at once, and ended with whoever waits for them."""

import asyncio
import datetime as dt
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from api import apart
from api.apart import Examiner
from api.examining import EXHAUSTED, LENGTH, Assignment, Examined, Manuscript, examine_manuscript
from api.problems import ProblemError
from api.requests import Disconnected
from api.staying import while_there
from tests.api.auditing import Bench, start
from tests.api.examples import REMINDER
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.anyio
ASSIGNMENT = Assignment(manuscript=Manuscript(text=REMINDER), on=dt.date(2026, 11, 20))
ENDLESS = (sys.executable, "-c", "import sys, time; sys.stdin.buffer.read(1); print('x'); time.sleep(600)")
BOUNDED = """
import api.examining as examining
examining.MOST_CPU_SECONDS = 1
examining.MOST_BYTES = 1 << 30
def spend(_):
    held = []
    while True:
        {spend}
examining.{step} = spend
examining.main()
"""


@pytest.fixture
async def bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """A service of the test's own."""
    async with start(empty_database_url) as bench:
        yield bench


def find_processes() -> set[int]:
    """The processes that this one has started and that still run."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(number) for children in listed for number in children.read_text().split()}


async def test_the_answer_is_that_of_the_examination(tmp_path: Path) -> None:
    """A ruleset that is right comes back as what is to be stored, a broken one with its diagnostics."""
    examined = await Examiner(tmp_path).examine(ASSIGNMENT)
    assert examined.draft is not None
    assert examined.draft.ruleset_id == "nl-consumer"
    broken = msgspec.structs.replace(ASSIGNMENT, manuscript=Manuscript(text="ruleset: [", file="x.yaml"))
    examined = await Examiner(tmp_path).examine(broken)
    assert (examined.refusal, examined.file, examined.draft) == ("invalid-ruleset", "x.yaml", None)
    assert examined.diagnostics[0].file == "x.yaml"


async def test_who_stops_waiting_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is at; its turn is free again."""
    monkeypatch.setattr(apart, "_COMMAND", ENDLESS)
    before = find_processes()
    examining = asyncio.create_task(Examiner(tmp_path).examine(ASSIGNMENT))
    await until(lambda: find_processes() - before)
    examining.cancel()
    await asyncio.gather(examining, return_exceptions=True)
    assert find_processes() <= before
    monkeypatch.undo()
    assert (await Examiner(tmp_path).examine(ASSIGNMENT)).refusal is None


async def test_a_client_that_leaves_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The request is given up as soon as the client has gone."""
    monkeypatch.setattr(apart, "_COMMAND", ENDLESS)
    before, leaves = find_processes(), asyncio.Event()

    async def receive() -> dict[str, str]:
        await leaves.wait()
        return {"type": "http.disconnect"}

    work = while_there(receive, Examiner(tmp_path).examine(ASSIGNMENT))  # type: ignore[arg-type]  # one of its messages
    asking = asyncio.create_task(work)
    await until(lambda: find_processes() - before)
    leaves.set()
    with pytest.raises(Disconnected):
        await asking
    assert find_processes() <= before


async def test_two_are_examined_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third is told to come again, by workers that share the turns too; decisions are not concerned."""
    monkeypatch.setattr(apart, "_COMMAND", ENDLESS)
    before = find_processes()
    publishing = [asyncio.create_task(bench.ann.post("/v1/rulesets", json={"text": REMINDER})) for _ in range(2)]
    await until(lambda: len(find_processes() - before) == 2)
    refused = await bench.bob.post("/v1/rulesets", json={"text": REMINDER})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert (await bench.ann.get("/readyz")).status_code == 200
    for one in publishing:
        one.cancel()
    await asyncio.gather(*publishing, return_exceptions=True)
    assert find_processes() <= before


async def test_who_may_wait_has_the_next_turn(tmp_path: Path) -> None:
    """More than two that wait are examined one after the other."""
    examined = await asyncio.gather(*(Examiner(tmp_path).examine(ASSIGNMENT, may_wait=True) for _ in range(4)))
    assert [each.refusal for each in examined] == [None] * 4


@pytest.mark.parametrize(
    ("step", "spend"),
    [
        ("examine_manuscript", "pass"),
        ("examine_manuscript", "held.append(bytes(1 << 24))"),
        ("make_ready", "pass"),
    ],
)
async def test_what_uses_up_its_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, spend: str
) -> None:
    """Computing and memory, also to be made ready to decide: the refusal says how much there is, and what to do."""
    monkeypatch.setattr(apart, "_COMMAND", (sys.executable, "-c", BOUNDED.format(step=step, spend=spend)))
    with pytest.raises(ProblemError, match="could not be examined with 19 seconds of computing and 4 GiB") as refused:
        await Examiner(tmp_path).examine(ASSIGNMENT)
    assert refused.value.details.type == "urn:dunning:problem:invalid-ruleset"


def test_it_ends_when_the_server_is_killed() -> None:
    """Nobody is there to end it then: it notices that the line is closed."""
    rules = "".join(
        f"  - {{id: r{number}, when: {{days_overdue: {number}..}}, then: {{action: none}}}}\n" for number in range(8000)
    )
    text = REMINDER.partition("rules:")[0] + "rules:\n" + rules
    question = msgspec.json.encode(msgspec.structs.replace(ASSIGNMENT, manuscript=Manuscript(text=text)))
    with subprocess.Popen(apart._COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: SLF001
        answer, _ = process.communicate(LENGTH.pack(len(question)) + question, timeout=PATIENCE_SECONDS)
    assert (process.returncode, answer) == (EXHAUSTED, b"")


def test_an_answer_survives_its_way() -> None:
    """What is examined apart is what would have been examined here, diagnostics and witnesses included."""
    text = "stateless: true\n" + REMINDER.replace("    level: 1\n", "").replace("    level: 2\n", "")
    here = examine_manuscript(msgspec.structs.replace(ASSIGNMENT, manuscript=Manuscript(text=text)))
    sent = msgspec.json.encode(here)
    assert b"witness" in sent
    assert msgspec.json.encode(msgspec.json.decode(sent, type=Examined)) == sent
