"""Who is signed in to the console: sessions, each of a token, of which only the hashes of their secrets are kept."""

import datetime as dt
import secrets
import time
from collections import OrderedDict

from store.database import Database
from store.lookups import Lookups
from store.statements import sql
from store.tokens import Token, hash_secret, token_of

SESSION_HOURS = 8
_MOST_SEEN = 1000


class Sessions:
    """The sessions, read anew for each page: one that ended, or whose token was revoked, opens nothing any more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookups = Lookups(database)
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    async def open(self, token: Token) -> str:
        """Begin a session of a token, and return its secret, the only time it is shown; forget those that ended."""
        secret = secrets.token_urlsafe(32)
        await self._database.fetchval(sql("sessions.forget"))
        length = dt.timedelta(hours=SESSION_HOURS)
        await self._database.fetchval(sql("sessions.open"), hash_secret(secret), token.id, length)
        return secret

    async def find(self, secret: str) -> Token | None:
        """Find the token of a session; None where it ended, or the token may not be used any more."""
        digest = hash_secret(secret)
        if digest in self._seen:  # who was seen before does not wait behind strangers
            row = await self._database.fetchrow(sql("sessions.find"), digest)
        else:
            row = await self._lookups.find(sql("sessions.find"), digest)
        if row is not None:
            self._seen[digest] = None
            self._seen.move_to_end(digest)
            while len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
        token = None if row is None else token_of(row)
        return token if token is not None and token.is_valid_at(time.time()) else None

    async def close(self, secret: str) -> None:
        """End a session."""
        await self._database.fetchval(sql("sessions.close"), hash_secret(secret))
