"""What clients were answered, held against the database: nothing of it is missing, and the log is one whole tree."""

import asyncio
from collections.abc import Iterable

import asyncpg

from store.checkpoints import Checkpoint
from store.verifying import Verification, verify_log


def check_ledger(
    url: str, decided: Iterable[str], executed: Iterable[str] = (), kept: list[Checkpoint] | None = None
) -> Verification:
    """See that all of it is there, and the log whole; keep a checkpoint of it for the next time."""
    checkpoints = [] if kept is None else kept

    async def look() -> Verification:
        connection = await asyncpg.connect(url)
        try:
            ids = {row[0] for row in await connection.fetch("SELECT id::text FROM dunning.decisions")}
            missing = {*decided} - ids
            assert not missing, f"not logged: {missing}"
            lines = await connection.fetch("SELECT subject FROM dunning.log_entries WHERE kind = 'executed'")
            assert {*executed} - {row[0] for row in lines} == set()
            history = await connection.fetch("SELECT decision_id::text FROM dunning.history")
            assert {*executed} - {row[0] for row in history} == set()
            return await verify_log(connection, checkpoints=checkpoints)
        finally:
            await connection.close()

    verification = asyncio.run(look())
    assert verification.findings == ()
    checkpoints.append(Checkpoint(origin="log", size=verification.size, root=verification.root))
    return verification
