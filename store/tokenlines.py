"""What the log says of tokens, and whether the stored tokens are still that."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

import asyncpg

from store.findings import Findings
from store.loglines import TokenLine
from store.statements import sql

TokenEvent = Literal["token_made", "token_renamed", "token_revoked"]
Logged = Iterable[tuple[int, TokenLine]]

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_STATE = ("token_name", "person", "scopes", "expires_at", "revoked_at", "secret")


def line_of_token(row: asyncpg.Record, kind: TokenEvent, *, at: dt.datetime, actor: str) -> TokenLine:
    """Write the line of a token as it is now."""
    same = {name: row[name] for name in ("person", "expires_at", "revoked_at")}
    return TokenLine(
        kind=kind,
        at=at,
        subject=str(row["id"]),
        token_name=row["name"],
        scopes=tuple(row["scopes"]),
        secret=row["secret_hash"].hex(),
        actor=actor,
        name=None,
        **same,
    )


class StoredTokens:
    """The tokens that were stored when the log had `size` lines: what it says of each last must be what each is."""

    def __init__(self, lines: Mapping[str, TokenLine], size: int) -> None:
        self._lines = lines
        self._size = size

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "StoredTokens":
        """Note what is stored now."""
        rows = await connection.fetch(sql("tokens.list_with_size"))
        tokens = [row for row in rows if row["id"] is not None]
        lines = {str(row["id"]): line_of_token(row, "token_made", at=_NEVER, actor="") for row in tokens}
        return cls(lines, rows[0]["size"] if rows else 0)

    def compare(self, logged: Logged, findings: Findings) -> None:
        """Compare the tokens with what the log says of them."""
        last = {line.subject: (place, line) for place, line in logged if place < self._size}
        for token_id, stored in self._lines.items():
            if token_id not in last:
                said = f"token {token_id} of {stored.token_name!r} is not in the log"
                findings.add("insertion", None, None, said)
                continue
            place, line = last[token_id]
            changed = [name for name in _STATE if getattr(stored, name) != getattr(line, name)]
            if changed:
                said = f"token {token_id}: {', '.join(changed)} is not what was logged"
                findings.add("edit", place, place, said)
        for token_id, (place, line) in last.items():
            if token_id not in self._lines:
                said = f"token {token_id} of {line.token_name!r} is no longer stored"
                findings.add("deletion", place, place, said)
