"""Nothing that is done to the log hides anything else: any tamperings together are found as well as each alone.

DUNNING_AUDIT_FULL=1 tries 300 sets of them.
"""

import random
from collections.abc import Sequence

import asyncpg
import msgspec
import pytest

from store.checkpoints import Checkpoint
from store.findings import Finding
from store.store import Store
from store.verifying import Verification, verify_log
from tests.store.loggers import fill, take_checkpoint, take_early_checkpoint
from tests.store.tampering import TAMPERINGS, forge_at, mend, tampered
from tests.store.test_tampering import IS_FULL

pytestmark = pytest.mark.anyio

FULL_SETS_COUNT = 300
SETS_COUNT = FULL_SETS_COUNT if IS_FULL else 40
DECISIONS_COUNT = 1_200


@pytest.fixture(scope="module")
async def checkpoints(database_url: str) -> list[Checkpoint]:
    """Fill a log once, and keep its checkpoints elsewhere: two early ones and the last."""
    async with await Store.open(database_url) as store:
        await fill(store, DECISIONS_COUNT)
        head = await take_checkpoint(store)
        return [*[await take_early_checkpoint(store, size) for size in (401, 602)], head]


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One tampering: what, by whom, and with which luck."""

    name: str
    skill: int
    seed: int

    @property
    def shift(self) -> int:
        """By how much the lines behind its place move."""
        return {"deletion": -1, "insertion": 1}.get(self.name, 0) if self.skill else 0


def choose(chance: random.Random) -> list[Deed]:
    """Choose one to five tamperings; in half of the sets nobody makes the tree anew or moves lines."""
    deeds = [
        Deed(name=chance.choice(list(TAMPERINGS)), skill=chance.choice([0, 0, 1, 1, 2]), seed=chance.getrandbits(32))
        for _ in range(chance.randrange(1, 6))
    ]
    is_local = chance.random() < 0.5
    return [each for each in deeds if each.skill < 2 and not each.shift] or deeds[:1] if is_local else deeds


async def tamper(connection: asyncpg.Connection, deeds: Sequence[Deed]) -> list[list[int]]:
    """Do all of them, one after the other; answers the places of each that must be told, where they are at the end."""
    spots: list[list[int]] = []
    for deed in deeds:
        size = await connection.fetchval(
            "SELECT 1 + greatest((SELECT max(leaf_index) FROM dunning.decisions),"
            " (SELECT max(leaf_index) FROM dunning.log_entries))"
        )
        first, last = await TAMPERINGS[deed.name](connection, random.Random(deed.seed), size, deed.skill)
        if deed.name == "truncation":  # what was done behind it is gone
            spots = [[place for place in places if place < first] for places in spots]
        if deed.shift:
            least = first + (deed.shift < 0)
            spots = [[place + deed.shift if place >= least else place for place in places] for places in spots]
        spots.append([first] if deed.skill == 2 else [first, last])
    return spots


async def look(
    url: str, checkpoints: Sequence[Checkpoint], deeds: Sequence[Deed]
) -> tuple[Verification, list[list[int]]]:
    """Verify the log with these tamperings done to it, and undo them."""
    async with tampered(url) as connection:
        spots = await tamper(connection, deeds)
        return await verify_log(connection, checkpoints=checkpoints), spots


def measure(findings: Sequence[Finding], place: int) -> float:
    """Say how closely a place is told: the fewest lines among which it is; infinite where it is not told."""
    sizes = [
        each.last - each.first + 1
        for each in findings
        if each.first is not None and each.last is not None and each.first <= place <= each.last
    ]
    return min(sizes, default=float("inf"))


@pytest.mark.parametrize("number", range(SETS_COUNT))
async def test_tamperings_together_are_found_as_well_as_each_alone(
    database_url: str, checkpoints: list[Checkpoint], number: int
) -> None:
    """One to five at once, decoys among them: each is told, and as closely as alone where the tree was left alone."""
    deeds = choose(random.Random(number))
    verification, spots = await look(database_url, checkpoints, deeds)
    said = f"{deeds}: {verification.findings}"
    for places in spots:
        assert all(measure(verification.findings, place) < float("inf") for place in places), (places, said)
    if any(each.skill == 2 or each.shift or each.name == "truncation" for each in deeds):
        return
    for deed, places in zip(deeds, spots, strict=True):
        alone, _ = await look(database_url, checkpoints, [deed])
        for place in places:
            assert measure(verification.findings, place) <= measure(alone.findings, place), (place, said)


@pytest.mark.parametrize("skill", [1, 2])
async def test_a_clumsy_edit_hides_no_careful_forgery(
    database_url: str, checkpoints: list[Checkpoint], skill: int
) -> None:
    """Forged decisions and an edit that jumps to the eye: the edit is told, and so is all that does not fit before it.

    Where the forger mended the hashes of his lines, the stored nodes tell, which both later checkpoints confirm; where
    he made the tree anew from end to end, every checkpoint that was kept elsewhere does.
    """
    async with tampered(database_url) as connection:
        rows = await connection.fetch("SELECT leaf_index FROM dunning.decisions WHERE salt IS NOT NULL ORDER BY 1")
        forged = [row[0] for row in rows[100:500]]
        for place in forged:
            await forge_at(connection, place)
        await mend(connection, skill, forged)
        decoy = rows[50][0]
        await connection.execute("UPDATE dunning.decisions SET channel = 'fax' WHERE leaf_index = $1", decoy)
        verification = await verify_log(connection, checkpoints=checkpoints)
    assert measure(verification.findings, decoy) == 1
    assert all(measure(verification.findings, place) < float("inf") for place in forged)
    verdicts = {1: ["differs", "explained", "explained"], 2: ["differs", "differs", "differs"]}
    assert [fit.verdict for fit in verification.checkpoints] == verdicts[skill]


@pytest.mark.parametrize(
    ("change", "verdicts"),
    [
        ("SELECT", ["fits", "fits", "fits"]),
        ("UPDATE dunning.decisions SET rule = 'x' WHERE leaf_index = 500", ["fits", "explained", "explained"]),
        ("UPDATE dunning.decisions SET leaf_hash = '' WHERE leaf_index = 500", ["fits", "fits", "fits"]),
        ("UPDATE dunning.log_nodes SET hash = '' WHERE index = 0", ["fits", "fits", "fits"]),
        ("DELETE FROM dunning.decisions WHERE leaf_index = 300", ["unproven", "explained", "explained"]),
        ("DELETE FROM dunning.decisions WHERE leaf_index = 1204", ["fits", "fits", "explained"]),
        ("UPDATE dunning.log_head SET size = 1000", ["fits", "fits", "differs"]),
    ],
)
async def test_of_each_checkpoint_it_is_said_whether_it_fits(
    database_url: str, checkpoints: list[Checkpoint], change: str, verdicts: list[str]
) -> None:
    """The log is what was signed; or it is with what was found undone; or it is not; or that cannot be known."""
    async with tampered(database_url) as connection:
        await connection.execute(change)
        verification = await verify_log(connection, checkpoints=checkpoints)
    assert [fit.verdict for fit in verification.checkpoints] == verdicts
    assert bool(verification.findings) == (change != "SELECT")
