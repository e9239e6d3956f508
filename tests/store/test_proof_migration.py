"""A database from before there was a tree: what it holds is put into one, and can be proven."""

import datetime as dt
import json

import asyncpg
import pytest

from store.auditlog import read_head
from store.checkpoints import Checkpoint
from store.database import Database
from store.loglines import commit_to
from store.migration import migrate, read_migrations
from store.verifying import verify_log

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, 30, 0, 120000, tzinfo=dt.timezone(dt.timedelta(hours=1)))
ODD = 'a "quote", a \\, é, \t and \x7f'


async def test_what_was_logged_before_is_put_into_the_tree(empty_database_url: str) -> None:
    """Versions, events, decisions and erasures of the first tables get the lines they would have been logged with."""
    database = await Database.open(empty_database_url)
    await migrate(database, read_migrations()[:1])
    connection = await asyncpg.connect(empty_database_url)
    await fill(connection)
    await migrate(database)
    head = await read_head(connection)
    checkpoint = Checkpoint(origin="log", size=head.size, root=head.root)
    verification = await verify_log(connection, checkpoints=[checkpoint])
    await connection.close()
    await database.close()
    assert verification.findings == ()
    assert (verification.size, verification.decisions_count) == (305, 300)
    (note,) = verification.notes
    assert note.startswith("the times of the 304 lines before line 304 were not held against each other")


async def fill(connection: asyncpg.Connection) -> None:
    """Write what a program before the tree wrote."""
    await connection.execute(
        """
        INSERT INTO dunning.ruleset_versions
            (ruleset_id, number, digest, text, canonical, holidays, diagnostics, effective_from, commit, author,
             committed_at, publisher)
        VALUES ('nl', 1, 'sha256:a', $1, '{}', '[]', '[]', '2026-01-01', NULL, $1, $2, 'ann'),
            ('nl', 2, 'sha256:b', 'text', '{}', '[]', '[]', NULL, '3f2c', NULL, NULL, 'bob')
        """,
        ODD,
        AT,
    )
    retire = "INSERT INTO dunning.ruleset_events (ruleset_id, number, kind, actor, note)"
    await connection.execute(f"{retire} VALUES ('nl', 1, 'retire', 'bob', $1)", ODD)
    for number in range(300):
        answer, facts, salt = json.dumps({"n": number}), "{}", bytes([number % 256]) * 16
        await connection.execute(
            """
            INSERT INTO dunning.decisions
                (id, at, account_id, track, ruleset_id, version, digest, rule, outcome, action, channel, as_of,
                 commitment, answer, input, salt)
            VALUES ($1::text::uuid, $2, $3, 'dunning', $4, $5, NULL, $6, 'act', NULL, 'email', $2, $7, $8, $9, $10)
            """,
            f"019aa000-0000-7000-8000-{number:012x}",
            AT.replace(microsecond=0 if number % 2 else 120000),
            ODD if number % 5 else "gone",
            None if number % 3 else "nl",
            None if number % 3 else 1,
            None if number % 7 else ODD,
            commit_to(salt, answer.encode(), facts.encode()),
            answer,
            facts,
            salt,
        )
    await connection.execute(
        "UPDATE dunning.decisions SET answer = NULL, input = NULL, salt = NULL WHERE account_id = 'gone'"
    )
    await connection.execute(
        "INSERT INTO dunning.erasures (account_id, actor, decisions_count) VALUES ('gone', $1, 60)", ODD
    )
