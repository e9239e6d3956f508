"""Rows that are alike in all that matters, found by one number a row."""

import numpy as np

from engine.portfolio.bits import Ints

_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(values: Ints, salt: int = 0) -> Ints:
    """Return numbers in which what was close together is far apart (SplitMix64); no two become one."""
    found = values.astype(np.uint64) + np.uint64(_STEP * (salt + 1) % (1 << 64))
    found = (found ^ (found >> np.uint64(30))) * _FIRST
    found = (found ^ (found >> np.uint64(27))) * _SECOND
    return (found ^ (found >> np.uint64(31))).astype(np.int64)


class Marks:
    """A sum of 64 bits a row of all that was added; of two rows that differ it is the same once in 2^64 times."""

    def __init__(self, count: int) -> None:
        self._sums = np.zeros(count, dtype=np.int64)
        self._added = 0

    def add(self, values: Ints, places: Ints | None = None) -> None:
        """Add what some of the rows have, all of them where none is named."""
        self._added += 1
        if places is None:
            self._sums += mix(values, self._added)
        else:
            self._sums[places] += mix(values, self._added)

    def distinct(self) -> tuple[Ints, Ints]:
        """Return one place of each of those that are alike, and which of them each row is like."""
        _, firsts, places = np.unique(self._sums, return_index=True, return_inverse=True)
        return firsts, places.reshape(-1)
