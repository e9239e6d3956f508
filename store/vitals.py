"""What an operator would look at first in the database: read, never changed; `cli` says what it means."""

import datetime as dt
import time
from typing import Any

import msgspec

from store.database import Database
from store.migration import read_migrations
from store.statements import sql

SETTINGS = (
    "fsync",
    "full_page_writes",
    "data_checksums",
    "ignore_checksum_failure",
    "zero_damaged_pages",
    "autovacuum",
)


class Standby(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that receives what is written; the lag is None where it is not known."""

    name: str
    lag_seconds: float | None


class IdleSlot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A replication slot that nobody reads, and what PostgreSQL keeps for it."""

    name: str
    kept_bytes: int


class Holdings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the service keeps: the log, versions that wait for approval, tokens that can be used."""

    lines_count: int
    latest_at: dt.datetime | None
    checkpoint_at: dt.datetime | None
    unapproved_count: int
    usable_count: int
    ending_count: int
    endless_count: int


class Vitals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A database at an instant by its clock; `ahead_seconds` is how far that is before ours."""

    version: int
    now: dt.datetime
    ahead_seconds: float
    is_standby: bool
    settings: dict[str, str]
    connections_count: int
    most_connections: int
    size_bytes: int
    transactions_age: int
    oldest_transaction_seconds: float | None
    standbys: tuple[Standby, ...]
    idle_slots: tuple[IdleSlot, ...]
    missing_migrations_count: int
    unknown_migrations: tuple[str, ...]
    holdings: Holdings | None


async def read_vitals(database: Database, *, ending_days: int) -> Vitals:
    """Read everything; `holdings` is None where the tables are not there, or not those of this program."""
    asked_at = time.time()
    server = await _read_one(database, sql("vitals.server"))
    answered_at = time.time()
    settings = await database.fetch(sql("vitals.settings"), list(SETTINGS))
    is_standby = bool(server["is_standby"])
    has_tables = server.pop("has_tables")
    applied = await database.fetch(sql("vitals.migrations")) if has_tables else []
    known = {(each.number, each.name, each.checksum) for each in read_migrations()}
    missing = known - {tuple(row) for row in applied}
    unknown = tuple(f"{row['number']:04} ({row['name']})" for row in applied if tuple(row) not in known)
    now: dt.datetime = server["now"]
    return Vitals(
        **server,
        ahead_seconds=_find_distance(now.timestamp(), asked_at, answered_at),
        settings={row["name"]: row["value"] for row in settings},
        standbys=tuple(Standby(**row) for row in await database.fetch(sql("vitals.standbys"))),
        idle_slots=() if is_standby else tuple(IdleSlot(**row) for row in await database.fetch(sql("vitals.slots"))),
        missing_migrations_count=len(missing),
        unknown_migrations=unknown,
        holdings=None if missing or unknown else await _read_holdings(database, ending_days),
    )


async def _read_holdings(database: Database, ending_days: int) -> Holdings:
    tokens = await _read_one(database, sql("vitals.tokens"), ending_days)
    return Holdings(**await _read_one(database, sql("vitals.holdings")), **tokens)


async def _read_one(database: Database, statement: str, *arguments: object) -> dict[str, Any]:
    return dict(await database.fetchrow(statement, *arguments) or {})


def _find_distance(told: float, asked_at: float, answered_at: float) -> float:
    """Tell how far another clock is ahead (behind: below zero); somewhere between the two it was read."""
    return max(told - answered_at, 0.0) + min(told - asked_at, 0.0)
