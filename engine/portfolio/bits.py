"""Sets of boxes as rows of 64-bit words, one row an account: what the masks are to one account."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

WORD = 64

Bits = npt.NDArray[np.uint64]
"""Sets: one row each, so many words of 64 bits."""
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


def as_words(masks: Iterable[int], width: int) -> Bits:
    """Return integers as rows of words, bit 0 first."""
    data = b"".join(mask.to_bytes(width * WORD // 8, "little") for mask in masks)
    return np.frombuffer(data, dtype="<u8").reshape(-1, width).astype(np.uint64)


def any_of(sets: Bits, wanted: Bits) -> Truths:
    """Tell for each set whether it holds one of some bits, given as one row of words."""
    found = np.zeros(len(sets), dtype=np.bool_)
    for place in np.flatnonzero(wanted):
        found |= (sets[:, place] & wanted[place]) != 0
    return found


def lowest(sets: Bits) -> Ints:
    """Return the place of the lowest bit of each set, -1 for an empty one."""
    found = np.full(len(sets), -1, dtype=np.int64)
    for place in range(sets.shape[1] - 1, -1, -1):
        words = sets[:, place]
        bits = np.bitwise_count((words & (~words + np.uint64(1))) - np.uint64(1)).astype(np.int64)
        found = np.where(words != 0, bits + place * WORD, found)
    return found
