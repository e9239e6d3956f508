"""The Merkle tree of RFC 6962: hashes, roots, proofs that a leaf is in a tree and that a tree continues another."""

import hashlib
from collections.abc import Sequence

import msgspec

EMPTY_ROOT = hashlib.sha256().digest()

Range = tuple[int, int]  # [start, end) of leaves
Node = tuple[int, int]  # level (0: leaves) and index in it


class ProofError(ValueError):
    """A proof does not prove what it should."""


def hash_leaf(line: bytes) -> bytes:
    """Hash a leaf."""
    return hashlib.sha256(b"\x00" + line).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash an interior node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, given from the largest to the smallest."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hash_node(peak, root)
    return root


class Frontier(msgspec.Struct, kw_only=True):
    """A tree that only grows, kept as the roots of the complete subtrees that make it up."""

    size: int = 0
    peaks: list[bytes] = []

    def append(self, leaf_hash: bytes) -> list[bytes]:
        """Add a leaf; answers the interior nodes it completes, from level 1 upwards."""
        rest, node = self.size, leaf_hash
        completed = []
        while rest & 1:
            node = hash_node(self.peaks.pop(), node)
            completed.append(node)
            rest >>= 1
        self.peaks.append(node)
        self.size += 1
        return completed

    @property
    def root(self) -> bytes:
        """The root hash of the leaves so far."""
        return fold(self.peaks)


def split(start: int, end: int) -> list[Node]:
    """Cut [start, end) into complete subtrees, left to right.

    `start` must be where a subtree at least as large as the range begins, as it is for every range of a proof.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def list_inclusion(index: int, size: int) -> list[Range]:
    """List the ranges of leaves whose hashes prove that a leaf is in a tree, from the bottom up."""
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def list_consistency(old_size: int, new_size: int) -> list[Range]:
    """List the ranges of leaves whose hashes prove that a tree continues a smaller one, from the bottom up."""
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {new_size} leaves cannot continue one of {old_size}")
    if old_size in {0, new_size}:
        return []
    ranges: list[Range] = []
    start, end, is_whole = 0, new_size, True
    while old_size != end:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        ranges.append((start, end))
    return ranges[::-1]


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless the proof leads from the leaf to the root."""
    ranges = list_inclusion(index, size)
    if len(ranges) != len(proof):
        raise ProofError(f"the proof has {len(proof)} hashes where {len(ranges)} belong")
    node = leaf_hash
    for (start, _), sibling in zip(ranges, proof, strict=True):
        node = hash_node(node, sibling) if start > index else hash_node(sibling, node)
    if node != root:
        raise ProofError("the proof does not lead to the root: the leaf is not in this tree")


def check_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the proof shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    ranges = list_consistency(old_size, new_size)
    if len(ranges) != len(proof):
        raise ProofError(f"the proof has {len(proof)} hashes where {len(ranges)} belong")
    if not ranges:
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if old_root != expected:
            raise ProofError("the roots differ")
        return
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if place & 1 or place == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = hash_node(new, node)
        place, last = place >> 1, last >> 1
    if old != old_root or new != new_root or last:
        raise ProofError("the newer tree does not begin with the older one")


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
