"""The worklist: what the last answers ask to be done, taken by one at a time, and what people said of it."""

import base64
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database
from store.errors import NoApproval, OwnApproval, UnknownWork
from store.events import ActionApproved, ActionRefused
from store.identifiers import is_id
from store.loglines import WorkLine
from store.outbox import tell
from store.statements import sql

State = Literal["ready", "scheduled", "approval", "taken", "snoozed"]
FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class WorkItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action to be carried out, and how it stands with it; without a state nothing is to be done just now."""

    account_id: str
    track: str
    state: State | None
    decision_id: str
    decided_at: dt.datetime
    ruleset_id: str | None
    version: int | None
    rule: str | None
    title: str | None
    level: int | None
    action: str | None
    channel: str | None
    scheduled_for: dt.datetime | None
    approval: str | None
    reason: str | None
    episode: str | None
    currency: str | None
    claim: Decimal | None
    collectable: Decimal | None
    promised: Decimal | None
    promised_by: dt.date | None
    broken_promises: int | None
    contacted_at: dt.datetime | None
    lease: str | None
    taken_by: str | None
    taken_until: dt.datetime | None
    snoozed_until: dt.datetime | None
    snooze_reason: str | None
    refused_until: dt.datetime | None
    refusal_reason: str | None
    is_refused: bool
    assigned_to: str | None
    approved_by: str | None
    approved_at: dt.datetime | None
    run_id: str | None


class WorkFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items; what is None does not matter. `due_by` is inclusive, `min_amount` is of what is to be collected."""

    state: State | None = None
    action: str | None = None
    channel: str | None = None
    ruleset_id: str | None = None
    rule: str | None = None
    track: str | None = None
    assigned_to: str | None = None
    due_by: dt.datetime | None = None
    min_amount: Decimal | None = None
    run_id: str | None = None


class WorkPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some items, and the cursor that asks for those behind them."""

    items: tuple[WorkItem, ...]
    next_cursor: str | None


class Actor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who does something: a token's id, or who ran the command, and the name."""

    id: str
    name: str | None


_Place = tuple[Decimal, str, str, str]
_PLACE = msgspec.json.Decoder(_Place)
_BEFORE_ALL = (None, None, None, None)


