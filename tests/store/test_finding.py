"""What is listed is found by an index, however much there is."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from store.database import Database
from store.statements import sql

pytestmark = pytest.mark.anyio

# Of 100,000 one in 500 is of each kind that is asked for, spread over all of them.
FILL_DECISIONS = """
INSERT INTO dunning.decisions (
    id, at, account_id, track, rule, outcome, action, channel, as_of, commitment, answer, input, salt, leaf_index,
    leaf_hash, known_erasures
)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(), 'A-' || n, 'dunning',
    CASE WHEN n % 500 = 0 THEN 'rare' WHEN n % 3 = 0 THEN 'common' END, 'act',
    CASE WHEN n % 500 = 0 THEN 'place_call' WHEN n % 3 = 0 THEN 'send_reminder' END,
    CASE WHEN n % 500 = 0 THEN 'phone' WHEN n % 3 = 0 THEN 'email' END, now(), ''::bytea,
    '{"variants":{' || CASE WHEN n % 500 = 0 THEN '"t":"rare"' WHEN n % 3 = 0 THEN '"t":"common"' ELSE '' END
        || '},"warnings":[]}',
    '{}', ''::bytea, n, sha256(n::text::bytea), 0
FROM generate_series(1, 100000) n
"""
FILL_ACCOUNTS = """
INSERT INTO dunning.accounts (id, party, country, segment, document)
SELECT CASE WHEN n % 500 = 0 THEN 'R-' ELSE 'A-' END || n, 'P-' || n / 3,
    CASE WHEN n % 500 = 0 THEN 'LU' ELSE 'NL' END, CASE WHEN n % 500 = 0 THEN 'rare' ELSE 'common' END,
    CASE WHEN n % 500 = 0 THEN '{"country": "LU", "segment": "rare"}' ELSE '{"country": "NL", "segment": "common"}' END
FROM generate_series(1, 100000) n
"""
FILL_LOG = """
INSERT INTO dunning.log_entries (leaf_index, leaf_hash, kind, account_id, line, at)
SELECT 100000 + n, sha256(n::text::bytea), 'executed', 'A-' || n, '{}', now() FROM generate_series(1, 20000) n
"""
SOON = dt.datetime(2000, 1, 2, tzinfo=dt.UTC)
FILL_DUE = """
INSERT INTO dunning.due (account_id, track, ask_at, ruleset_id)
SELECT id, 'dunning', CASE WHEN country = 'LU' THEN '2000-01-01'::timestamptz ELSE now() END,
    CASE WHEN country = 'LU' THEN 'rare' ELSE 'common' END
FROM dunning.accounts
ON CONFLICT (account_id, track) DO UPDATE SET ask_at = excluded.ask_at, ruleset_id = excluded.ruleset_id
"""


@pytest.fixture(scope="module", name="large")
async def make_large(database_url: str) -> AsyncIterator[Database]:
    """A database of 100,000 decisions and as many accounts."""
    database = await Database.open(database_url, pool_size=1)
    async with database.connection(120) as connection:
        for statement in (FILL_DECISIONS, FILL_ACCOUNTS, FILL_DUE, FILL_LOG, "ANALYZE"):
            await connection.execute(statement)
    yield database
    await database.close()


def name_indices(plan: dict[str, Any]) -> Iterator[str]:
    """Name the indices that a plan looks up in, and the tables that it walks through."""
    if "Index Cond" in plan:
        yield plan["Index Name"]
    elif "Relation Name" in plan and plan["Node Type"] != "Bitmap Heap Scan":
        yield f"all of {plan['Relation Name']}"
    for below in plan.get("Plans", ()):
        yield from name_indices(below)


async def explain(database: Database, name: str, arguments: list[object]) -> set[str]:
    """Return what a statement would read."""
    found = await database.fetchval("EXPLAIN (FORMAT JSON) " + sql(name), *arguments)
    return set(name_indices(msgspec.json.decode(found)[0]["Plan"]))


@pytest.mark.parametrize(
    ("place", "value", "index"),
    [
        (3, "rare", "decisions_of_rule"),
        (7, "place_call", "decisions_of_action"),
        (8, "phone", "decisions_of_channel"),
        (9, "t:rare", "decisions_of_variant"),
    ],
)
async def test_decisions_are_found_by_an_index(large: Database, place: int, value: str, index: str) -> None:
    """By what won, what is done, by which channel and by variant: none of 100,000 is read that is not asked for."""
    arguments: list[object] = [None] * 11 + [101]
    arguments[place] = value
    assert await explain(large, "decisions.list", arguments) == {index}
    assert len(await large.fetch(sql("decisions.list"), *arguments)) == 101


@pytest.mark.parametrize(
    ("place", "value", "index"),
    [
        (0, "R-%", {"accounts_by_prefix", "accounts_pkey"}),  # the latter where the database orders by code points
        (1, "P-77", {"accounts_of_party_by_id"}),
        (2, "LU", {"accounts_of_country"}),
        (3, "rare", {"accounts_of_segment"}),
        (4, "rare", {"due_of_ruleset"}),
        (5, SOON, {"due_next"}),
    ],
)
async def test_accounts_are_found_by_an_index(large: Database, place: int, value: object, index: set[str]) -> None:
    """By prefix, party, country, segment, ruleset and when to ask; for the last two accounts may be walked by id."""
    arguments: list[object] = [None] * 7 + [101]
    arguments[place] = value
    used = await explain(large, "accounts.list", arguments)
    assert used & index, used
    assert "all of due" not in used
    assert "all of accounts" not in used or place > 3
    assert len(await large.fetch(sql("accounts.list"), *arguments)) == (3 if place == 1 else 101)


async def test_verifying_asks_an_index_why_facts_are_gone(large: Database) -> None:
    """No line of a page looks through all that stand behind it."""
    assert "log_gone" in await explain(large, "log.page_entries", [100_000, 101_024])
