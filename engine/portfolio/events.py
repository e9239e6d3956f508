"""Days on which something happened, by row: what windows of days count."""

import numpy as np

from engine.portfolio.arrays import spans, sums
from engine.portfolio.bits import Ints
from engine.portfolio.debts import NEVER


class Events:
    """The events of each row, ``rows`` in order, that some window of so many days still holds on the row's own day."""

    def __init__(self, rows: Ints, days: Ints, per_days: int, today: Ints) -> None:
        kept = days + per_days > today[rows]
        rows = rows[kept]
        self._per_days = per_days
        self._days = days[kept]
        self._counts = np.bincount(rows, minlength=len(today))
        self._starts = np.cumsum(self._counts) - self._counts

    def _of(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Return which of some rows have events, how many, and the days of all of them."""
        counts = self._counts[rows]
        some = np.flatnonzero(counts)
        lengths = counts[some]
        return some, lengths, self._days[spans(self._starts[rows[some]], lengths)]

    def count(self, rows: Ints, days: Ints) -> Ints:
        """Count the events of some rows in the days up to theirs, so many in all."""
        found = np.zeros(len(rows), dtype=np.int64)
        if len(self._days):
            some, lengths, own = self._of(rows)
            until = np.repeat(days[some], lengths)
            found[some] = sums(((own > until - self._per_days) & (own <= until)).astype(np.int64), lengths)
        return found

    def next_end(self, rows: Ints, days: Ints) -> Ints:
        """Return the next day on which an event leaves the window, `NEVER` for none."""
        found = np.full(len(rows), NEVER, dtype=np.int64)
        if len(self._days):
            some, lengths, own = self._of(rows)
            if len(some):
                ends = np.where(own + self._per_days > np.repeat(days[some], lengths), own + self._per_days, NEVER)
                found[some] = np.minimum.reduceat(ends, np.cumsum(lengths) - lengths)
        return found
