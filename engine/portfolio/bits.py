"""Sets of boxes as rows of 64-bit words, one row an account: what the masks are to one account."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

WORD = 64

# Odd numbers without a pattern: two sets that differ hardly ever have one sum.
_MIXER = np.array([pow(0x9E3779B97F4A7C15, power, 1 << WORD) | 1 for power in range(1, 257)], dtype=np.uint64)

Bits = npt.NDArray[np.uint64]
"""Sets: one row each, so many words of 64 bits."""
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


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


def distinct(sets: Bits) -> tuple[Bits, Ints]:
    """Return the sets that are different, and the place of each row's among them."""
    keys = (sets * _MIXER[: sets.shape[1]]).sum(axis=1, dtype=np.uint64) if sets.shape[1] <= len(_MIXER) else None
    if keys is not None:
        _, firsts, places = np.unique(keys, return_index=True, return_inverse=True)
        found, places = sets[firsts], places.reshape(-1)
        if (found[places] == sets).all():  # else two of them have one key, which hardly ever happens
            return found, places
    found, places = np.unique(sets, axis=0, return_inverse=True)
    return found, places.reshape(-1)


def lowest(sets: Bits) -> Ints:
    """Return the place of the lowest bit of each set, -1 for an empty one."""
    found = np.full(len(sets), -1, dtype=np.int64)
    for place in range(sets.shape[1] - 1, -1, -1):
        words = sets[:, place]
        bits = np.bitwise_count((words & (~words + np.uint64(1))) - np.uint64(1)).astype(np.int64)
        found = np.where(words != 0, bits + place * WORD, found)
    return found
