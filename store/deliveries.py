"""Deliveries: which events are sent where, by whom, and how that went. Time is an argument."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import asyncpg
import msgspec

from store.database import Database
from store.identifiers import is_id
from store.loglines import Scheme
from store.outbox import Outbox, ToldEvent, event_of
from store.statements import sql
from store.webhooks import Webhooks, end_webhook

State = Literal["waiting", "delivered", "given_up"]

LEASED_FOR = dt.timedelta(seconds=60)  # well beyond what an attempt may take
GIVEN_UP_AFTER = dt.timedelta(days=5)
MOST_AT_ONCE = 8  # of one endpoint
_MOST_PUT_OFF = 5_000


class Attempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that is to be sent to an endpoint now, for the `number`-th time; the first secret signs, all do."""

    webhook_id: str
    number: int
    event: ToldEvent
    url: str
    allow_private: bool
    scheme: Scheme
    secrets: tuple[bytes, ...]

    def __repr__(self) -> str:
        """Name it: secrets and bodies belong in no log."""
        return f"Attempt({self.event.id} to webhook {self.webhook_id})"


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an attempt went; after a failure `next_at` is when it is tried again, None where it is given up."""

    status: int | None = None
    error: str | None = None
    next_at: dt.datetime | None = None
    is_delivered: bool = False
    is_gone: bool = False


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event on its way to an endpoint."""

    id: str
    sequence: int
    type: str
    subject: str
    at: dt.datetime
    state: State
    attempts: int
    next_at: dt.datetime
    last_at: dt.datetime | None
    last_status: int | None
    last_error: str | None


class Deliveries:
    """What is sent to the subscriptions."""

    def __init__(self, database: Database, outbox: Outbox, webhooks: Webhooks) -> None:
        self._database = database
        self._outbox = outbox
        self._webhooks = webhooks

    async def claim(self, now: dt.datetime, *, most: int) -> tuple[Attempt, ...]:
        """Take attempts whose time has come; nobody else has them for a minute, unless they were noted before."""
        await self._outbox.arrange()
        arguments = (now, now + LEASED_FOR, MOST_AT_ONCE, most)
        async with self._database.transaction() as connection:
            await connection.execute(sql("deliveries.hold_claims"))
            await connection.execute(sql("deliveries.put_off"), now, _MOST_PUT_OFF)
            rows = await connection.fetch(sql("deliveries.claim"), *arguments)
        return tuple(_attempt_of(row) for row in rows)

    async def note(self, attempt: Attempt, result: Result, now: dt.datetime) -> None:
        """Write down how an attempt went.

        An endpoint that is gone, or has failed for five days, is sent nothing any more.
        """
        state: State = "delivered" if result.is_delivered else "given_up" if result.next_at is None else "waiting"
        named = (attempt.webhook_id, attempt.event.sequence, attempt.number)
        outcome = (state, result.next_at or now, now, result.status, result.error)
        async with self._database.transaction() as connection:
            await connection.execute(sql("deliveries.note"), *named, *outcome)
            if state != "waiting":
                await connection.execute(sql("deliveries.let_next"), *named[:2], now)
            if result.is_delivered:
                await connection.execute(sql("webhooks.note_success"), attempt.webhook_id)
                return
            since = await connection.fetchval(sql("webhooks.note_failure"), attempt.webhook_id, now)
            if result.is_gone:
                await end_webhook(connection, attempt.webhook_id, now, "its endpoint answered 410 Gone")
            elif since is not None and now - since >= GIVEN_UP_AFTER:
                why = f"its endpoint has failed since {since:%Y-%m-%d %H:%M} UTC, for five days and more"
                await end_webhook(connection, attempt.webhook_id, now, why)

    async def list(
        self, webhook_id: str, *, state: State | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[Delivery, ...]:
        """List the deliveries to an endpoint, newest event first; raises UnknownWebhook."""
        await self._webhooks.read(webhook_id)
        await self._outbox.arrange()
        rows = await self._database.fetch(sql("deliveries.list"), webhook_id, state, before, limit)
        return tuple(_delivery_of(row) for row in rows)

    async def send_again(
        self,
        webhook_id: str,
        now: dt.datetime,
        *,
        events: Sequence[str] = (),
        after: int | None = None,
        until: int | None = None,
    ) -> int:
        """Let events be sent, again or for the first time: those named, or those in a range; raises UnknownWebhook.

        Events of a type that the subscription does not want are left out. Answers how many are sent.
        """
        await self._webhooks.read(webhook_id)
        await self._outbox.arrange()
        named = [event for event in events if is_id(event)]
        arguments = (webhook_id, named, after, until, now)
        return int(await self._database.fetchval(sql("deliveries.send_again"), *arguments))


def _attempt_of(row: asyncpg.Record) -> Attempt:
    old = row["old_secret"]
    return Attempt(
        webhook_id=str(row["webhook_id"]),
        number=row["attempts"],
        event=event_of(row),
        url=row["url"],
        allow_private=row["allow_private"],
        scheme=row["scheme"],
        secrets=(row["secret"],) if old is None else (row["secret"], old),
    )


def _delivery_of(row: asyncpg.Record) -> Delivery:
    return Delivery(**({name: row[name] for name in Delivery.__struct_fields__} | {"id": str(row["id"])}))
