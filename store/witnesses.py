"""Holding the hashes of a log against its witnesses: the stored nodes of the tree, its end, and signed checkpoints.

Three trees grow side by side: of the lines as they stand; of the hashes that were logged, what is known to have been
done to lines undone; and of the stored nodes wherever there are any. A witness that fits none of them is told, whatever
else was found: nothing that is known explains it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import asyncpg
import msgspec

from store.auditlog import Head
from store.checkpoints import Checkpoint
from store.findings import Findings
from store.merkle import Node, fold, hash_node, split
from store.statements import sql
from store.strays import Leaf, Strays

_PAGE = 4096
_STORED_LEVELS = 8

Verdict = Literal["fits", "explained", "differs", "unproven"]
Hashes = tuple[bytes, bytes | None, bytes | None]  # as it stands, as it was logged, as the nodes say


class Fit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the log is the one that a checkpoint was signed for.

    It `fits`; or it does once what was found is undone (`explained`); or it `differs` from it in more than that; or so
    much is missing that it cannot be held against it (`unproven`).
    """

    size: int
    root: bytes
    verdict: Verdict


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the root of the lines as they stand, and whether each checkpoint fits."""

    root: bytes
    fits: tuple[Fit, ...]


async def hold_against_witnesses(
    connection: asyncpg.Connection,
    *,
    head: Head,
    end: int,
    strays: Strays,
    checkpoints: Iterable[Checkpoint],
    findings: Findings,
) -> Held:
    """Hold the log's first `end` places against all that was made of them."""
    witnesses = _Witnesses(head, checkpoints, findings)
    for start in range(0, end, _PAGE):
        stop = min(start + _PAGE, end)
        nodes = await _read_nodes(connection, start, stop)
        leaves: dict[int, bytes] = {}
        for row in await connection.fetch(sql("log.read_leaves"), start, stop):
            leaves.setdefault(row["leaf_index"], row["leaf_hash"])
        witnesses.take(nodes)
        for place in range(start, stop):
            stored = leaves.get(place)
            witnesses.grow(strays.undo(place, stored), is_there=stored is not None)
    return witnesses.close(await connection.fetchval(sql("log.count_nodes"), end))


