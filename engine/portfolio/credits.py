"""Credits set against what is owed, of many accounts, as `engine.coordinates.credits` does it for one."""

import numpy as np

from engine.portfolio.bits import Ints, Truths


def set_against(owed_rows: Ints, owed: Ints, credit_rows: Ints, credits_: Ints, count: int) -> tuple[Ints, Truths]:
    """Return what is left of each amount that is owed, and of which credits a part was used.

    Both stand by row and in the order in which they are taken; credits are given as positive amounts.
    """
    given = _sum_by_row(credit_rows, credits_, count)
    wanted = _sum_by_row(owed_rows, owed, count)
    until = _run(owed_rows, owed, count)
    before = _run(credit_rows, credits_, count) - credits_
    return np.clip(until - given[owed_rows], 0, owed), before < np.minimum(given, wanted)[credit_rows]


def _sum_by_row(rows: Ints, values: Ints, count: int) -> Ints:
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, rows, values)
    return found


def _run(rows: Ints, values: Ints, count: int) -> Ints:
    """Return the sums of each row's values up to each of them."""
    running = np.cumsum(values, dtype=np.int64)
    sums = _sum_by_row(rows, values, count)
    before = np.cumsum(sums) - sums
    return running - before[rows]
