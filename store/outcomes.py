"""What came of a debt: append-only, once for its id, gone only with its account."""

import datetime as dt
import os
from collections.abc import Callable, Sequence

import asyncpg
import msgspec

from engine.model.calls import count_calls as sum_calls
from store.auditlog import append_line
from store.callhours import count_calls
from store.database import Database
from store.errors import UnknownAccount
from store.grouping import is_storable
from store.loglines import SERVICE, OutcomeLine, commit_to_entry
from store.statements import sql

_SALT_BYTES = 16


class RecordedOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome: JSON as given; where it names no amount and needs one, with what the account owed."""

    id: str
    type: str
    at: dt.datetime
    outcome: bytes
    is_amount_drawn: bool
    recorded_at: dt.datetime


class NewOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome about to be recorded; `local_hour` of the day in which a call was made."""

    id: str
    type: str
    at: dt.datetime
    outcome: bytes
    is_amount_drawn: bool = False
    local_hour: int | None = None


class AccountInHand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account's document and all its outcomes, while nobody else writes either."""

    document: bytes
    outcomes: tuple[RecordedOutcome, ...]


class Outcomes:
    """The outcomes of stored accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self,
        account_id: str,
        prepare: Callable[[AccountInHand], Sequence[NewOutcome]],
        *,
        actor: str = SERVICE,
        name: str | None = None,
    ) -> tuple[RecordedOutcome, ...]:
        """Record what `prepare` makes of an account as it is then, all or nothing, and log that it was.

        What `prepare` raises undoes it. Raises UnknownAccount.
        """
        if not is_storable(account_id):
            raise UnknownAccount(f"no account {account_id!r} is stored")
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("accounts.hold"), account_id)
            if row is None:
                raise UnknownAccount(f"no account {account_id!r} is stored")
            known = tuple(map(_outcome_of, await connection.fetch(sql("outcomes.list"), account_id)))
            segment = row["segment"]
            fresh = prepare(AccountInHand(document=row["document"].encode(), outcomes=known))
            calls = ((each.type, each.local_hour) for each in fresh)
            await count_calls(connection, segment, sum_calls((kind, hour) for kind, hour in calls if hour is not None))
            rows = [(await insert_outcome(connection, account_id, new), new) for new in fresh]
            for (row, salt), new in rows:  # the log's end is taken last, and held no longer than it must be
                await append_line(connection, line_of_outcome(row, salt, new, actor=actor, name=name))
            return tuple(_outcome_of(row) for (row, _), _ in rows)

    async def list(self, account_id: str) -> tuple[RecordedOutcome, ...]:
        """List all outcomes of an account, in the order they were recorded."""
        return tuple(map(_outcome_of, await self._database.fetch(sql("outcomes.list"), account_id)))


async def insert_outcome(
    connection: asyncpg.Connection, account_id: str, new: NewOutcome, *, recorded_at: dt.datetime | None = None
) -> tuple[asyncpg.Record, bytes]:
    """Insert an outcome, recorded now unless it is known since; answers the row and its salt."""
    salt = os.urandom(_SALT_BYTES)
    arguments = (account_id, new.id, new.type, new.at, new.outcome.decode(), new.is_amount_drawn, salt, recorded_at)
    return await connection.fetchrow(sql("outcomes.record"), *arguments), salt


def line_of_outcome(row: asyncpg.Record, salt: bytes, new: NewOutcome, *, actor: str, name: str | None) -> OutcomeLine:
    """Write the line of an outcome just recorded."""
    return OutcomeLine(
        at=row["recorded_at"],
        row=row["row_id"],
        account_id=row["account_id"],
        outcome=new.type,
        happened_at=row["at"],
        commitment=commit_to_entry(salt, new.outcome).hex(),
        actor=actor,
        name=name,
    )


def _outcome_of(row: asyncpg.Record) -> RecordedOutcome:
    return RecordedOutcome(
        id=row["id"],
        type=row["type"],
        at=row["at"],
        outcome=row["outcome"].encode(),
        is_amount_drawn=row["is_amount_drawn"],
        recorded_at=row["recorded_at"],
    )
