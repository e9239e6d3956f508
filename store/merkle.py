"""The Merkle tree of RFC 6962: hashes, roots, and which hashes prove that a leaf is in a tree or that a tree only grew.

Proofs are checked by api/evidence/verify_evidence.py, which uses none of this.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256().digest()

Range = tuple[int, int]  # [start, end) of leaves
Node = tuple[int, int]  # level (0: leaves) and index in it


class ProofError(ValueError):
    """There is no such proof: the tree is too small for it."""


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


def follow(leaf_hash: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and the hashes beside its way up come to; ValueError for too few or too many."""
    reached = leaf_hash
    for (start, _), beside in zip(list_inclusion(index, size), hashes, strict=True):
        reached = hash_node(reached, beside) if start > index else hash_node(beside, reached)
    return reached


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


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
