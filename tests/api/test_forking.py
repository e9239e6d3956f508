"""Questions are answered by forks of a process that stands ready: bounded, some at once, ended with who asks."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.forking import Exhausted, ForkFailed, Forks
from tests.waiting import until

pytestmark = pytest.mark.anyio
PROGRAM = """
import os, signal
from api.forking import Bounds, answer_forked

def answer(question):
    match question:
        case b"who":
            return f"{os.getppid()} {os.getpid()}".encode()
        case b"spin":
            while True:
                pass
        case b"fill":
            return bytes(4 << 30)
        case b"die":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"fail":
            raise ValueError("a fault")
        case b"wait":
            os.write(2, b"waiting")
            signal.pause()
    return question

answer_forked(answer, Bounds(cpu_seconds=1, bytes_count=1 << 30))
"""


@pytest.fixture
async def forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Forks]:
    """Forks of a small program."""
    (tmp_path / "small_program.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path.cwd()}")
    made = Forks("small_program")
    yield made
    await made.close()


async def test_each_question_has_a_process_of_its_own(forks: Forks) -> None:
    """All of one that stands ready; an answer may be of any length."""
    first, second = [(await forks.ask(b"who")).split() for _ in range(2)]
    assert first[0] == second[0]
    assert first[1] != second[1]
    large = b"x" * (4 << 20)
    assert await forks.ask(large) == large


@pytest.mark.parametrize("question", [b"spin", b"fill", b"die"])
async def test_what_becomes_of_one_ends_with_it(forks: Forks, question: bytes) -> None:
    """Whether it takes too long, too much, or dies; the next is answered."""
    with pytest.raises(Exhausted):
        await forks.ask(question)
    assert await forks.ask(b"next") == b"next"


async def test_a_fault_of_ours_is_one(forks: Forks) -> None:
    """It is no fault of who asks."""
    with pytest.raises(ForkFailed):
        await forks.ask(b"fail")


async def test_it_ends_with_who_asks(forks: Forks) -> None:
    """Who does not wait any more leaves no process behind, and others have their turn."""
    ready = int((await forks.ask(b"who")).split()[0])

    def children() -> list[str]:
        return Path(f"/proc/{ready}/task/{ready}/children").read_text(encoding="utf-8").split()

    asking = [asyncio.create_task(forks.ask(b"wait")) for _ in range(2)]
    await until(lambda: len(children()) == 2)
    for each in asking:
        each.cancel()
    await until(lambda: not children())
    assert await forks.ask(b"next") == b"next"


async def test_a_turn_is_left_to_short_questions(forks: Forks) -> None:
    """However many long ones wait."""
    asking = [asyncio.create_task(forks.ask(b"wait", is_long=True)) for _ in range(3)]
    assert await forks.ask(b"next") == b"next"
    assert not any(each.done() for each in asking)
    for each in asking:
        each.cancel()


async def test_one_that_ended_is_started_again(forks: Forks) -> None:
    """Whoever ended it."""
    ready = int((await forks.ask(b"who")).split()[0])
    os.kill(ready, 9)
    await until(lambda: not Path(f"/proc/{ready}").exists())
    assert await forks.ask(b"next") == b"next"
