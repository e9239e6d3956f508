"""Proving the whole log: every line against its hash, the hashes against the tree, the tree against signed checkpoints.

Read page by page in short statements, one page at a time, so that it takes the same memory for any log and holds up
nobody who writes.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import asyncpg
import msgspec

from store.accesslines import compare_accesses
from store.auditlog import Head, head_of
from store.checkpoints import Checkpoint
from store.findings import Finding, Findings
from store.keylines import check_keys
from store.linetimes import LineTimes
from store.loglines import (
    AccessesLine,
    KeyLine,
    PublishLine,
    TokenLine,
    VersionEventLine,
    WebhookLine,
    put_in_place,
)
from store.merkle import hash_leaf
from store.rowlines import check_decision, check_entry, line_of, name_row
from store.statements import sql
from store.strays import Strays
from store.tokenlines import StoredTokens
from store.versionlines import StoredVersions
from store.webhooklines import StoredWebhooks
from store.witnesses import Fit, hold_against_witnesses

_PAGE = 1024
_LONGEST_GAP = 1_000_000  # behind a longer one there is nothing to be made sense of

Progress = Callable[[int, int], None]


class Verification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it: the log as it is, what is wrong, and whether each checkpoint fits, in the order of their sizes.

    `findings_count` may be more than are listed. `notes` say what an auditor should know though nothing is wrong.
    """

    size: int
    root: bytes
    decisions_count: int
    findings: tuple[Finding, ...]
    findings_count: int
    checkpoints: tuple[Fit, ...]
    notes: tuple[str, ...]


async def verify_log(
    connection: asyncpg.Connection, *, checkpoints: Sequence[Checkpoint] = (), progress: Progress | None = None
) -> Verification:
    """Prove the log against checkpoints whose signatures were checked; one that was kept elsewhere makes it a proof."""
    versions = await StoredVersions.read(connection)
    tokens = await StoredTokens.read(connection)
    webhooks = await StoredWebhooks.read(connection)
    extent = await connection.fetchrow(sql("log.read_extent"))
    head = head_of(extent)
    end = 0 if extent["last"] is None else extent["last"] + 1
    walk = _Walk(connection, head, now=extent["now"], is_older=extent["is_older"])
    for start in range(0, end, _PAGE):
        stop = min(start + _PAGE, end)
        if not await walk.take_page(start, stop):
            end = start
            break
        if progress is not None:
            progress(stop, end)
    walk.tell_outside(msgspec.json.decode(text, type=tuple[int | None, str]) for text in extent["outside"])
    size = walk.finish(end)
    await versions.compare(connection, walk.versions, walk.findings)
    tokens.compare(walk.tokens, walk.findings)
    webhooks.compare(walk.webhooks, walk.findings)
    await compare_accesses(connection, walk.accesses, walk.findings)
    notes = [*walk.times.notes, *check_keys(walk.keys, walk.findings)]
    for row in await connection.fetch(sql("log.list_unlogged_history")):
        said = f"what the history says was carried out for {row['account_id']}, row {row['id']}, is not in the log"
        walk.findings.add("insertion", None, None, said)
    for row in await connection.fetch(sql("log.list_unlogged_outcomes")):
        said = f"an outcome recorded for {row['account_id']}, row {row['id']}, is not in the log"
        walk.findings.add("insertion", None, None, said)
    held = await hold_against_witnesses(
        connection,
        head=head,
        end=end if head.size - end > _LONGEST_GAP else head.size,
        strays=walk.strays,
        checkpoints=checkpoints,
        findings=walk.findings,
    )
    return Verification(
        size=size,
        root=held.root,
        decisions_count=walk.decisions_count,
        findings=walk.findings.list(),
        findings_count=walk.findings.count,
        checkpoints=held.fits,
        notes=tuple(notes),
    )