class Worklist:
    """What is to be done for stored accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(
        self, wanted: WorkFilter, *, now: dt.datetime, cursor: str | None = None, limit: int = 100
    ) -> WorkPage:
        """List a page: most money to be collected first, then what is owed longest; ValueError for no cursor of it."""
        place = _BEFORE_ALL if cursor is None else _read_cursor(cursor)
        rows = await self._database.fetch(sql("worklist.list"), now, *_arguments_of(wanted), *place, limit + 1)
        items = tuple(_item_of(row) for row in rows[:limit])
        return WorkPage(items=items, next_cursor=_write_cursor(items[-1]) if len(rows) > limit else None)

    async def take(
        self, wanted: WorkFilter, *, now: dt.datetime, until: dt.datetime, most: int, by: str
    ) -> tuple[WorkItem, ...]:
        """Take items until an instant: each has a lease, and nobody else gets it before that."""
        async with self._database.transaction() as connection:
            arguments = (now, *_arguments_of(wanted), most, by, until)
            rows = await connection.fetch(sql("worklist.take"), *arguments)
        return tuple(sorted((_item_of(row) for row in rows), key=_place_of))

    async def read(self, account_id: str, track: str, *, now: dt.datetime) -> WorkItem | None:
        """Read how it stands with an account in a track; None where it has no answer yet."""
        row = await self._database.fetchrow(sql("worklist.read"), account_id, track, now)
        return None if row is None or row["decision_id"] is None else _item_of(row)

    async def snooze(
        self, decision_id: str, *, until: dt.datetime, reason: str | None, now: dt.datetime, actor: Actor
    ) -> WorkItem:
        """Let an item rest until an instant; raises UnknownWork."""
        async with self._database.transaction() as connection:
            item = await _hold(connection, decision_id, now)
            await connection.execute(sql("worklist.snooze"), item.account_id, item.track, until, reason)
            return await _finish(connection, item, "action_snoozed", now=now, actor=actor, until=until)

    async def assign(self, decision_id: str, *, to: str | None, now: dt.datetime, actor: Actor) -> WorkItem:
        """Say who is to do an item, or nobody; raises UnknownWork."""
        async with self._database.transaction() as connection:
            item = await _hold(connection, decision_id, now)
            await connection.execute(sql("worklist.assign"), item.account_id, item.track, to)
            return await _finish(connection, item, "action_assigned", now=now, actor=actor, to=to)

    async def approve(self, decision_id: str, *, now: dt.datetime, actor: Actor) -> WorkItem:
        """Let an item be done; raises UnknownWork, NoApproval, and OwnApproval to who published the version that asks.

        One that is approved stays approved by who did so first. A refusal holds no more.
        """
        async with self._database.transaction() as connection:
            item = await _hold(connection, decision_id, now)
            if item.approval != "required":
                raise NoApproval(f"the action of decision {item.decision_id} waits for no approval")
            if item.approved_at is not None:
                return item
            await _refuse_publisher(connection, item, actor)
            await connection.execute(sql("worklist.approve"), item.account_id, item.track, actor.name or actor.id, now)
            await tell(connection, ActionApproved(account_id=item.account_id, decision_id=item.decision_id))
            return await _finish(connection, item, "action_approved", now=now, actor=actor)

    async def refuse(
        self, decision_id: str, *, reason: str, until: dt.datetime | None, now: dt.datetime, actor: Actor
    ) -> WorkItem:
        """Let an item wait until the account's facts change, or an instant; raises UnknownWork and OwnApproval.

        An approval holds no more.
        """
        async with self._database.transaction() as connection:
            item = await _hold(connection, decision_id, now)
            await _refuse_publisher(connection, item, actor)
            await connection.execute(sql("worklist.refuse"), item.account_id, item.track, until or FOR_EVER, reason)
            await tell(connection, ActionRefused(account_id=item.account_id, decision_id=item.decision_id))
            return await _finish(connection, item, "action_refused", now=now, actor=actor, until=until)


async def _hold(connection: asyncpg.Connection, decision_id: str, now: dt.datetime) -> WorkItem:
    row = await connection.fetchrow(sql("worklist.hold"), decision_id, now) if is_id(decision_id) else None
    if row is None:
        raise UnknownWork(f"decision {decision_id!r} is not on the worklist, or no more")
    return _item_of(row)


async def _refuse_publisher(connection: asyncpg.Connection, item: WorkItem, actor: Actor) -> None:
    publisher = await connection.fetchval(sql("worklist.read_publisher"), item.ruleset_id, item.version)
    if publisher is not None and await connection.fetchval(sql("tokens.is_one_person"), publisher, actor.id):
        name = f"version {item.version} of {item.ruleset_id!r}"
        raise OwnApproval(f"{name}, which asks for this approval, was published by who would give or refuse it")


async def _finish(
    connection: asyncpg.Connection,
    item: WorkItem,
    kind: Literal["action_snoozed", "action_assigned", "action_approved", "action_refused"],
    *,
    now: dt.datetime,
    actor: Actor,
    until: dt.datetime | None = None,
    to: str | None = None,
) -> WorkItem:
    """Remember and log what was said of an item, and read it as it is since."""
    await connection.execute(sql("worklist.remember"), item.account_id, item.track)
    row = await connection.fetchrow(sql("worklist.read"), item.account_id, item.track, now)
    at = await connection.fetchval("SELECT clock_timestamp()")
    line = WorkLine(
        kind=kind,
        at=at,
        subject=item.decision_id,
        account_id=item.account_id,
        track=item.track,
        until=until,
        to=to,
        actor=actor.id,
        name=actor.name,
    )
    await append_line(connection, line)
    return _item_of(row)


def _arguments_of(wanted: WorkFilter) -> Sequence[object]:
    return [getattr(wanted, name) for name in WorkFilter.__struct_fields__]


def _item_of(row: asyncpg.Record) -> WorkItem:
    fields = {name: row[name] for name in WorkItem.__struct_fields__}
    texts = {name: fields[name] and str(fields[name]) for name in ("decision_id", "lease", "run_id")}
    return WorkItem(**(fields | texts))


def _place_of(item: WorkItem) -> _Place:
    return -(item.collectable or Decimal(0)), item.episode or "none", item.account_id, item.track


def _write_cursor(item: WorkItem) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_place_of(item))).decode()


def _read_cursor(cursor: str) -> _Place:
    try:
        place: _Place = _PLACE.decode(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, msgspec.MsgspecError):
        raise ValueError(f"{cursor!r} is no cursor of this list") from None
    return place
