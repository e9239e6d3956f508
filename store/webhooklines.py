"""What the log says of webhooks, and whether the stored subscriptions are still that."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit

import asyncpg

from store.findings import Findings
from store.loglines import WebhookLine, hash_text
from store.statements import sql

WebhookEvent = Literal["webhook_made", "webhook_rotated", "webhook_ended", "webhook_resumed", "webhook_deleted"]
Logged = Iterable[tuple[int, WebhookLine]]

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_STATE = ("host", "url", "types", "in_order", "allow_private", "scheme", "secret", "is_ended")


def line_of_webhook(
    row: asyncpg.Record, kind: WebhookEvent, *, at: dt.datetime, actor: str, name: str | None
) -> WebhookLine:
    """Write the line of a subscription as it is now: its host is named, the rest of its address may be a secret."""
    return WebhookLine(
        kind=kind,
        at=at,
        subject=str(row["id"]),
        host=urlsplit(row["url"]).hostname or "",
        url=hash_text(row["url"]),
        types=None if row["types"] is None else tuple(row["types"]),
        secret=hashlib.sha256(row["secret"]).hexdigest(),
        is_ended=row["ended_at"] is not None,
        actor=actor,
        name=name,
        in_order=row["in_order"],
        allow_private=row["allow_private"],
        scheme=row["scheme"],
    )


class StoredWebhooks:
    """The subscriptions when the log had `size` lines: what it says of each last must be what each is."""

    def __init__(self, lines: Mapping[str, WebhookLine], size: int) -> None:
        self._lines = lines
        self._size = size

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "StoredWebhooks":
        """Note what is stored now."""
        rows = await connection.fetch(sql("webhooks.list_with_size"))
        stored = [row for row in rows if row["id"] is not None]
        lines = [line_of_webhook(row, "webhook_made", at=_NEVER, actor="", name=None) for row in stored]
        return cls({line.subject: line for line in lines}, rows[0]["size"] if rows else 0)

    def compare(self, logged: Logged, findings: Findings) -> None:
        """Compare the subscriptions with what the log says of them."""
        last = {line.subject: (place, line) for place, line in logged if place < self._size}
        for webhook_id, stored in self._lines.items():
            place, line = last.get(webhook_id, (None, None))
            if line is None or line.kind == "webhook_deleted":
                said = f"webhook {webhook_id} to {stored.host} is not in the log"
                findings.add("insertion", place, place, said)
                continue
            changed = [name for name in _STATE if getattr(stored, name) != getattr(line, name)]
            if changed:
                said = f"webhook {webhook_id}: {', '.join(changed)} is not what was logged"
                findings.add("edit", place, place, said)
        for webhook_id, (place, line) in last.items():
            if webhook_id not in self._lines and line.kind != "webhook_deleted":
                said = f"webhook {webhook_id} to {line.host} is no longer stored"
                findings.add("deletion", place, place, said)
