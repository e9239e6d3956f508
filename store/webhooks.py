"""Subscriptions: where events are sent, and what they are signed with; whatever is done with one is logged."""

import datetime as dt
import os
from collections.abc import Sequence

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database
from store.errors import UnknownWebhook
from store.identifiers import is_id, make_id
from store.loglines import SERVICE, Scheme
from store.statements import sql
from store.webhooklines import WebhookEvent, line_of_webhook

SECRET_BYTES = 32
OLD_SECRET_KEPT_FOR = dt.timedelta(hours=24)


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subscription; `types` is None for all. `secret` is an Ed25519 seed (v1a) or a key of HMAC (v1)."""

    id: str
    url: str
    types: tuple[str, ...] | None
    in_order: bool
    allow_private: bool
    scheme: Scheme
    secret: bytes
    created_at: dt.datetime
    failing_since: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str | None

    def __repr__(self) -> str:
        """Name it: its secret, and what its address may hold, belong in no log."""
        return f"Webhook({self.id})"


class WebhookDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subscription to be made."""

    url: str
    types: Sequence[str] | None = None
    in_order: bool = False
    allow_private: bool = False
    scheme: Scheme = "v1a"


class Webhooks:
    """The subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, draft: WebhookDraft, *, actor: str = SERVICE, name: str | None = None) -> Webhook:
        """Make a subscription to what is told from now on, and log it."""
        secret = os.urandom(SECRET_BYTES)
        types = None if draft.types is None else sorted(set(draft.types))
        columns = (make_id(), draft.url, types, draft.in_order, draft.allow_private, draft.scheme, secret)
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("webhooks.create"), *columns)
            await _log(connection, "webhook_made", row, actor, name)
        return webhook_of(row)

    async def list(self) -> tuple[Webhook, ...]:
        """List every subscription, oldest first."""
        return tuple(webhook_of(row) for row in await self._database.fetch(sql("webhooks.list")))

    async def read(self, webhook_id: str) -> Webhook:
        """Read one; raises UnknownWebhook."""
        row = await self._database.fetchrow(sql("webhooks.read"), webhook_id) if is_id(webhook_id) else None
        if row is None:
            raise _unknown(webhook_id)
        return webhook_of(row)

    async def rotate(
        self, webhook_id: str, now: dt.datetime, *, actor: str = SERVICE, name: str | None = None
    ) -> Webhook:
        """Make a new secret, and log it; the one before signs as well for a day. Raises UnknownWebhook."""
        arguments = (os.urandom(SECRET_BYTES), now + OLD_SECRET_KEPT_FOR)
        return await self._change(
            webhook_id, "webhook_rotated", sql("webhooks.rotate"), *arguments, actor=actor, name=name
        )

    async def delete(self, webhook_id: str, *, actor: str = SERVICE, name: str | None = None) -> None:
        """Forget a subscription and its deliveries, and log it; raises UnknownWebhook."""
        await self._change(webhook_id, "webhook_deleted", sql("webhooks.delete"), actor=actor, name=name)

    async def resume(self, webhook_id: str, *, actor: str = SERVICE, name: str | None = None) -> Webhook:
        """Send to an endpoint again that was given up, and log it; one that was not stays as it is."""
        try:
            return await self._change(webhook_id, "webhook_resumed", sql("webhooks.resume"), actor=actor, name=name)
        except UnknownWebhook:
            return await self.read(webhook_id)

    async def list_troubles(self) -> tuple[str, ...]:
        """Say of each subscription that nothing is sent to any more why."""
        rows = await self._database.fetch(sql("webhooks.list_ended"))
        said = "POST /v1/webhooks/{id}/resume sends again, DELETE forgets it"
        return tuple(f"webhook {row['id']} is off: {row['ended_why']}; {said}" for row in rows)

    async def _change(
        self, webhook_id: str, kind: WebhookEvent, statement: str, *arguments: object, actor: str, name: str | None
    ) -> Webhook:
        if not is_id(webhook_id):
            raise _unknown(webhook_id)
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(statement, webhook_id, *arguments)
            if row is None:
                raise _unknown(webhook_id)
            await _log(connection, kind, row, actor, name)
        return webhook_of(row)


async def end_webhook(connection: asyncpg.Connection, webhook_id: str, now: dt.datetime, why: str) -> None:
    """Send nothing to an endpoint any more, and log it."""
    row = await connection.fetchrow(sql("webhooks.end"), webhook_id, now, why)
    if row is not None:
        await _log(connection, "webhook_ended", row, SERVICE, None)


async def _log(
    connection: asyncpg.Connection, kind: WebhookEvent, row: asyncpg.Record, actor: str, name: str | None
) -> None:
    await append_line(connection, line_of_webhook(row, kind, at=row["now"], actor=actor, name=name))


def webhook_of(row: asyncpg.Record) -> Webhook:
    """Read a subscription from its row."""
    fields = {name: row[name] for name in Webhook.__struct_fields__}
    types = None if row["types"] is None else tuple(row["types"])
    return Webhook(**(fields | {"id": str(row["id"]), "types": types}))


def _unknown(webhook_id: str) -> UnknownWebhook:
    return UnknownWebhook(f"no webhook {webhook_id!r} is there")
