"""Idempotency keys."""

import asyncio
import datetime as dt

import pytest

from store.errors import AnswerPending, IdempotencyConflict
from store.idempotency import Idempotency, KeptAnswer
from store.store import Store

pytestmark = pytest.mark.anyio

ANSWER = KeptAnswer(status=201, body=b'{"a": "\xe2\x82\xac"}')


async def test_the_first_answer_is_given_again(store: Store) -> None:
    """A repeated request gets the first one's answer, byte for byte."""
    assert await store.idempotency.claim("t", "again", b"request") is None
    await store.idempotency.keep("t", "again", ANSWER)
    assert await store.idempotency.claim("t", "again", b"request") == ANSWER


async def test_another_request_under_the_same_key_is_refused(store: Store) -> None:
    """A key belongs to one request; another token's key of the same name is another key."""
    await store.idempotency.claim("t", "conflict", b"one")
    with pytest.raises(IdempotencyConflict):
        await store.idempotency.claim("t", "conflict", b"two")
    assert await store.idempotency.claim("u", "conflict", b"two") is None


async def test_of_many_at_once_one_goes_on(store: Store) -> None:
    """The first takes the key; the others are told that its answer is still to come."""
    claims = [store.idempotency.claim("t", "race", b"request") for _ in range(8)]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, AnswerPending) for answer in answers) == 7


async def test_a_failed_request_lets_go_of_its_key(store: Store) -> None:
    """After a failure the key may be used again, for another request too; a kept answer is not let go."""
    await store.idempotency.claim("t", "failed", b"one")
    await store.idempotency.abandon("t", "failed")
    assert await store.idempotency.claim("t", "failed", b"two") is None
    await store.idempotency.keep("t", "failed", ANSWER)
    await store.idempotency.abandon("t", "failed")
    assert await store.idempotency.claim("t", "failed", b"two") == ANSWER


async def test_a_request_that_died_lets_go_of_its_key_in_time(store: Store) -> None:
    """A key held by a process that was killed can be taken by the same request once its hold is over."""
    killed = Idempotency(store.database, held_for=dt.timedelta(0))
    await killed.claim("t", "killed", b"request")
    with pytest.raises(IdempotencyConflict):
        await store.idempotency.claim("t", "killed", b"other")
    assert await store.idempotency.claim("t", "killed", b"request") is None


async def test_an_old_answer_is_forgotten(store: Store) -> None:
    """After its time a key is as good as new, and its row can be cleared away."""
    brief = Idempotency(store.database, kept_for=dt.timedelta(0))
    await brief.claim("t", "old", b"one")
    await brief.keep("t", "old", ANSWER)
    assert await store.idempotency.claim("t", "old", b"two") is None
    await brief.claim("t", "older", b"one")
    await store.idempotency.forget_expired()
    assert await store.database.fetchval("SELECT count(*) FROM dunning.idempotency_keys WHERE key = 'older'") == 0
