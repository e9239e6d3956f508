"""Proving the whole log: every line against its hash, the hashes against the tree, the tree against signed checkpoints.

Read page by page in short statements, one page at a time, so that it takes the same memory for any log and holds up
nobody who writes.
"""

from collections.abc import Callable, Iterable, Sequence

import asyncpg
import msgspec

from store.auditlog import Head, head_of
from store.checkpoints import Checkpoint
from store.findings import Finding, Findings
from store.loglines import PublishLine, VersionEventLine, put_in_place
from store.merkle import Frontier, hash_leaf, split
from store.rowlines import check_decision, check_entry, line_of, name_row
from store.statements import sql
from store.versionlines import StoredVersions

_PAGE = 1024
_STORED_LEVELS = 8
_NO_HASH = bytes(32)
_LONGEST_GAP = 1_000_000  # behind a longer one there is nothing to be made sense of

Progress = Callable[[int, int], None]


class Verification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it: the log as it is, and what is wrong; `findings_count` may be more than are listed."""

    size: int
    root: bytes
    decisions_count: int
    findings: tuple[Finding, ...]
    findings_count: int


async def verify_log(
    connection: asyncpg.Connection, *, checkpoints: Sequence[Checkpoint] = (), progress: Progress | None = None
) -> Verification:
    """Prove the log against checkpoints whose signatures were checked; one that was kept elsewhere makes it a proof."""
    versions = await StoredVersions.read(connection)
    extent = await connection.fetchrow(sql("log.read_extent"))
    head = head_of(extent)
    end = 0 if extent["last"] is None else extent["last"] + 1
    walk = _Walk(connection, head, checkpoints)
    for start in range(0, end, _PAGE):
        stop = min(start + _PAGE, end)
        if not await walk.take_page(start, stop):
            end = start
            break
        if progress is not None:
            progress(stop, end)
    walk.tell_outside(msgspec.json.decode(text, type=tuple[int | None, str]) for text in extent["outside"])
    return await walk.finish(end, versions)


class _Walk:
    """The way through the log, place by place."""

    def __init__(self, connection: asyncpg.Connection, head: Head, checkpoints: Sequence[Checkpoint]) -> None:
        self._connection = connection
        self._head = head
        self._checkpoints = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
        self._findings = Findings()
        self._tree = Frontier(peaks=[])
        self._decisions_count = 0
        self._gap_from: int | None = None
        self._proven_size = 0  # how much of the log's beginning a checkpoint has confirmed
        self._versions: list[tuple[int, PublishLine | VersionEventLine]] = []
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._nodes_count = 0
        self._compare_ends()

    async def take_page(self, start: int, end: int) -> bool:
        """Take the lines of some places; answers whether it makes sense to go on behind them."""
        await self._read_nodes(start, end)
        rows: dict[int, list[asyncpg.Record]] = {}
        for statement in (sql("log.page_decisions"), sql("log.page_entries")):
            for row in await self._connection.fetch(statement, start, end):
                rows.setdefault(row["leaf_index"], []).append(row)
        if not rows:
            following = await self._connection.fetchval(sql("log.find_next"), start)
            if following is None or following - start > _LONGEST_GAP:
                return False
        for place in range(start, end):
            self._take(place, rows.get(place, []))
        return True

    def tell_outside(self, claims: Iterable[tuple[int | None, str]]) -> None:
        """Tell what claims a place that the log has not."""
        for place, name in claims:
            self._findings.add("insertion", place, place, f"{name} stands outside of the log's {self._head.size} lines")

    async def finish(self, end: int, versions: StoredVersions) -> Verification:
        """Look at what no single line shows, and answer."""
        size = end if self._gap_from is None else self._gap_from
        self._gap_from = None
        if size < self._head.size:
            had = self._head.size
            self._findings.add("truncation", size, had - 1, f"the log breaks off at {size}; it had {had} lines")
        signed = self._checkpoints[-1].size if self._checkpoints else 0
        if signed > self._head.size:
            message = f"the log has {size} lines, and a checkpoint was signed for {signed}: the end is cut off, or"
            message += f" lines behind the first {self._proven_size} were taken out and the tree made anew"
            self._findings.add("truncation", min(size, self._proven_size), signed - 1, message)
        stored = await self._connection.fetchval(sql("log.count_nodes"), end)
        if stored != self._nodes_count and not self._findings.count:
            message = f"{stored} interior nodes are stored where {self._nodes_count} belong"
            self._findings.add("insertion", 0, max(size - 1, 0), message)
        await versions.compare(self._connection, self._versions, self._findings)
        findings = self._findings.close()
        return Verification(
            size=size,
            root=self._tree.root,
            decisions_count=self._decisions_count,
            findings=findings,
            findings_count=self._findings.count,
        )

    async def _read_nodes(self, start: int, end: int) -> None:
        """Read the stored nodes that the lines of a page complete."""
        self._nodes.clear()
        level = _STORED_LEVELS
        while end >> level:
            rows = await self._connection.fetch(sql("log.read_nodes"), level, start >> level, end >> level)
            self._nodes |= {(level, row["leaf_index"]): row["leaf_hash"] for row in rows}
            level += _STORED_LEVELS

    def _take(self, place: int, rows: list[asyncpg.Record]) -> None:
        """Take the one line that belongs to a place."""
        if not rows:
            self._gap_from = place if self._gap_from is None else self._gap_from
            self._grow(place, _NO_HASH)
        else:
            self._end_gap(place)
            self._take_one_of(place, rows)

    def _take_one_of(self, place: int, rows: list[asyncpg.Record]) -> None:
        """Take the line that fits its hash; others that stand in its place were put there."""
        lines = [line_of(row) for row in rows]
        hashes = [hash_leaf(put_in_place(place, line)) for line in lines]
        chosen = next((n for n, row in enumerate(rows) if row["leaf_hash"] == hashes[n]), 0)
        for number, row in enumerate(rows):
            if number != chosen:
                self._findings.add("insertion", place, place, f"{name_row(row)} stands at {place} as well")
        row = rows[chosen]
        self._check(place, row)
        if hashes[chosen] != row["leaf_hash"]:
            self._findings.add_stray(place, lines[chosen], row["leaf_hash"], name_row(row))
        self._grow(place, hashes[chosen])

    def _check(self, place: int, row: asyncpg.Record) -> None:
        """Look at what stands beside a line."""
        if "id" in row:
            self._decisions_count += 1
            problems = check_decision(row)
        else:
            entry, problems = check_entry(row)
            if isinstance(entry, PublishLine | VersionEventLine):
                self._versions.append((place, entry))
        for problem in problems:
            self._findings.add("edit", place, place, f"{name_row(row)}: {problem}")

    def _end_gap(self, place: int) -> None:
        if self._gap_from is not None:
            first, self._gap_from = self._gap_from, None
            said = f"line {first} is missing" if first == place - 1 else f"lines {first} to {place - 1} are missing"
            self._findings.add("deletion", first, place - 1, said)

    def _grow(self, place: int, leaf_hash: bytes) -> None:
        """Let the tree grow, and compare what this completes with what is stored."""
        for level, node in enumerate(self._tree.append(leaf_hash), start=1):
            if level % _STORED_LEVELS == 0:
                self._nodes_count += 1
                index = place >> level
                if self._nodes.get((level, index)) != node:
                    self._doubt(index << level, place, f"their node {level}/{index}")
        self._compare_ends()

    def _compare_ends(self) -> None:
        """Compare the tree with the log's own end and with the checkpoints, where it has just their size."""
        if self._tree.size == self._head.size:
            parts = split(0, self._head.size)
            for (level, index), own, stored in zip(parts, self._tree.peaks, self._head.peaks, strict=False):
                if own != stored:
                    self._doubt(index << level, ((index + 1) << level) - 1, "the log's end")
            if len(parts) != len(self._head.peaks):
                self._doubt(0, max(self._head.size - 1, 0), "the log's end")
        while self._checkpoints and self._checkpoints[0].size == self._tree.size:
            checkpoint = self._checkpoints.pop(0)
            if checkpoint.root != self._tree.root:
                witness = f"the checkpoint signed for {checkpoint.size} lines"
                self._doubt(self._proven_size, checkpoint.size - 1, witness)
            elif not self._findings.count:
                self._proven_size = checkpoint.size

    def _doubt(self, first: int, last: int, witness: str) -> None:
        """Say that lines do not fit something made of them, unless it is known why."""
        if self._findings.latest < first and self._gap_from is None:
            message = f"the lines {first} to {last} are not those that were logged: {witness} does not fit them"
            self._findings.add("edit", first, last, message)
