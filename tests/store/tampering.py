"""Doing to a log, directly in its database, what must be found: edits, deletions, insertions, reorderings, truncations.

`skill` is how much the tamperer mends behind him: 0 nothing, 1 the hashes of the lines he touched, 2 the whole tree, as
only a checkpoint kept elsewhere can tell.
"""

import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import asyncpg

from store.database import connect
from store.identifiers import make_id
from store.loglines import commit_to, put_in_place
from store.merkle import hash_leaf
from store.rowlines import line_of
from store.statements import sql

TABLES = ("decisions", "log_entries", "log_nodes", "log_head", "ruleset_versions", "ruleset_events")
EDITS = {
    "account_id": "'somebody'",
    "outcome": "outcome || '!'",
    "rule": "'another'",
    "digest": "NULL",
    "version": "version + 1",
    "channel": "'phone'",
    "as_of": "as_of + interval '1 microsecond'",
    "at": "at - interval '1 day'",
    "commitment": "sha256(commitment)",
    "known_erasures": "known_erasures + 1",
}
FACTS = {
    "answer": "answer = replace(answer, '.10', '.01')",
    "input": "input = input || ' '",
    "salt": "salt = substr(sha256(salt), 1, 16)",
    "facts": "answer = NULL, input = NULL, salt = NULL",
}

Place = tuple[int, int]
Tampering = Callable[[asyncpg.Connection, random.Random, int, int], Awaitable[Place]]


async def _unlock(connection: asyncpg.Connection) -> None:
    """Take away what the database itself does against tampering, as its owner can."""
    for table in TABLES:
        await connection.execute(f"ALTER TABLE dunning.{table} DISABLE TRIGGER USER")
    await connection.execute("DROP INDEX dunning.decisions_in_order")
    await connection.execute("CREATE INDEX ON dunning.decisions (leaf_index)")


