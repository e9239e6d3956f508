"""Secret addresses of feeds of one's calls: only their hashes are kept."""

import hashlib
import secrets

from store.database import Database
from store.statements import sql


class Calendars:
    """Who has a feed, and by which secret it is read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, assigned_to: str, *, actor: str) -> str:
        """Make a new secret for somebody's feed and return it, the only time it is shown; the one before ends."""
        secret = secrets.token_urlsafe(32)
        await self._database.fetch(sql("calendars.make"), assigned_to, _hash(secret), actor)
        return secret

    async def find(self, secret: str) -> str | None:
        """Find whose feed a secret reads."""
        found: str | None = await self._database.fetchval(sql("calendars.find"), _hash(secret))
        return found


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