class _Witnesses:
    """The trees as they grow, and what they are held against."""

    def __init__(self, head: Head, checkpoints: Iterable[Checkpoint], findings: Findings) -> None:
        self._head = head
        self._ends = dict(zip(split(0, head.size), head.peaks, strict=False))
        self._checkpoints = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
        self._fits: list[Fit] = []
        self._findings = findings
        self._nodes: Mapping[Node, bytes] = {}
        self._nodes_count = 0
        self._size = 0
        self._peaks: list[Hashes] = []
        self._present = -1  # the last place where a line stands
        self._proven_size = 0  # how much of the log's beginning a checkpoint has confirmed
        self._unfit: list[Fit] = []  # the checkpoints since that do not fit
        self._judge()

    def take(self, nodes: Mapping[Node, bytes]) -> None:
        """Take the stored nodes that the next lines complete."""
        self._nodes = nodes
        self._nodes_count += len(nodes)

    def grow(self, leaf: Leaf, *, is_there: bool) -> None:
        """Add what belongs to the next place."""
        if is_there:
            self._present = self._size
        hashes: Hashes = (leaf.stands, leaf.logged, leaf.logged)
        level, index = 0, self._size
        while True:
            hashes = self._meet(level, index, hashes)
            if not index & 1:
                break
            hashes = _join(self._peaks.pop(), hashes)
            level, index = level + 1, index >> 1
        self._peaks.append(hashes)
        self._size += 1
        self._judge()

    def close(self, stored_count: int) -> Held:
        """Tell what only shows at the end."""
        if stored_count != self._nodes_count:
            message = f"{stored_count} interior nodes are stored where {self._nodes_count} belong"
            self._findings.add("insertion", 0, max(self._size - 1, 0), message)
        if self._size < self._head.size and self._present >= 0:
            self._doubt(0, self._present, "the log's end", is_known=False)
        for checkpoint in self._checkpoints:
            self._judge_one(checkpoint)
        if self._unfit:
            self._tell_unfit()
        return Held(root=fold([each[0] for each in self._peaks]), fits=tuple(self._fits))

    def _meet(self, level: int, index: int, hashes: Hashes) -> Hashes:
        """Hold a complete subtree against its stored node and the log's end; answers what to go on with."""
        if level and level % _STORED_LEVELS == 0:
            stored = self._nodes.get((level, index))
            if stored is None:
                first, last = _places_of(level, index)
                message = f"the node {level}/{index} over the lines {first} to {last} is missing"
                self._findings.add("deletion", first, last, message)
            else:
                hashes = self._compare(level, index, hashes, stored, f"their node {level}/{index}")
        end = self._ends.get((level, index))
        if end is not None:
            hashes = self._compare(level, index, hashes, end, "the log's end")
        return hashes

    def _compare(self, level: int, index: int, hashes: Hashes, stored: bytes, witness: str) -> Hashes:
        first, last = _places_of(level, index)
        if stored not in hashes and self._present >= first:
            self._doubt(first, last, witness, is_known=hashes[1] is not None)
        return hashes[0], hashes[1], stored

    def _doubt(self, first: int, last: int, witness: str, *, is_known: bool) -> None:
        """Say that lines do not fit something made of them, or cannot be held against it."""
        if is_known:
            message = f"the lines {first} to {last} are not those that were logged: {witness} does not fit them"
            self._findings.add("edit", first, last, message)
        else:
            message = f"the lines {first} to {last} cannot be held against {witness}: some are missing"
            self._findings.add("unproven", first, last, message)

    def _judge(self) -> None:
        """Judge the checkpoints that were signed for just as many lines as were taken."""
        while self._checkpoints and self._checkpoints[0].size == self._size:
            self._judge_one(self._checkpoints.pop(0))

    def _judge_one(self, checkpoint: Checkpoint) -> None:
        size, roots = checkpoint.size, self._list_roots(checkpoint.size)
        verdict: Verdict
        if checkpoint.root in roots:
            verdict = "fits" if roots[0] == checkpoint.root else "explained"
        else:
            verdict = "unproven" if None in roots and size <= self._head.size else "differs"
        fit = Fit(size=size, root=checkpoint.root, verdict=verdict)
        self._fits.append(fit)
        if verdict in {"differs", "unproven"}:
            self._unfit.append(fit)
        else:
            for other in self._unfit:
                self._tell_between(other, fit)
            self._unfit.clear()
            self._proven_size = size

    def _tell_between(self, unfit: Fit, following: Fit) -> None:
        """Say what a checkpoint shows that does not fit, though a later one does, and so all nodes before that."""
        if following.verdict == "fits":
            message = f"the checkpoints signed for {unfit.size} and for {following.size} lines are not of one log"
            self._findings.add("edit", self._proven_size, unfit.size - 1, message)
        else:
            first = max(self._proven_size, unfit.size >> _STORED_LEVELS << _STORED_LEVELS)
            self._doubt(first, unfit.size - 1, _name(unfit), is_known=unfit.verdict == "differs")

    def _tell_unfit(self) -> None:
        """Say that no checkpoint fits any more, and from where on."""
        first, last, length = self._unfit[0], self._unfit[-1], self._head.size
        if first.size <= length:
            self._doubt(self._proven_size, first.size - 1, _name(first), is_known=first.verdict == "differs")
        if last.size > length:
            message = f"the log has {length} lines, and a checkpoint was signed for {last.size}: the end is cut off,"
            message += f" or lines behind the first {self._proven_size} were taken out and the tree made anew"
            self._findings.add("truncation", min(self._present + 1, self._proven_size), last.size - 1, message)
        elif last.size > first.size:
            message = f"the lines {first.size} to {last.size - 1} are not proven: no checkpoint behind them fits"
            self._findings.add("unproven", first.size, last.size - 1, message)

    def _list_roots(self, size: int) -> list[bytes | None]:
        """List the roots that the log may have had with so many lines; the first is that of the lines as they stand."""
        roots: list[bytes | None] = [None]
        if size == self._size:
            roots = [_fold([each[number] for each in self._peaks]) for number in range(3)]
        return [*roots, fold(self._head.peaks)] if size == self._head.size else roots


async def _read_nodes(connection: asyncpg.Connection, start: int, end: int) -> dict[Node, bytes]:
    """Read the stored nodes that the lines of some places complete."""
    nodes: dict[Node, bytes] = {}
    level = _STORED_LEVELS
    while end >> level:
        rows = await connection.fetch(sql("log.read_nodes"), level, start >> level, end >> level)
        nodes |= {(level, row["leaf_index"]): row["leaf_hash"] for row in rows}
        level += _STORED_LEVELS
    return nodes


def _places_of(level: int, index: int) -> tuple[int, int]:
    """Return the first and last place under a node."""
    return index << level, ((index + 1) << level) - 1


def _join(left: Hashes, right: Hashes) -> Hashes:
    if left[0] is left[1] is left[2] and right[0] is right[1] is right[2]:  # as all are where nothing was done
        node = hash_node(left[0], right[0])
        return node, node, node
    logged, said = (
        None if one is None or other is None else hash_node(one, other)
        for one, other in zip(left[1:], right[1:], strict=True)
    )
    return hash_node(left[0], right[0]), logged, said


def _fold(peaks: Sequence[bytes | None]) -> bytes | None:
    known = [peak for peak in peaks if peak is not None]
    return fold(known) if len(known) == len(peaks) else None


def _name(fit: Fit) -> str:
    return f"the checkpoint signed for {fit.size} lines"
