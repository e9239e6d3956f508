"""What reads the whole log, in a process of its own that nobody who asks has to wait for: proving it, packing evidence.

It is asked over standard input, tells in lines of JSON how far it is, and ends with whoever asked.
"""

import asyncio
import datetime as dt
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

import msgspec

from api.evidence.pack import Wanted, write_pack
from api.masking import Masks
from api.verifying import Assignment, Packing, Report
from store.auditlog import KeptCheckpoint
from store.checkpoints import Checkpoint, CheckpointInvalid, Signer, Verifier
from store.database import connect, naming_failures
from store.errors import StoreError
from store.store import Store
from store.verifying import Verification, verify_log

_STATEMENT_SECONDS = 600.0  # one statement may read all of a long log
_NICENESS = 10  # those who are answered go first
_ASKER_LEFT = 3


async def _work(asked: Assignment) -> Report:
    """Do what is asked; what PostgreSQL does not allow is said."""
    signer = None if asked.key is None else Signer.read(asked.key)
    try:
        async with await Store.open(asked.url) as store:
            checkpoints = [] if asked.witness is None else [asked.witness]
            if signer is not None:
                checkpoints += open_kept(signer.verifier, await store.log.list_checkpoints())
            verification = await _verify(asked.url, checkpoints)
            if asked.packing is not None and signer is not None:
                await _pack(store, signer, verification, asked.packing)
    except StoreError as problem:
        return Report(trouble=f"{problem}")
    return Report(verification=verification)


def open_kept(verifier: Verifier, kept: Sequence[KeptCheckpoint]) -> list[Checkpoint]:
    """Return the checkpoints in the database that the key signed; others prove nothing either way."""
    found = []
    for each in kept:
        try:
            found.append(verifier.open(each.note))
        except CheckpointInvalid:
            continue
    return found


async def _verify(url: str, checkpoints: Sequence[Checkpoint]) -> Verification:
    with naming_failures():
        connection = await connect(url, statement_seconds=_STATEMENT_SECONDS)
        try:
            return await verify_log(
                connection, checkpoints=checkpoints, progress=lambda at, end: _tell(Report(checked=at, total=end))
            )
        finally:
            await connection.close()


async def _pack(store: Store, signer: Signer, verification: Verification, packing: Packing) -> None:
    wanted = Wanted(
        since=packing.since,
        until=packing.until,
        sample_count=packing.sample_count,
        masks=Masks(()),
        made_at=dt.datetime.now(dt.UTC),
    )
    await write_pack(store, signer, verification, wanted, Path(packing.file), lambda _: None)


def _tell(report: Report) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def _end_with_asker() -> None:
    """End when nobody listens any more: the line is closed then, however the process at its other end ended."""
    sys.stdin.buffer.read()
    os._exit(_ASKER_LEFT)


def main() -> None:
    """Do what comes over standard input."""
    os.nice(_NICENESS)
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=Assignment)
    threading.Thread(target=_end_with_asker, daemon=True).start()
    try:
        _tell(asyncio.run(_work(asked)))
    except Exception:  # noqa: BLE001  a fault of ours is told; Python's own end would wait for the thread that listens
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
