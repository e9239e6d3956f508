"""Proving the log and packing its evidence beside answering: each in a process of its own, one at a time."""

import asyncio
import contextlib
import datetime as dt
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from store.checkpoints import Checkpoint, Signer
from store.errors import StoreError
from store.store import Store
from store.tokens import Token
from store.verifying import Verification

# -P: a folder that the service is started in must not give it its modules.
_COMMAND = (sys.executable, "-P", "-m", "api.auditing")
_NOTED_EVERY_SECONDS = 1.0
_LONGEST_LINE = 16 << 20  # findings and all
_FAULT = "a fault of the program ended it; the server's own log says which"


class Packing(msgspec.Struct, frozen=True, kw_only=True):
    """Which evidence is packed, and into which file."""

    since: dt.datetime | None
    until: dt.datetime | None
    sample_count: int
    file: str


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Which log is verified; then, where it is asked for, its evidence is packed.

    `key` is the log's own, written; `witness` a checkpoint that was kept elsewhere, its signature checked.
    """

    url: str
    key: str | None
    witness: Checkpoint | None = None
    packing: Packing | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far it is, or how it ended: with what was found, or why there is nothing."""

    checked: int = 0
    total: int = 0
    verification: Verification | None = None
    trouble: str | None = None


class Verifier:
    """Begins verifications, and ends those that run when the server ends."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._packing = asyncio.Lock()

    async def begin(self, store: Store, signer: Signer | None, token: Token, witness: Checkpoint | None = None) -> str:
        """Begin one, and return its id; raises AlreadyVerifying."""
        size = None if witness is None else witness.size
        verification_id = await store.verifications.begin(actor=token.id, name=token.name, witness_size=size)
        asked = msgspec.structs.replace(_assign(store, signer), witness=witness)
        task = asyncio.create_task(_verify(store, asked, verification_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return verification_id

    async def finish(self) -> None:
        """Wait until none runs any more."""
        await asyncio.gather(*self._running)

    async def pack(self, store: Store, signer: Signer, packing: Packing) -> BinaryIO:
        """Verify the log, pack its evidence, and return the archive, which is gone once it is closed.

        The packing's file is chosen here. Raises PackFailed where it cannot be packed or one is packed already.
        """
        if self._packing.locked():
            raise PackFailed("evidence is being packed already; try again when that is done")
        async with self._packing:
            with tempfile.TemporaryDirectory(prefix="dunning-") as folder:
                file = Path(folder) / "evidence.zip"
                asked = _assign(store, signer, msgspec.structs.replace(packing, file=str(file)))
                trouble: str | None = _FAULT
                async for report in _ask(asked):
                    trouble = report.trouble
                if trouble is not None or not await asyncio.to_thread(file.exists):
                    raise PackFailed(trouble or _FAULT)
                return await asyncio.to_thread(file.open, "rb")

    async def close(self) -> None:
        """End those that run."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class PackFailed(Exception):
    """No evidence could be packed; the message says why."""


def _assign(store: Store, signer: Signer | None, packing: Packing | None = None) -> Assignment:
    return Assignment(url=store.database.url, key=None if signer is None else signer.write(), packing=packing)


async def _verify(store: Store, asked: Assignment, verification_id: str) -> None:
    """Note how far it is about once a second, and what came of it."""
    noted_at = time.monotonic()
    last = Report(trouble=_FAULT)
    async for report in _ask(asked):
        last = report
        if report.total and time.monotonic() - noted_at >= _NOTED_EVERY_SECONDS:
            noted_at = time.monotonic()
            with contextlib.suppress(StoreError):
                await store.verifications.advance(verification_id, report.checked, report.total)
    with contextlib.suppress(StoreError):
        await store.verifications.end(verification_id, last.verification or last.trouble or _FAULT)


async def _ask(asked: Assignment) -> AsyncIterator[Report]:
    """Ask a process, and yield what it tells; it ends with us."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the process has no line to it")
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(asked) + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            yield msgspec.json.decode(line, type=Report)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
