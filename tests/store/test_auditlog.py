"""The log as one tree: places given out once, proofs, checkpoints, and what is found to be whole."""

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.evidence.verify_evidence import check_consistency, root_of_inclusion
from store.checkpoints import Checkpoint
from store.database import connect
from store.errors import BrokenLog
from store.merkle import EMPTY_ROOT, ProofError, hash_leaf
from store.store import Store
from store.verifying import Verification, verify_log
from tests.store.loggers import fill, make_record, take_checkpoint

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fresh(empty_database_url: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    async with await Store.open(empty_database_url) as opened:
        yield opened


async def verify(store: Store, *checkpoints: Checkpoint) -> Verification:
    """Prove a store's log."""
    async with store.database.connection(60) as connection:
        return await verify_log(connection, checkpoints=checkpoints)


async def read_hashes(store: Store) -> list[bytes]:
    """Read the hashes of all leaves in order."""
    rows = await store.database.fetch(
        "SELECT leaf_index, leaf_hash FROM dunning.decisions UNION ALL SELECT leaf_index, leaf_hash FROM"
        " dunning.log_entries ORDER BY 1"
    )
    assert [row["leaf_index"] for row in rows] == list(range(len(rows)))
    return [row["leaf_hash"] for row in rows]


async def test_an_empty_log_is_whole(fresh: Store) -> None:
    """Before anything is logged there is a tree of no leaves."""
    head = await fresh.log.read_head()
    assert (head.size, head.root) == (0, EMPTY_ROOT)
    verification = await verify(fresh, await take_checkpoint(fresh))
    assert (verification.size, verification.findings) == (0, ())


async def test_everything_logged_is_proven(fresh: Store) -> None:
    """Every line is in the tree of the head, every head continues the ones before it, and the whole log is proven."""
    heads = [await fresh.log.read_head()]
    for number in range(12):
        await fresh.decision_log.append_many([make_record(n) for n in range(number * 30)])
        heads.append(await fresh.log.read_head())
    await fill(fresh, 300)
    heads.append(await fresh.log.read_head())
    hashes = await read_hashes(fresh)
    head = heads[-1]
    assert head.size == len(hashes) == sum(n * 30 for n in range(12)) + 300 + 5
    for index in [*range(0, head.size, 61), 255, 256, 511, head.size - 1]:
        proof = await fresh.log.prove_inclusion(index, head.size)
        assert root_of_inclusion(hashes[index], index, head.size, list(proof)) == head.root
    for old, new in itertools.pairwise(heads):
        proof = await fresh.log.prove_consistency(old.size, new.size)
        check_consistency(old.size, old.root, new.size, new.root, list(proof))
    verification = await verify(fresh, *[Checkpoint(origin="log", size=head.size, root=head.root) for head in heads])
    assert verification.findings == ()
    assert (verification.size, verification.root) == (head.size, head.root)
    assert verification.decisions_count == head.size - 5


async def test_the_line_that_is_hashed_is_the_documented_one(fresh: Store) -> None:
    """The leaf is the hash of a line that says its own place and nothing that may be erased."""
    record = make_record(10, id="019aa000-0000-7000-8000-000000000001", account_id="Zoë \\ 'x'")
    await fresh.decision_log.append(record)
    commitments = await fresh.database.fetchrow("SELECT commitment, related_commitment FROM dunning.decisions")
    assert commitments is not None
    line = (
        '{"index":0,"kind":"decision","id":"019aa000-0000-7000-8000-000000000001","at":"2025-11-20T06:42:25.920000Z",'
        '"account_id":"Zoë \\\\ \'x\'","track":"dunning","ruleset":"nl-consumer","version":2,"digest":"sha256:1",'
        '"rule":"rule-3","outcome":"act","action":"send_reminder","channel":"email",'
        f'"as_of":"2026-11-20T08:30:00.000010Z","commitment":"{commitments[0].hex()}","known_erasures":0,'
        f'"related":{{"accounts":["B-10","B \\"\\\\\\""],"commitment":"{commitments[1].hex()}"}}}}'
    )
    assert await read_hashes(fresh) == [hash_leaf(line.encode())]


async def test_many_processes_make_one_tree(empty_database_url: str) -> None:
    """What several stores log at once gets places one after another, each once, in one tree that is proven."""
    stores = [await Store.open(empty_database_url) for _ in range(3)]

    async def log(store: Store, start: int) -> None:
        for number in range(start, start + 60):
            await store.decision_log.append_many([make_record(number + n) for n in range(number % 7)])

    await asyncio.gather(*(log(store, 100 * n) for store in stores for n in range(4)))
    hashes = await read_hashes(stores[0])
    assert len(hashes) == await stores[0].database.fetchval("SELECT count(*) FROM dunning.decisions")
    assert (await verify(stores[0], await take_checkpoint(stores[0]))).findings == ()
    for store in stores:
        await store.close()


async def test_a_batch_sent_again_takes_no_place_again(fresh: Store) -> None:
    """Of a batch of which some are logged already only the others get places, without a gap."""
    records = [make_record(number) for number in range(20)]
    await fresh.decision_log.append_many(records[3:12:2])
    await fresh.decision_log.append_many(records)
    await fresh.decision_log.append_many([*records, records[0]])
    assert len(await read_hashes(fresh)) == 20
    assert (await verify(fresh, await take_checkpoint(fresh))).findings == ()


async def test_a_log_that_grows_while_it_is_proven_is_whole(fresh: Store) -> None:
    """Decisions logged and accounts erased meanwhile are no findings."""
    await fill(fresh, 3000)
    checkpoint = await take_checkpoint(fresh)
    is_done = False

    async def go_on() -> None:
        for number in itertools.count():
            await fresh.decision_log.append_many([make_record(n) for n in range(5)])
            await fresh.erasures.erase(f"A-{number % 97}", actor="ann")
            if is_done:
                return

    task = asyncio.create_task(go_on())
    for _ in range(5):
        assert (await verify(fresh, checkpoint)).findings == ()
    is_done = True
    await task


async def test_checkpoints_are_kept_once_a_size(fresh: Store) -> None:
    """A checkpoint handed out is remembered, the first of its size, and listed by when that was."""
    await fresh.log.keep_checkpoint(3, "log", "first")
    await fresh.log.keep_checkpoint(3, "log", "second")
    (kept,) = await fresh.log.list_checkpoints()
    assert (kept.size, kept.note) == (3, "first")
    assert await fresh.log.list_checkpoints(until=kept.at) == ()
    assert await fresh.log.list_checkpoints(since=kept.at) == (kept,)
    assert await fresh.log.list_checkpoints(since=kept.at + dt.timedelta(microseconds=1)) == ()


async def test_what_is_not_in_the_tree_cannot_be_proven(fresh: Store) -> None:
    """A place or size behind the log's end is refused, and a log with a hole says that it is broken."""
    await fill(fresh, 20)
    head = await fresh.log.read_head()
    with pytest.raises(ProofError):
        await fresh.log.prove_inclusion(head.size, head.size)
    with pytest.raises(BrokenLog):
        await fresh.log.prove_inclusion(0, head.size + 40)


@pytest.mark.parametrize("table", ["log_nodes", "log_entries", "checkpoints", "accesses"])
@pytest.mark.parametrize(
    "statement", ["UPDATE dunning.{} SET {} = {}", "DELETE FROM dunning.{}", "TRUNCATE dunning.{}"]
)
async def test_what_is_written_for_good_cannot_be_changed_by_the_tables_owner(
    empty_database_url: str, table: str, statement: str
) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    async with await Store.open(empty_database_url) as store:
        await store.decision_log.append_many([make_record(number) for number in range(256)])
        await store.erasures.erase("A-5", actor="ann")
        await store.log.keep_checkpoint(3, "log", "first")
        await store.accesses.record(actor="ann", name="Ann", what="GET /v1/decisions")
    column = {"log_nodes": "level", "log_entries": "line", "checkpoints": "note", "accesses": "what"}[table]
    connection = await connect(empty_database_url)
    with pytest.raises(asyncpg.RestrictViolationError, match="written once and for good"):
        await connection.execute(statement.format(table, column, column))
    await connection.close()
