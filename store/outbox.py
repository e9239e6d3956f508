"""The outbox: events are written in the transaction that causes them, and told in the order in which they committed.

The order of writing is not that of committing: an event written first may be seen last, and whoever had read on by then
would miss it. So an event gets its place (`sequence`) only once it is committed, by one at a time: whoever sees a place
sees all before it.
"""

import datetime as dt

import asyncpg
import msgspec

from store.database import Database, announce
from store.errors import EventsForgotten
from store.events import Event
from store.identifiers import make_id
from store.statements import sql

TOPIC = "events"
_BATCH = 5000


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event in its place; `data` is JSON."""

    id: str
    sequence: int
    type: str
    subject: str
    at: dt.datetime
    data: bytes


async def tell(connection: asyncpg.Connection, *events: Event) -> None:
    """Write events; they are told when this transaction commits, and never happened where it does not."""
    if not events:
        return
    columns = (
        [make_id() for _ in events],
        [event.type for event in events],
        [event.account for event in events],
        [event.subject for event in events],
        [_encode(event).decode() for event in events],
    )
    await connection.execute(sql("events.write"), *columns)
    await announce(connection, TOPIC)


class Outbox:
    """The events that were told, and those that are to be."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, *, after: int = 0, limit: int = 100) -> tuple[ToldEvent, ...]:
        """List events in order, from behind a place on; raises EventsForgotten where some of those are gone."""
        await self.arrange()
        rows = await self._database.fetch(sql("events.list"), after, limit)
        forgotten = await self._database.fetchval(sql("events.read_forgotten"))  # after the rows: none is missed unseen
        if 0 < after < forgotten:
            raise EventsForgotten(f"events up to {forgotten} are forgotten, and so some behind {after}")
        return tuple(event_of(row) for row in rows)

    async def list_last(self, *, before: int | None = None, limit: int = 100) -> tuple[ToldEvent, ...]:
        """List the last events, newest first, before a place."""
        await self.arrange()
        return tuple(event_of(row) for row in await self._database.fetch(sql("events.list_last"), before, limit))

    async def arrange(self) -> None:
        """Give committed events their places, and let them be sent to who wants them."""
        while await self._database.fetchval(sql("events.is_any_new")):
            async with self._database.transaction() as connection:
                # A statement of its own: the next one sees what whoever held this before committed.
                last = await connection.fetchval(sql("events.hold_end"))
                await connection.execute(sql("events.arrange"), last, _BATCH)
                await connection.execute(sql("deliveries.plan"), last)

    async def forget(self, before: dt.datetime) -> int:
        """Forget the events of before an instant; answers how many."""
        async with self._database.transaction() as connection:
            await connection.fetchval(sql("events.hold_end"))
            return int(await connection.fetchval(sql("events.forget"), before, _BATCH))


def event_of(row: asyncpg.Record) -> ToldEvent:
    """Read an event from its row."""
    same = {name: row[name] for name in ("sequence", "type", "subject", "at")}
    return ToldEvent(id=str(row["id"]), data=row["data"].encode(), **same)


_encode = msgspec.json.Encoder().encode
