"""A process that stands ready with all it needs, and forks for each question.

None waits for a start, and none can do another any harm: whatever becomes of it ends with it.
"""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Never

import msgspec

_LENGTH = struct.Struct("!Q")
"""What stands before a question, and before its answer: how many bytes follow. No bytes are the answer of a fault."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one question may use."""

    cpu_seconds: int
    bytes_count: int


class Exhausted(Exception):
    """A question used up what it may."""


class ForkFailed(RuntimeError):
    """A fault of ours ended the process that answered; what it wrote to stderr says which."""


class Forks:
    """Has questions answered by the program that a module is, each in a process of its own; some at once."""

    def __init__(self, module: str, *, most: int = 2) -> None:
        # -P: a folder that the service is started in must not give it its modules.
        self._command = (sys.executable, "-P", "-m", module)
        self._turns = asyncio.Semaphore(most)
        self._long_turns = asyncio.Semaphore(most - 1)
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()

    async def ask(self, question: bytes, *, is_long: bool = False) -> bytes:
        """Return the answer; whoever does not wait for it any more ends its process too. Raises Exhausted.

        One turn is left to those that are not long.
        """
        async with self._long_turns if is_long else contextlib.nullcontext(), self._turns:
            own, other = socket.socketpair()
            with other:
                try:
                    await self._hand_over(other)
                except BaseException:
                    own.close()
                    raise
            reader, writer = await asyncio.open_unix_connection(sock=own)
            try:
                writer.write(_LENGTH.pack(len(question)) + question)
                await writer.drain()
                (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
                answer = await reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                raise Exhausted from None
            finally:
                writer.close()
            if not answer:
                raise ForkFailed("a question could not be answered")
            return answer

    async def close(self) -> None:
        """End the process that stands ready; nothing is asked afterwards."""
        if self._control is not None and self._process is not None:
            self._control.close()
            await self._process.wait()
            self._control = self._process = None

    async def _hand_over(self, line: socket.socket) -> None:
        """Give the line of a question to the process that stands ready; one that has ended is started again."""
        async with self._starting:
            try:
                if self._control is not None:
                    socket.send_fds(self._control, [b"?"], [line.fileno()])
                    return
            except OSError:
                await self.close()
            control, other = socket.socketpair()
            with other:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, stdin=other.fileno(), start_new_session=True
                )
            self._control = control
            socket.send_fds(control, [b"?"], [line.fileno()])


def answer_forked(answer: Callable[[bytes], bytes], bounds: Bounds) -> None:
    """Answer every question whose line comes over standard input, each in a process of its own, until that ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not message:
                return
            with socket.socket(fileno=descriptors[0]) as line:
                if os.fork() == 0:
                    control.close()
                    _answer_one(line, answer, bounds)


def _answer_one(line: socket.socket, answer: Callable[[bytes], bytes], bounds: Bounds) -> Never:
    """Answer one question within its bounds, for as long as whoever asked is there."""
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (bounds.bytes_count, bounds.bytes_count))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    (length,) = _LENGTH.unpack(_read(line, _LENGTH.size))
    question = _read(line, length)
    threading.Thread(target=_end_with_asker, args=(line,), daemon=True).start()
    try:
        told = answer(question)
    except MemoryError:
        os._exit(1)
    except BaseException:  # noqa: BLE001  a fault of ours is told; nothing may go on into the loop that forked
        traceback.print_exc()
        told = b""
    try:
        line.sendall(_LENGTH.pack(len(told)) + told)
    finally:
        os._exit(0)


def _read(line: socket.socket, length: int) -> bytes:
    """Read so many bytes; where they do not come, nobody asks any more."""
    parts = bytearray()
    while len(parts) < length:
        part = line.recv(length - len(parts))
        if not part:
            os._exit(0)
        parts += part
    return bytes(parts)


def _end_with_asker(line: socket.socket) -> None:
    """End when nobody waits any more: the line is closed then."""
    line.recv(1)
    os._exit(0)
