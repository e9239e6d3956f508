"""The access log in batches: what the log says of them, and whether the readings written down are still that."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from store.findings import Findings
from store.loglines import SERVICE, AccessesLine
from store.statements import sql

Logged = Sequence[tuple[int, AccessesLine]]
_BEFORE_ALL = -(1 << 62)


def line_of_accesses(rows: Sequence[asyncpg.Record], *, at: dt.datetime) -> AccessesLine:
    """Write the line of some readings, in the order of their numbers."""
    return AccessesLine(at=at, row=rows[-1]["id"], count=len(rows), hash=hash_accesses(rows), actor=SERVICE)


def hash_accesses(rows: Iterable[asyncpg.Record]) -> str:
    """Hash readings: one JSON array each, in a line of its own."""
    told = ([row["id"], row["at"], row["actor"], row["name"], row["what"]] for row in rows)
    return hashlib.sha256(b"".join(msgspec.json.encode(each) + b"\n" for each in told)).hexdigest()


async def compare_accesses(connection: asyncpg.Connection, logged: Logged, findings: Findings) -> None:
    """Compare the readings with the batches that the log says were sealed."""
    last = _BEFORE_ALL
    for place, line in logged:
        rows = await connection.fetch(sql("accesses.page_sealed"), last, line.row, line.count + 1)
        if (len(rows), hash_accesses(rows)) != (line.count, line.hash):
            said = f"the readings of personal data up to number {line.row} are not those that were written down"
            findings.add("edit", place, place, f"entry {place} (accesses): {said}")
        last = line.row
