"""Verifications of the log that were begun from the console: how far each is, and what it found.

They are a convenience, and no proof to others: whoever can change the log can change these. A proof is
`dunning audit verify` with a checkpoint that was kept elsewhere.
"""

import datetime as dt
from typing import Literal

import asyncpg
import msgspec

from store.database import Database
from store.errors import AlreadyVerifying
from store.identifiers import is_id, make_id
from store.statements import sql
from store.verifying import Verification

LOST_AFTER = dt.timedelta(seconds=60)
_MOST_LISTED = 50

State = Literal["running", "ended", "failed", "lost"]


class StoredVerification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of them: `checked` of `total` lines so far; `result` once it ended, `trouble` where it could not.

    `witness_size` is of the checkpoint kept elsewhere that the log is held against, None where none was given.
    """

    id: str
    state: State
    actor: str
    name: str
    witness_size: int | None
    began_at: dt.datetime
    ended_at: dt.datetime | None
    checked: int
    total: int
    result: Verification | None
    trouble: str | None


class Verifications:
    """What is kept of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, actor: str, name: str, witness_size: int | None = None) -> str:
        """Note that one begins, and return its id; raises AlreadyVerifying while another runs."""
        verification_id = make_id()
        async with self._database.transaction() as connection:
            await connection.execute(sql("verifications.hold"))
            if await connection.fetchval(sql("verifications.is_any_running"), LOST_AFTER):
                raise AlreadyVerifying("the log is being verified already")
            await connection.execute(sql("verifications.begin"), verification_id, actor, name, witness_size)
        return verification_id

    async def advance(self, verification_id: str, checked: int, total: int) -> None:
        """Note how far it is; one of which nothing is heard for a minute is taken for lost."""
        await self._database.fetch(sql("verifications.advance"), verification_id, checked, total)

    async def end(self, verification_id: str, result: Verification | str) -> None:
        """Note what came of it, or in words why nothing did."""
        text, trouble = (None, result) if isinstance(result, str) else (_ENCODER.encode(result).decode(), None)
        await self._database.fetch(sql("verifications.end"), verification_id, text, trouble)

    async def list(self) -> tuple[StoredVerification, ...]:
        """List the last ones, newest first."""
        rows = await self._database.fetch(sql("verifications.list"), _MOST_LISTED, LOST_AFTER)
        return tuple(_verification_of(row) for row in rows)

    async def read(self, verification_id: str) -> StoredVerification | None:
        """Read one; None also for what is no id."""
        if not is_id(verification_id):
            return None
        row = await self._database.fetchrow(sql("verifications.read"), verification_id, LOST_AFTER)
        return None if row is None else _verification_of(row)


def _verification_of(row: asyncpg.Record) -> StoredVerification:
    state: State = "lost" if row["is_lost"] else "running" if row["ended_at"] is None else "ended"
    result = None if row["result"] is None else msgspec.json.decode(row["result"], type=Verification)
    same = {name: row[name] for name in StoredVerification.__struct_fields__ if name not in {"id", "state", "result"}}
    return StoredVerification(
        id=str(row["id"]), state="failed" if row["trouble"] is not None else state, result=result, **same
    )


_ENCODER = msgspec.json.Encoder()
