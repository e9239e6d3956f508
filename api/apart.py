"""Examining a ruleset in a process of its own, which ends with whoever waits for it, whatever it is at; two at once."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from api.examining import EXHAUSTED, LENGTH, MOST_BYTES, MOST_CPU_SECONDS, Assignment, Examined
from api.problems import ProblemError
from store.filelocks import FileLock

_AT_ONCE = 2
_LOOK_SECONDS = 0.1
# -P: a folder that the service is started in must not give it its modules.
_COMMAND = (sys.executable, "-P", "-m", "api.examining")


class ExaminationFailed(RuntimeError):
    """A fault of ours ended the process that examined a ruleset; what it wrote to stderr says which."""


class Examiner:
    """Starts a process for each ruleset; the turns are files, so that the workers of one server share them."""

    def __init__(self, folder: Path) -> None:
        self._turns = [folder / f"examining-{number}.lock" for number in range(_AT_ONCE)]

    async def examine(self, assignment: Assignment, *, may_wait: bool = False) -> Examined:
        """Say whether a ruleset can be published; refused where enough are being examined and this may not wait."""
        async with self._turn(may_wait=may_wait):
            process = await asyncio.create_subprocess_exec(
                *_COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
            )
            try:
                answer = await _converse(process, msgspec.json.encode(assignment))
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await asyncio.shield(process.wait())
        if code == 0:
            return msgspec.json.decode(answer, type=Examined)
        if code in {EXHAUSTED, -signal.SIGXCPU, -signal.SIGKILL}:  # KILL: the machine itself was short of memory
            raise ProblemError(
                "invalid-ruleset",
                f"{assignment.manuscript.file} could not be examined with {MOST_CPU_SECONDS} seconds of computing and"
                f" {MOST_BYTES >> 30} GiB of memory; nothing was published. Split the ruleset.",
            )
        raise ExaminationFailed(f"{assignment.manuscript.file} could not be examined: the process ended with {code}")

    @contextlib.asynccontextmanager
    async def _turn(self, *, may_wait: bool) -> AsyncIterator[None]:
        while (own := self._try_turn()) is None:
            if not may_wait:
                raise ProblemError(
                    "too-many-requests", "Enough rulesets are being examined already.", headers={"Retry-After": "2"}
                )
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            yield
        finally:
            own.release()

    def _try_turn(self) -> FileLock | None:
        for path in self._turns:
            lock = FileLock(path)
            if lock.try_own():
                return lock
            lock.forget()
        return None


async def _converse(process: asyncio.subprocess.Process, question: bytes) -> bytes:
    """Hand over the question and read the answer; what was begun ends when the line to it does."""
    if process.stdin is None or process.stdout is None:
        raise TypeError("the process has no line to it")
    with contextlib.suppress(ConnectionError):  # it ended at once, and its code says why
        process.stdin.write(LENGTH.pack(len(question)) + question)
        await process.stdin.drain()
    return await process.stdout.read()
