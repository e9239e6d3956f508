"""Who read personal data, when, and what: written before they are read, and never changed."""

import datetime as dt

import msgspec

from store.accesslines import line_of_accesses
from store.auditlog import append_line
from store.database import Database
from store.statements import sql

_BATCH = 5000


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading; `actor` is a token's id, or who ran a command on the database itself."""

    id: int
    at: dt.datetime
    actor: str
    name: str
    what: str


class AccessPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some readings, newest first, and the cursor that asks for those before them."""

    accesses: tuple[Access, ...]
    next_cursor: int | None


class Accesses:
    """The access log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, *, actor: str, name: str, what: str) -> None:
        """Record a reading; what cannot be recorded must not be read."""
        await self._database.fetch(sql("accesses.record"), actor, name, what)

    async def seal(self) -> int:
        """Log what was written down since the last time, so that none of it can be changed unseen; answers how much."""
        total = 0
        while True:
            async with self._database.transaction() as connection:
                await connection.execute(sql("accesses.hold"))
                rows = await connection.fetch(sql("accesses.page_unsealed"), _BATCH)
                if rows:
                    now = await connection.fetchval("SELECT clock_timestamp()")
                    await append_line(connection, line_of_accesses(rows, at=now))
            total += len(rows)
            if len(rows) < _BATCH:
                return total

    async def list(
        self,
        *,
        actor: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        cursor: int | None = None,
        limit: int = 100,
    ) -> AccessPage:
        """List a page of readings, newest first; `since` is inclusive, `until` exclusive."""
        rows = await self._database.fetch(sql("accesses.list"), actor, since, until, cursor, limit + 1)
        found = tuple(Access(**dict(row.items())) for row in rows[:limit])
        return AccessPage(accesses=found, next_cursor=found[-1].id if len(rows) > limit else None)
