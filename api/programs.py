"""Programs of our own that a server starts beside itself, so that nobody waits for them to decide."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from store.errors import StoreError, Unavailable

QuestionT = TypeVar("QuestionT")


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer as JSON, or why the store gave none."""

    body: str | None = None
    trouble: str | None = None


async def ask_program(module: str, question: msgspec.Struct) -> bytes:
    """Ask a module that answers as a program does, and return its answer as JSON; raises Unavailable, RuntimeError."""
    answer = msgspec.json.decode(await run_program(module, msgspec.json.encode(question)), type=_Answer)
    if answer.body is None:
        raise Unavailable(answer.trouble or "")
    return answer.body.encode()


def answer_as_program(kind: type[QuestionT], make: Callable[[QuestionT], Awaitable[object]]) -> None:
    """Answer the question on stdin, or say what was wrong with the store."""

    async def work() -> object:
        return await make(msgspec.json.decode(sys.stdin.buffer.read(), type=kind))

    try:
        answer = _Answer(body=msgspec.json.encode(asyncio.run(work())).decode())
    except StoreError as problem:
        answer = _Answer(trouble=str(problem))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


async def run_program(module: str, question: bytes) -> bytes:
    """Run a module as a program and return what it wrote; it ends with whoever waits for it. Raises RuntimeError."""
    # -P: a folder that the service is started in must not give it its modules.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, _ = await process.communicate(question)
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode:
        raise RuntimeError(f"the program {module} ended with {process.returncode}")
    return out
