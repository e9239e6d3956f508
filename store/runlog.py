"""Runs over files and tables, in the log: one line each."""

import datetime as dt
from collections.abc import Callable

from store.auditlog import append_line
from store.database import Database
from store.events import RunFinished
from store.loglines import RunLine
from store.outbox import tell
from store.statements import sql


async def log_run(database: Database, subject: str, write: Callable[[dt.datetime], RunLine]) -> bool:
    """Log and tell a run, once for its subject; answers whether it is new.

    It is written for the instant by PostgreSQL's clock.
    """
    async with database.transaction() as connection:
        if await connection.fetchval(sql("log.has_subject"), "run", subject):
            return False
        await append_line(connection, write(await connection.fetchval("SELECT clock_timestamp()")))
        await tell(connection, RunFinished(run=subject))
        return True
