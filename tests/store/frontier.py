"""A Merkle tree grown leaf by leaf, as the database grows its own in SQL."""

import msgspec

from store.merkle import fold, hash_node


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