@contextlib.asynccontextmanager
async def tampered(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give an owner's connection without those guards; what is done on it is undone at the end."""
    connection = await connect(url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await _unlock(connection)
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def edit(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Change one column of one decision."""
    place = await _pick(connection, chance, size)
    column = chance.choice(sorted(EDITS))
    change = f"UPDATE dunning.decisions SET {column} = {EDITS[column]} WHERE leaf_index = $1"  # noqa: S608  our own
    await connection.execute(change, place)
    await mend(connection, skill, [place])
    return place, place


async def forge(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Change what was answered, and make the line's commitment anew, so that the two agree."""
    found = "SELECT leaf_index FROM dunning.decisions WHERE salt IS NOT NULL ORDER BY leaf_index OFFSET $1 LIMIT 1"
    place = await connection.fetchval(found, chance.randrange(size // 2))
    await forge_at(connection, place)
    await mend(connection, skill, [place])
    return place, place


async def forge_at(connection: asyncpg.Connection, place: int) -> None:
    """Change the answer at a place and its commitment."""
    row = await connection.fetchrow("SELECT salt, input FROM dunning.decisions WHERE leaf_index = $1", place)
    answer, made_from, salt = '{"outcome":"none"}', row["input"], row["salt"]
    change = "UPDATE dunning.decisions SET answer = $1, commitment = $2 WHERE leaf_index = $3"
    await connection.execute(change, answer, commit_to(salt, answer.encode(), made_from.encode()), place)


async def edit_facts(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Change or take away what may be erased, without an erasure."""
    found = "SELECT leaf_index FROM dunning.decisions WHERE salt IS NOT NULL ORDER BY leaf_index OFFSET $1 LIMIT 1"
    place = await connection.fetchval(found, chance.randrange(size // 2))
    change = FACTS[chance.choice(sorted(FACTS))]
    await connection.execute(f"UPDATE dunning.decisions SET {change} WHERE leaf_index = $1", place)  # noqa: S608  as above
    await mend(connection, skill, [place])
    return place, place


async def edit_entry(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Change a line that is no decision's, or what it is about."""
    del size
    kind = chance.choice(["line", "version", "event"])
    if kind == "line":
        row = await connection.fetchrow("SELECT leaf_index FROM dunning.log_entries WHERE kind = 'erasure' LIMIT 1")
        change = "UPDATE dunning.log_entries SET line = replace(line, 'ann', 'bob') WHERE leaf_index = $1"
        await connection.execute(change, row["leaf_index"])
        await mend(connection, skill, [row["leaf_index"]])
        return row["leaf_index"], row["leaf_index"]
    if kind == "version":
        column = chance.choice(
            ["text", "suite_text", "scorecard_text", "guarantees_text", "verdicts", "publisher", "holidays", "author"]
        )
        await connection.execute(f"UPDATE dunning.ruleset_versions SET {column} = 'other'")  # noqa: S608  as above
        return await _find_entry(connection, "publish")
    await connection.execute("UPDATE dunning.ruleset_events SET note = 'fine', actor = 'eve' WHERE kind = 'retire'")
    return await _find_entry(connection, "retire")


async def delete(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Take out some lines, and with skill close the gap."""
    place = await _pick(connection, chance, size - 20)
    count = 1 if skill else chance.randrange(1, 10)
    await connection.execute(
        "DELETE FROM dunning.decisions WHERE leaf_index >= $1 AND leaf_index < $2", place, place + count
    )
    if skill:
        await _shift(connection, place, -1)
    await mend(connection, skill, range(place, size - 1))
    return place, place


async def insert(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Put a decision in: at a place that is taken, behind the end, or with skill by moving all that follow."""
    place = await _pick(connection, chance, size)
    if skill:
        await _shift(connection, place, 1)
    target = place if skill else chance.choice([place, size + chance.randrange(3)])
    await connection.execute(
        """
        INSERT INTO dunning.decisions SELECT (jsonb_populate_record(d, jsonb_build_object('id', $3::text))).*
        FROM dunning.decisions d WHERE d.leaf_index <> $1 LIMIT 1
        """.replace("$1", "$1::bigint + 0 * $2::bigint"),
        place,
        target,
        make_id(),
    )
    newest = "SELECT id FROM dunning.decisions ORDER BY id DESC LIMIT 1"
    await connection.execute(f"UPDATE dunning.decisions SET leaf_index = $1 WHERE id = ({newest})", target)  # noqa: S608  as above
    await mend(connection, skill, range(target, size + 1))
    return target, target


async def reorder(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Let two decisions change places."""
    one, other = sorted([await _pick(connection, chance, size), await _pick(connection, chance, size)])
    if one == other:
        other = await _pick_after(connection, one)
    await connection.execute(
        "UPDATE dunning.decisions SET leaf_index = $1 + $2 - leaf_index WHERE leaf_index IN ($1, $2)", one, other
    )
    await mend(connection, skill, [one, other])
    return one, other


async def truncate(connection: asyncpg.Connection, chance: random.Random, size: int, skill: int) -> Place:
    """Cut off the end."""
    start = size - chance.randrange(1, size // 3)
    for table in ("decisions", "log_entries"):
        await connection.execute(f"DELETE FROM dunning.{table} WHERE leaf_index >= $1", start)  # noqa: S608  as above
    if skill:
        await mend(connection, 2, [])
    return start, start


TAMPERINGS: dict[str, Tampering] = {
    "edit": edit,
    "edit answer": forge,
    "edit facts": edit_facts,
    "edit entry": edit_entry,
    "deletion": delete,
    "insertion": insert,
    "reordering": reorder,
    "truncation": truncate,
}


async def _pick(connection: asyncpg.Connection, chance: random.Random, size: int) -> int:
    place: int = await connection.fetchval(
        "SELECT leaf_index FROM dunning.decisions WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT 1",
        chance.randrange(size // 20, size - size // 20),
    )
    return place


async def _pick_after(connection: asyncpg.Connection, place: int) -> int:
    found: int = await connection.fetchval(
        "SELECT leaf_index FROM dunning.decisions WHERE leaf_index > $1 ORDER BY leaf_index LIMIT 1", place
    )
    return found


async def _find_entry(connection: asyncpg.Connection, kind: str) -> Place:
    place = await connection.fetchval("SELECT leaf_index FROM dunning.log_entries WHERE kind = $1", kind)
    return place, place


async def _shift(connection: asyncpg.Connection, start: int, by: int) -> None:
    for table in ("decisions", "log_entries"):
        for step in (1_000_000_000 + by, -1_000_000_000):  # two steps: no place is taken twice in between
            least = start if step > 0 else 1_000_000_000
            change = f"UPDATE dunning.{table} SET leaf_index = leaf_index + $1 WHERE leaf_index >= $2"  # noqa: S608
            await connection.execute(change, step, least)


async def mend(connection: asyncpg.Connection, skill: int, places: Collection[int]) -> None:
    """Make the hashes fit again, as far as the tamperer's skill goes."""
    if skill:
        await hash_again(connection, places)
    if skill > 1:
        await connection.execute("DELETE FROM dunning.log_nodes")
        await connection.execute("UPDATE dunning.log_head SET size = 0, peaks = '{}'")
        leaves = await connection.fetch(sql("log.read_leaves"), 0, 1 << 40)
        await connection.execute("SELECT dunning.extend_log($1)", [row["leaf_hash"] for row in leaves])


async def hash_again(connection: asyncpg.Connection, places: Collection[int]) -> None:
    """Make the hashes of lines anew."""
    if not places:
        return
    first, last = min(places), max(places) + 1
    for table, statement in (("decisions", "log.page_decisions"), ("log_entries", "log.page_entries")):
        hashes = [
            (row["leaf_index"], hash_leaf(put_in_place(row["leaf_index"], line_of(row))))
            for row in await connection.fetch(sql(statement), first, last)
            if row["leaf_index"] in places
        ]
        change = f"UPDATE dunning.{table} SET leaf_hash = $2 WHERE leaf_index = $1"  # noqa: S608  as above
        await connection.executemany(change, hashes)
