"""The log as a tree: its end, its proofs, and how anything but a decision gets into it."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec

from store.checkpoints import Signer, Verifier
from store.clock import TOLERANCE, say_length
from store.database import Database
from store.errors import BrokenLog, ClockRight, Untimely
from store.loglines import SERVICE, ClockLine, EntryLine, KeyLine, RetentionLine, encode_line, put_in_place
from store.merkle import Node, fold, hash_node, list_consistency, list_inclusion, split
from store.rowlines import line_of
from store.statements import sql

_PAGE = 1024
_FIELDS = msgspec.json.Decoder(dict[str, Any])
_STORED_LEVELS = 8  # every eighth level is stored


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many lines the log has, and the hashes of the complete subtrees that they make up, the largest first."""

    size: int
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root hash over all lines."""
        return fold(self.peaks)


class KeptCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checkpoint that was handed out."""

    size: int
    origin: str
    note: str
    at: dt.datetime


class OtherLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line that is no decision's: whole, as it was hashed, and what it says."""

    index: int
    kind: str
    line: bytes
    fields: dict[str, Any]


class ExecutedEvidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The line of an executed action, and what it commits to, with its salt; both are None once it is erased."""

    leaf_index: int
    leaf_hash: bytes
    line: bytes
    entry: str | None
    salt: bytes | None


class AuditLog:
    """The log's tree."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known_key: str | None = None  # which key this process has seen to be in the log

    async def read_head(self) -> Head:
        """Read where the log ends now."""
        async with self._database.connection() as connection:
            return await read_head(connection)

    async def prove_inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Prove that the leaf at a place is in the tree of the first `size`; raises ProofError, BrokenLog."""
        return await self._hash_all(list_inclusion(index, size))

    async def prove_consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Prove that the tree of `new_size` begins with that of `old_size`; raises ProofError, BrokenLog."""
        return await self._hash_all(list_consistency(old_size, new_size))

    async def stream_lines(self, size: int) -> AsyncIterator[list[bytes]]:
        """Read the first lines, each as it was hashed, in order, some at a time; BrokenLog where one is missing."""
        for start in range(0, size, _PAGE):
            end = min(start + _PAGE, size)
            async with self._database.connection() as connection:
                rows = [
                    row
                    for statement in (sql("log.page_decisions"), sql("log.page_entries"))
                    for row in await connection.fetch(statement, start, end)
                ]
            rows.sort(key=lambda row: row["leaf_index"])
            if [row["leaf_index"] for row in rows] != list(range(start, end)):
                raise BrokenLog(f"lines between {start} and {end} are missing; `dunning audit verify` tells which")
            yield [put_in_place(row["leaf_index"], line_of(row)) for row in rows]

    async def stream_others(self, *, without: Sequence[str] = ()) -> AsyncIterator[OtherLine]:
        """Read what is in the log beside decisions, in order; lines of some kinds may be left out."""
        last = -1
        while rows := await self._database.fetch(sql("log.page_other_lines"), last, _PAGE, without):
            for row in rows:
                yield _other_line_of(row)
            last = rows[-1]["leaf_index"]

    async def list_erasures(self, *, before: int | None = None, limit: int = 100) -> tuple[OtherLine, ...]:
        """List the lines of erasures and of retention, newest first, before a place."""
        rows = await self._database.fetch(sql("log.page_erasures"), before, limit)
        return tuple(_other_line_of(row) for row in rows)

    async def find_executed(self, decision_id: str) -> ExecutedEvidence | None:
        """Find the line that says that a decision was carried out; None where none does."""
        row = await self._database.fetchrow(sql("log.find_entry"), "executed", decision_id)
        if row is None:
            return None
        line = put_in_place(row["leaf_index"], row["line"].encode())
        same = {name: row[name] for name in ("leaf_index", "leaf_hash", "salt", "entry")}
        return ExecutedEvidence(line=line, **same)

    async def begin_time_anew(self, *, actor: str, name: str, note: str) -> int:
        """Log that times so far may be wrong, so that lines of now can follow; raises ClockRight where they can."""
        async with self._database.transaction() as connection:
            end = await connection.fetchrow(sql("log.hold"))
            if end["latest_at"] is None or end["latest_at"] <= end["now"] + TOLERANCE:
                raise ClockRight(f"the latest time in the log, {end['latest_at']}, is none that has yet to come")
            return await append_line(connection, ClockLine(at=end["now"], actor=actor, name=name, note=note))

    async def sign(self, signer: Signer) -> tuple[Head, str]:
        """Sign the log as it is now, its key included, and remember the checkpoint."""
        if self._known_key != str(signer.verifier):
            await self.introduce_key(signer.verifier)
        head = await self.read_head()
        note = signer.sign(head.size, head.root)
        await self.keep_checkpoint(head.size, signer.verifier.name, note)
        return head, note

    async def introduce_key(
        self, new: Verifier, *, old: Signer | None = None, actor: str = SERVICE, name: str | None = None
    ) -> None:
        """Log that checkpoints are signed with a key, unless it is the one already; `old` signs that it gives way."""
        async with self._database.transaction() as connection:
            end = await connection.fetchrow(sql("log.hold"))
            row = await connection.fetchrow(sql("log.read_last_of_kind"), "key")
            known = None if row is None else _FIELDS.decode("{" + row["line"][1:])["subject"]
            if known != str(new):
                endorses = old is not None and str(old.verifier) == known
                line = KeyLine(
                    at=end["now"],
                    subject=str(new),
                    old=known,
                    signature=old.endorse(new) if old is not None and endorses else None,
                    actor=actor,
                    name=name,
                )
                await append_line(connection, line)
        self._known_key = str(new)

    async def keep_checkpoint(self, size: int, origin: str, note: str) -> None:
        """Remember a checkpoint that is handed out."""
        await self._database.fetch(sql("log.keep_checkpoint"), size, origin, note)

    async def list_checkpoints(
        self, *, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> tuple[KeptCheckpoint, ...]:
        """List the checkpoints handed out in a period, in order of size."""
        rows = await self._database.fetch(sql("log.list_checkpoints"), since, until)
        return tuple(KeptCheckpoint(**dict(row.items())) for row in rows)

    async def list_last_checkpoints(self, limit: int) -> tuple[KeptCheckpoint, ...]:
        """List the last checkpoints handed out, newest first."""
        rows = await self._database.fetch(sql("log.page_last_checkpoints"), limit)
        return tuple(KeptCheckpoint(**dict(row.items())) for row in rows)

    async def read_checkpoint(self, size: int, origin: str) -> KeptCheckpoint | None:
        """Read a checkpoint that was handed out."""
        row = await self._database.fetchrow(sql("log.read_checkpoint"), size, origin)
        return None if row is None else KeptCheckpoint(**dict(row.items()))

    async def _hash_all(self, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
        async with self._database.connection() as connection:
            return tuple(
                [fold([await _hash_subtree(connection, node) for node in split(start, end)]) for start, end in ranges]
            )


def _other_line_of(row: asyncpg.Record) -> OtherLine:
    line = put_in_place(row["leaf_index"], line_of(row))
    return OtherLine(index=row["leaf_index"], kind=row["kind"], line=line, fields=_FIELDS.decode(line))


async def read_head(connection: asyncpg.Connection) -> Head:
    """Read where the log ends, as this transaction sees it."""
    return head_of(await connection.fetchrow(sql("log.read_head")))


def head_of(row: asyncpg.Record | None) -> Head:
    """Read the log's end from its row."""
    if row is None:
        raise BrokenLog("the log has lost its end: dunning.log_head is empty")
    return Head(size=row["size"], peaks=tuple(row["peaks"]))


async def append_line(connection: asyncpg.Connection, line: EntryLine) -> int:
    """Log a line that is no decision's, at the end of this transaction: nobody else can log before it commits.

    Raises Untimely where its time does not follow those in the log, or where a retention reaches beyond its own time.
    """
    account_id = getattr(line, "account_id", None)
    before = line.before if isinstance(line, RetentionLine) else None
    arguments = (line.kind, encode_line(line).decode(), account_id, before)
    row = await connection.fetchrow(sql("log.append"), *arguments)
    _check_time(line, now=row["now"], latest=row["latest_at"])  # what it raises undoes the transaction
    place: int = row["place"]
    return place


def _check_time(line: EntryLine, *, now: dt.datetime, latest: dt.datetime | None) -> None:
    said = f"a line of {line.at:%Y-%m-%d %H:%M:%S} UTC"
    if line.at > now + TOLERANCE:
        raise Untimely(f"{said} cannot be logged: by PostgreSQL's clock that is {say_length(line.at - now)} ahead")
    if latest is not None and line.at < latest - TOLERANCE and not isinstance(line, ClockLine):
        raise Untimely(f"{said} cannot be logged: the log holds one that is {say_length(latest - line.at)} later")
    if isinstance(line, RetentionLine) and line.before > line.at:
        raise Untimely(f"{said} cannot let go of facts up to {line.before:%Y-%m-%d %H:%M:%S} UTC: that is yet to come")


async def _hash_subtree(connection: asyncpg.Connection, node: Node) -> bytes:
    """Work out the hash of a complete subtree from the nearest stored level below it."""
    level, index = node
    stored = level // _STORED_LEVELS * _STORED_LEVELS
    start, end = index << (level - stored), (index + 1) << (level - stored)
    if stored == 0:
        rows = await connection.fetch(sql("log.read_leaves"), start, end)
    else:
        rows = await connection.fetch(sql("log.read_nodes"), stored, start, end)
    if [row["leaf_index"] for row in rows] != list(range(start, end)):
        raise BrokenLog(
            f"the log lacks hashes of level {stored} between {start} and {end}; `dunning audit verify` tells"
        )
    hashes = [row["leaf_hash"] for row in rows]
    while len(hashes) > 1:
        hashes = [hash_node(*hashes[place : place + 2]) for place in range(0, len(hashes), 2)]
    found: bytes = hashes[0]
    return found