class _Walk:
    """The way through the lines, place by place: each against its own hash and what stands beside it."""

    def __init__(self, connection: asyncpg.Connection, head: Head, *, now: dt.datetime, is_older: bool) -> None:
        self._connection = connection
        self._head = head
        self._gap_from: int | None = None
        self.findings = Findings()
        self.strays = Strays(self.findings)
        self.times = LineTimes(now, self.findings, is_older=is_older)
        self.versions: list[tuple[int, PublishLine | VersionEventLine]] = []
        self.tokens: list[tuple[int, TokenLine]] = []
        self.webhooks: list[tuple[int, WebhookLine]] = []
        self.keys: list[tuple[int, KeyLine]] = []
        self.accesses: list[tuple[int, AccessesLine]] = []
        self.decisions_count = 0

    async def take_page(self, start: int, end: int) -> bool:
        """Take the lines of some places; answers whether it makes sense to go on behind them."""
        rows: dict[int, list[asyncpg.Record]] = {}
        for statement in (sql("log.page_decisions"), sql("log.page_entries")):
            for row in await self._connection.fetch(statement, start, end):
                rows.setdefault(row["leaf_index"], []).append(row)
        if not rows:
            following = await self._connection.fetchval(sql("log.find_next"), start)
            if following is None or following - start > _LONGEST_GAP:
                return False
        for place in range(start, end):
            if place in rows:
                self._end_gap(place)
                self._take_one_of(place, rows[place])
            elif self._gap_from is None:
                self._gap_from = place
        return True

    def tell_outside(self, claims: Iterable[tuple[int | None, str]]) -> None:
        """Tell what claims a place that the log has not."""
        for place, name in claims:
            self.findings.add("insertion", place, place, f"{name} stands outside of the log's {self._head.size} lines")

    def finish(self, end: int) -> int:
        """Tell what shows once all lines are known; answers how many there are in a row."""
        self.strays.resolve()
        size = end if self._gap_from is None else self._gap_from
        if size < self._head.size:
            had = self._head.size
            self.findings.add("truncation", size, had - 1, f"the log breaks off at {size}; it had {had} lines")
        parts_count = self._head.size.bit_count()
        if len(self._head.peaks) != parts_count:
            message = f"the log's end holds {len(self._head.peaks)} hashes where {parts_count} belong"
            self.findings.add("edit", 0, max(self._head.size - 1, 0), message)
        return size

    def _take_one_of(self, place: int, rows: list[asyncpg.Record]) -> None:
        """Take the line that fits its hash; others that stand in its place were put there."""
        lines = [line_of(row) for row in rows]
        hashes = [hash_leaf(put_in_place(place, line)) for line in lines]
        chosen = next((n for n, row in enumerate(rows) if row["leaf_hash"] == hashes[n]), 0)
        for number, row in enumerate(rows):
            if number != chosen:
                self.findings.add("insertion", place, place, f"{name_row(row)} stands at {place} as well")
        row = rows[chosen]
        if len(rows) > 1:
            self.strays.choose(place, row["leaf_hash"])
        is_logged = hashes[chosen] == row["leaf_hash"]
        self._check(place, row, is_logged=is_logged)
        if not is_logged:
            self.strays.add(place, lines[chosen], row["leaf_hash"], name_row(row))

    def _check(self, place: int, row: asyncpg.Record, *, is_logged: bool) -> None:
        """Look at what stands beside a line, and at the time of one that is as it was logged."""
        if "id" in row:
            self.decisions_count += 1
            problems = check_decision(row)
            if is_logged:
                self.times.take_decision(place, row)
        else:
            entry, problems = check_entry(row)
            if is_logged:
                self.times.take_entry(place, row, entry)
            if isinstance(entry, PublishLine | VersionEventLine):
                self.versions.append((place, entry))
            elif isinstance(entry, TokenLine):
                self.tokens.append((place, entry))
            elif isinstance(entry, WebhookLine):
                self.webhooks.append((place, entry))
            elif isinstance(entry, KeyLine):
                self.keys.append((place, entry))
            elif isinstance(entry, AccessesLine):
                self.accesses.append((place, entry))
        for problem in problems:
            self.findings.add("edit", place, place, f"{name_row(row)}: {problem}")

    def _end_gap(self, place: int) -> None:
        if self._gap_from is not None:
            first, self._gap_from = self._gap_from, None
            said = f"line {first} is missing" if first == place - 1 else f"lines {first} to {place - 1} are missing"
            self.findings.add("deletion", first, place - 1, said)
