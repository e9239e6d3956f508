"""Idempotency-Key: the first answer is kept and given again; another request under the same key is refused."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from store.database import Database
from store.errors import AnswerPending, IdempotencyConflict
from store.statements import sql

KEPT_FOR = dt.timedelta(hours=24)
HELD_FOR = dt.timedelta(minutes=1)


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was answered first."""

    status: int
    body: bytes


class Idempotency:
    """The keys of every token, for a day."""

    def __init__(
        self, database: Database, *, kept_for: dt.timedelta = KEPT_FOR, held_for: dt.timedelta = HELD_FOR
    ) -> None:
        self._database = database
        self._kept_for = kept_for
        self._held_for = held_for

    async def claim(self, token_id: str, key: str, request_hash: bytes) -> KeptAnswer | None:
        """Take a key (None: go on, then `keep` or `abandon`), or answer what was kept for it.

        Raises IdempotencyConflict when the key was used for another request, AnswerPending while the first is answered.
        """
        arguments = (token_id, key, request_hash, self._held_for, self._kept_for)
        if await self._database.fetchval(sql("idempotency.claim"), *arguments):
            return None
        row = await self._database.fetchrow(sql("idempotency.read"), token_id, key)
        if row is None:  # let go in between
            raise AnswerPending("the first request with this Idempotency-Key is being answered")
        if row["request_hash"] != request_hash:
            raise IdempotencyConflict("this Idempotency-Key was used for another request")
        if row["status"] is None:
            raise AnswerPending("the first request with this Idempotency-Key is being answered")
        return KeptAnswer(status=row["status"], body=row["body"].encode())

    async def keep(
        self, token_id: str, key: str, answer: KeptAnswer, *, account_ids: Sequence[str] = (), known_erasures: int = 0
    ) -> None:
        """Keep the first answer for a claimed key, unless an account it speaks of was erased in the meantime."""
        arguments = (token_id, key, answer.status, answer.body.decode(), list(account_ids), known_erasures)
        await self._database.fetch(sql("idempotency.keep"), *arguments)

    async def abandon(self, token_id: str, key: str) -> None:
        """Let go of a claimed key whose request failed, so that it can be tried again."""
        await self._database.fetch(sql("idempotency.abandon"), token_id, key)

    async def forget_expired(self) -> None:
        """Forget some of the answers that nobody may ask for again."""
        await self._database.fetch(sql("idempotency.forget_expired"))
