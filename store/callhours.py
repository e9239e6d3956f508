"""How often calls were answered, by segment and two hours of the local time: counted as outcomes are recorded."""

from collections.abc import Iterable, Mapping

import asyncpg
import msgspec

from engine.model.calls import WINDOWS, HourCalls, Whose
from store.database import Database
from store.statements import sql

_NO_SEGMENT = ""


class CallHours:
    """The calls to all accounts; an account that went, or has another segment now, stays counted as it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, segments: Iterable[str | None]) -> Mapping[str | None, bytes]:
        """Write for each of some segments, None for none, what an account of it has as `call_hours`, a JSON list."""
        async with self._database.connection() as connection:
            return await read_call_hours(connection, segments)


async def read_call_hours(connection: asyncpg.Connection, segments: Iterable[str | None]) -> Mapping[str | None, bytes]:
    """Read the same over a connection that is held already."""
    asked = set(segments)
    rows = await connection.fetch(sql("call_hours.read"), [each for each in asked if each is not None])
    everybody = [_line(row, "all") for row in rows if row["segment"] is None]
    return {
        each: msgspec.json.encode(
            [*(_line(row, "segment") for row in rows if row["segment"] == each and each), *everybody]
        )
        for each in asked
    }


async def count_calls(connection: asyncpg.Connection, segment: str | None, calls: Iterable[HourCalls]) -> None:
    """Count calls that are recorded in this transaction; the log's end is not yet taken."""
    lines = [(each.window, each.answered, each.calls) for each in calls]
    if lines:
        columns = map(list, zip(*lines, strict=True))
        await connection.execute(sql("call_hours.count"), segment or _NO_SEGMENT, *columns)


def _line(row: asyncpg.Record, of: Whose) -> dict[str, object]:
    return {"window": WINDOWS[row["call_window"]], "of": of, "answered": row["answered"], "calls": row["calls"]}
