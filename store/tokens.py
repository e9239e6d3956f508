"""Bearer tokens: only their hashes are stored, and verifying one costs no query."""

import datetime as dt
import hashlib
import secrets
import time
from typing import Literal

import asyncpg
import msgspec

from store.auditlog import append_line
from store.database import Database, announce
from store.identifiers import is_id, make_id
from store.loglines import SERVICE
from store.lookups import Lookups
from store.notices import Notices
from store.statements import sql
from store.tokenlines import TokenEvent, line_of_token

TOPIC = "tokens"
Scope = Literal["decide", "accounts", "approve", "publish", "audit", "events", "admin"]

_PREFIX = "dun_"  # so that scanners for leaked secrets can know one


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bearer token, without its secret; `person` is whose it is, where it is a person's."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    person: str | None = None

    def is_valid_at(self, now: float) -> bool:
        """Whether the token may be used at this POSIX time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at.timestamp())


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token just made, and the only time its secret is shown."""

    token: Token
    secret: str


class Tokens:
    """The tokens, remembered in memory; a revocation elsewhere is heard of within `stale_seconds` or not trusted."""

    def __init__(self, database: Database, notices: Notices, *, stale_seconds: float = 10.0) -> None:
        self._database = database
        self._notices = notices
        self._stale_seconds = stale_seconds
        self._known: dict[bytes, Token] = {}
        self._lookups = Lookups(database)
        notices.subscribe(TOPIC, self.refresh)

    async def create(
        self,
        name: str,
        scopes: frozenset[Scope],
        *,
        expires_at: dt.datetime | None = None,
        person: str | None = None,
        actor: str = SERVICE,
    ) -> NewToken:
        """Make a token, and log it; its secret is in the answer and nowhere else."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        arguments = (make_id(), name, hash_secret(secret), sorted(scopes), expires_at, person)
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(sql("tokens.create"), *arguments)
            await _log(connection, "token_made", row, actor)
        return NewToken(token=self._remember(row), secret=secret)

    async def rename(self, token_id: str, name: str, *, actor: str = SERVICE) -> Token | None:
        """Give a token another name, and log it; None where there is no such token."""
        return await self._change(token_id, "token_renamed", sql("tokens.rename"), name, actor=actor)

    async def revoke(self, token_id: str, *, actor: str = SERVICE) -> Token | None:
        """Take a token out of use, at once here and within moments elsewhere; None where there is no such token.

        The first revocation is logged, and counts.
        """
        return await self._change(token_id, "token_revoked", sql("tokens.revoke"), actor=actor)

    async def _change(
        self, token_id: str, kind: TokenEvent, statement: str, *arguments: object, actor: str
    ) -> Token | None:
        if not is_id(token_id):
            return None
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(statement, token_id, *arguments)
            if row is None:  # nothing changes, or there is no such token
                row = await connection.fetchrow(sql("tokens.read"), token_id)
            else:
                await _log(connection, kind, row, actor)
        return None if row is None else self._remember(row)

    async def list(self) -> tuple[Token, ...]:
        """List every token ever made, oldest first."""
        return tuple(token_of(row) for row in await self._database.fetch(sql("tokens.list")))

    async def verify(self, secret: str) -> Token | None:
        """Find the valid token of a secret; from memory, but for secrets never seen and when the news are stale."""
        digest = hash_secret(secret)
        token = self._known.get(digest)
        if token is None or self._notices.silent_seconds > self._stale_seconds:
            token = await self._look_up(digest)
        return token if token is not None and token.is_valid_at(time.time()) else None

    async def refresh(self) -> None:
        """Read all tokens anew."""
        rows = await self._database.fetch(sql("tokens.list"))
        self._known = {row["secret_hash"]: token_of(row) for row in rows}

    async def _look_up(self, digest: bytes) -> Token | None:
        row = await self._lookups.find(sql("tokens.find"), digest)
        return None if row is None else self._remember(row)

    def _remember(self, row: asyncpg.Record) -> Token:
        token = token_of(row)
        self._known[row["secret_hash"]] = token
        return token


async def _log(connection: asyncpg.Connection, kind: TokenEvent, row: asyncpg.Record, actor: str) -> None:
    await append_line(connection, line_of_token(row, kind, at=row["now"], actor=actor))
    await announce(connection, TOPIC)


def hash_secret(secret: str) -> bytes:
    """Hash a secret. One round of SHA-256 is right here: a secret of 256 random bits cannot be guessed or listed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def token_of(row: asyncpg.Record) -> Token:
    """Return a row of dunning.tokens."""
    fields = {name: row[name] for name in Token.__struct_fields__}
    return Token(**(fields | {"id": str(row["id"]), "scopes": frozenset(row["scopes"])}))
