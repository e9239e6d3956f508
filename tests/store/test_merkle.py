"""The Merkle tree: the values of Certificate Transparency's own tests, and every proof of every small tree.

Proofs are checked with the program that auditors get.
"""

import hashlib
from collections.abc import Sequence

import pytest

from api.evidence.verify_evidence import Wrong, check_consistency, root_of_inclusion
from store import merkle
from store.merkle import ProofError, fold, hash_leaf, hash_node
from tests.store.frontier import Frontier

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [hash_leaf(b"%d" % number) for number in range(70)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Work a root out as RFC 6962 defines it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return hash_node(root_of(hashes[:middle]), root_of(hashes[middle:]))


def leads_to(root: bytes, leaf_hash: bytes, index: int, size: int, proof: list[bytes]) -> bool:
    """Whether a proof leads to a root."""
    try:
        return root_of_inclusion(leaf_hash, index, size, proof) == root
    except Wrong:
        return False


def test_roots_are_those_of_certificate_transparency() -> None:
    """Leaf by leaf the root is the one that other implementations test for."""
    tree = Frontier(peaks=[])
    for leaf, root in zip(LEAVES, ROOTS, strict=False):
        assert tree.root.hex() == root
        tree.append(hash_leaf(leaf))
    assert tree.root.hex() == ROOTS[-1]


def test_a_tree_knows_its_parts() -> None:
    """The complete subtrees of every size fold to its root, and appending answers the nodes it completes."""
    tree = Frontier(peaks=[])
    for size, leaf_hash in enumerate(HASHES):
        assert tree.root == root_of(HASHES[:size])
        parts = [root_of(HASHES[index << level : (index + 1) << level]) for level, index in merkle.split(0, size)]
        assert parts == tree.peaks
        assert fold(parts) == tree.root
        completed = tree.append(leaf_hash)
        for level, node in enumerate(completed, start=1):
            assert node == root_of(HASHES[size + 1 - (1 << level) : size + 1])


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_of_every_tree_is_proven(size: int) -> None:
    """Each proof leads to the root, and none does for another leaf, place, size or with a hash changed."""
    root = root_of(HASHES[:size])
    for index in range(size):
        proof = [root_of(HASHES[start:end]) for start, end in merkle.list_inclusion(index, size)]
        assert root_of_inclusion(HASHES[index], index, size, proof) == root
        wrong = [
            (HASHES[index + 1], index, size, proof),
            (HASHES[index], index, size, [*proof, root]),
            (HASHES[index], index, size, [bytes(32), *proof[1:]] if proof else [root]),
            (HASHES[index], size, size, proof),
        ]
        for arguments in wrong:
            assert not leads_to(root, *arguments), arguments


@pytest.mark.parametrize("new_size", range(34))
def test_every_tree_continues_every_smaller_one(new_size: int) -> None:
    """Each proof holds for the two roots, and for no other old root."""
    new_root = root_of(HASHES[:new_size])
    for old_size in range(new_size + 1):
        old_root = root_of(HASHES[:old_size])
        proof = [root_of(HASHES[start:end]) for start, end in merkle.list_consistency(old_size, new_size)]
        check_consistency(old_size, old_root, new_size, new_root, proof)
        with pytest.raises(Wrong):
            check_consistency(old_size, bytes(32), new_size, new_root, proof)
        with pytest.raises(Wrong):
            check_consistency(old_size, old_root, new_size, new_root, [*proof, new_root])
        with pytest.raises(Wrong):
            check_consistency(new_size + 1, old_root, new_size, new_root, [*proof, new_root])
        if proof:
            with pytest.raises(Wrong):
                check_consistency(old_size, old_root, new_size, bytes(32), proof)
            with pytest.raises(Wrong):
                check_consistency(old_size, old_root, new_size, new_root, proof[:-1])


def test_a_smaller_tree_continues_nothing() -> None:
    """A tree cannot continue a larger one."""
    with pytest.raises(ProofError, match="cannot continue"):
        merkle.list_consistency(3, 2)
