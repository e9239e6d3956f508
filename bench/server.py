"""A server to be measured, in a process of its own: `python -m bench.server KIND [OPTION ...]`.

- ours: `dunning serve` as it is, on DATABASE_URL: a decision is answered once its row of the log is committed, and
  what waits is committed together.
- insert: the same, but for the log, which is one plain INSERT a decision, over ten connections.
- unlogged: the same without any log.
- empty: Litestar handlers on the same paths that do nothing, under the same uvicorn.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import asyncpg
from litestar import Litestar, get, post

from api import server
from cli.main import main as dunning
from store.decisionlog import DecisionLog
from store.decisionrecords import DecisionRecord

TABLE = "CREATE TABLE bench_decisions (id text PRIMARY KEY, account_id text, answer text, input text)"
_INSERT = "INSERT INTO bench_decisions (id, account_id, answer, input) VALUES ($1, $2, $3, $4)"
_CONNECTIONS_COUNT = 10


def main() -> None:
    """Serve on a free port, which is said on stderr, until SIGTERM."""
    with ExitStack() as stack:
        for holder, name, instead in CHANGES[sys.argv[1]]:
            stack.enter_context(patch.object(holder, name, instead))
        dunning(["serve", "--port", "0", *sys.argv[2:]])


async def _forget(_log: DecisionLog, _records: object) -> None:
    """Log nothing."""


async def _insert(_log: DecisionLog, record: DecisionRecord) -> None:
    pool = await _start_pool()
    await pool.execute(_INSERT, record.id, record.account_id, record.answer.decode(), record.input.decode())


@functools.cache
def _start_pool() -> asyncio.Task[asyncpg.Pool]:
    return asyncio.create_task(_open_pool())


async def _open_pool() -> asyncpg.Pool:
    size = _CONNECTIONS_COUNT
    pool: asyncpg.Pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=size, max_size=size)
    return pool


@post("/v1/next-action", status_code=200)
async def _empty_post(data: dict[str, Any]) -> dict[str, Any]:
    del data
    return {}


@get("/v1/accounts/{account_id:str}/next-action")
async def _empty_get(account_id: str) -> dict[str, Any]:
    del account_id
    return {}


def _make_empty(_settings: object) -> Litestar:
    return Litestar([_empty_post, _empty_get], openapi_config=None, logging_config=None)


# What each kind changes of `dunning serve`.
CHANGES: dict[str, tuple[tuple[object, str, object], ...]] = {
    "empty": ((server, "create_app", _make_empty),),
    "ours": (),
    "insert": ((DecisionLog, "append", _insert),),
    "unlogged": ((DecisionLog, "append", _forget), (DecisionLog, "append_many", _forget)),
}


if __name__ == "__main__":
    main()
