"""Whatever is done to the log past the program is found, with its place.

DUNNING_AUDIT_FULL=1 tries 224 times on a log of 100,000 decisions.
"""

import os
import random

import pytest

from store.checkpoints import Checkpoint
from store.database import connect
from store.store import Store
from store.verifying import verify_log
from tests.store.loggers import fill, take_checkpoint, take_early_checkpoint
from tests.store.tampering import TAMPERINGS, tampered, truncate

pytestmark = pytest.mark.anyio

IS_FULL = bool(os.environ.get("DUNNING_AUDIT_FULL"))
FULL_COUNTS = (224, 100_000)
TRIES_COUNT, DECISIONS_COUNT = FULL_COUNTS if IS_FULL else (96, 1_200)


@pytest.fixture(scope="module")
async def checkpoints(database_url: str) -> list[Checkpoint]:
    """Fill a log once, and keep its checkpoints elsewhere: two early ones and the last."""
    async with await Store.open(database_url) as store:
        await fill(store, DECISIONS_COUNT)
        head = await take_checkpoint(store)
        early = [await take_early_checkpoint(store, size) for size in (head.size // 3, head.size // 2)]
        return [*early, head]


@pytest.mark.parametrize("number", range(TRIES_COUNT))
async def test_every_tampering_is_found(database_url: str, checkpoints: list[Checkpoint], number: int) -> None:
    """One at a time, by tamperers of any skill: each is found, and its place is among those that are told."""
    chance = random.Random(number)
    name = list(TAMPERINGS)[number % len(TAMPERINGS)]
    skill = number // len(TAMPERINGS) % 3
    async with tampered(database_url) as connection:
        first, last = await TAMPERINGS[name](connection, chance, checkpoints[-1].size, skill)
        verification = await verify_log(connection, checkpoints=checkpoints)
    said = f"{name} at {first}, skill {skill}: {verification.findings[:5]}"
    assert verification.findings, said
    told = [(finding.first, finding.last) for finding in verification.findings]
    for place in (first,) if skill == 2 else (first, last):  # behind a fork nothing can be proven
        assert any(low is not None and high is not None and low <= place <= high for low, high in told), said
    if skill == 1 and name.startswith("edit"):
        assert min(high - low + 1 for low, high in told if low is not None and high is not None) <= 256, said
    if skill == 0:
        exact = [finding for finding in verification.findings if finding.kind != "unproven"]
        changes = {"edit", "deletion", "insertion"} if name == "edit entry" else {name.split()[0]}
        assert {finding.kind for finding in exact} <= changes, said
        assert name == "edit entry" or all(
            finding.first == first and (finding.last == last or name in {"deletion", "truncation"}) for finding in exact
        ), said
        assert len(exact) == len(verification.findings) or name in {"deletion", "truncation"}, said


async def test_without_tampering_nothing_is_found(database_url: str, checkpoints: list[Checkpoint]) -> None:
    """The same log, left alone, is whole; and was, before each of the tamperings was undone."""
    connection = await connect(database_url)
    assert (await verify_log(connection, checkpoints=checkpoints)).findings == ()
    await connection.close()


async def test_only_a_checkpoint_kept_elsewhere_finds_a_perfect_truncation(
    database_url: str, checkpoints: list[Checkpoint]
) -> None:
    """A log cut off with its whole tree made anew looks whole, until it is held against what was signed."""
    async with tampered(database_url) as connection:
        start, _ = await truncate(connection, random.Random(1), checkpoints[-1].size, 2)
        assert (await verify_log(connection)).findings == ()
        (finding,) = (await verify_log(connection, checkpoints=checkpoints[-1:])).findings
    assert (finding.kind, finding.first, finding.last) == ("truncation", 0, checkpoints[-1].size - 1)
    assert f"has {start} lines" in finding.message


FAR = 1_000_000_000_000
MOVE = "UPDATE dunning.decisions SET leaf_index = {} WHERE leaf_index = 700"
STRETCH = f"UPDATE dunning.log_head SET size = {FAR}"  # noqa: S608  our own


UNUSUAL = [
    ("A decision is put very far behind the end.", MOVE.format(FAR)),
    ("The log is said to be very long.", STRETCH),
    ("Both, so that they agree.", f"{STRETCH}; {MOVE.format(FAR - 1)}"),
    ("A decision is put before the beginning.", MOVE.format(-1)),
    (
        "A decision is put nowhere.",
        f"ALTER TABLE dunning.decisions ALTER leaf_index DROP NOT NULL; {MOVE.format('NULL')}",
    ),
    ("Everything is taken out.", "DELETE FROM dunning.decisions; DELETE FROM dunning.log_entries"),
    ("A node is put in that no lines make.", "INSERT INTO dunning.log_nodes VALUES (24, 0, '')"),
    ("A node is put in of a level that is not stored.", "INSERT INTO dunning.log_nodes VALUES (3, 0, '')"),
    ("A node is taken out.", "DELETE FROM dunning.log_nodes WHERE index = 1"),
    ("A node is changed.", "UPDATE dunning.log_nodes SET hash = sha256(hash) WHERE index = 1"),
    ("A hash of the log's end is changed.", "UPDATE dunning.log_head SET peaks[1] = sha256(peaks[1])"),
    ("A hash of the log's end is taken out.", "UPDATE dunning.log_head SET peaks = peaks[2:]"),
]


@pytest.mark.parametrize(("what", "change"), UNUSUAL)
async def test_no_tampering_keeps_the_verifier_busy_for_ever(
    database_url: str, checkpoints: list[Checkpoint], what: str, change: str
) -> None:
    """Places far out, no places at all, an empty log: found like anything else."""
    async with tampered(database_url) as connection:
        await connection.execute(change)
        verification = await verify_log(connection, checkpoints=checkpoints)
    assert verification.findings, what
